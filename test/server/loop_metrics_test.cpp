#include "loop_metrics.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gatehouse/rules/host_check.hpp>

#include "connection_harness.hpp"

namespace gatehouse {
namespace {

using detail::server::latency_bounds;
using detail::server::loop_metrics;

/// Every series by its name and label values: "gatehouse_requests_total GET 2xx". Of a histogram the buckets, too.
std::map<std::string, double> series(const std::vector<metric_family>& families) {
  std::map<std::string, double> out;
  for (const metric_family& f : families) {
    for (const auto& s : f.samples) {
      std::string name = f.name;
      for (const auto& l : s.labels) name += ' ' + l.value;
      EXPECT_TRUE(out.emplace(name, s.value).second) << name << " is there twice";
      for (std::size_t i = 0; i < s.buckets.size(); ++i) {
        out[name + " bucket " + std::to_string(i)] = static_cast<double>(s.buckets[i].count);
      }
      if (f.what == metric_family::kind::histogram) out[name + " count"] = static_cast<double>(s.count);
    }
  }
  return out;
}

std::map<std::string, double> counted(std::initializer_list<const loop_metrics*> loops,
                                      const std::vector<std::string>& routes = {"none", "other", "/a"}) {
  std::vector<metric_family> out;
  loop_metrics::collect(std::vector<const loop_metrics*>(loops), routes, out);
  return series(out);
}

/// Only what is not zero.
std::map<std::string, double> something(std::map<std::string, double> all) {
  std::erase_if(all, [](const auto& s) { return s.second == 0; });
  return all;
}

struct ended_exchange {
  exchange e;
  outcome o{.answered = status::ok};
  route_info route{.pattern = "/a", .number = 2};
  ended_exchange() {
    e.request.verb = method::get;
    e.route = &route;
  }
  void took(std::chrono::nanoseconds t) { o.ended = e.began + std::chrono::duration_cast<steady_time::duration>(t); }
};

TEST(loop_metrics, sums_what_each_loop_counted) {
  loop_metrics a;
  loop_metrics b;
  ended_exchange x;
  x.o.request_body_bytes = 5;
  x.o.response_body_bytes = 7;
  x.took(std::chrono::milliseconds{2});
  a.began();
  a.began();
  a.ended(x.e, x.o);
  b.began();
  b.ended(x.e, x.o);
  std::map<std::string, double> want{
      {"gatehouse_requests_total GET 2xx", 2},         {"gatehouse_requests_in_progress", 1},
      {"gatehouse_route_requests_total /a 2xx", 2},    {"gatehouse_request_duration_seconds", 0.004},
      {"gatehouse_request_duration_seconds count", 2}, {"gatehouse_request_content_bytes_total", 10},
      {"gatehouse_response_content_bytes_total", 14}};
  for (std::size_t i = 4; i < latency_bounds.size(); ++i) {  // up to 2.5 ms, and all above
    want["gatehouse_request_duration_seconds bucket " + std::to_string(i)] = 2;
  }
  EXPECT_EQ(something(counted({&a, &b})), want);
}

TEST(loop_metrics, each_bound_belongs_to_its_bucket) {
  for (std::size_t i = 0; i < latency_bounds.size(); ++i) {
    loop_metrics m;
    ended_exchange x;
    x.took(latency_bounds[i]);
    m.ended(x.e, x.o);
    x.took(latency_bounds[i] + std::chrono::nanoseconds{1});
    m.ended(x.e, x.o);
    const auto all = counted({&m});
    EXPECT_EQ(all.at("gatehouse_request_duration_seconds bucket " + std::to_string(i)), 1) << i;
    EXPECT_EQ(all.at("gatehouse_request_duration_seconds count"), 2) << i;
  }
  loop_metrics m;
  ended_exchange x;
  x.took(-std::chrono::seconds{1});  // a clock of a test may do that; a sum must not turn around
  m.ended(x.e, x.o);
  EXPECT_EQ(counted({&m}).at("gatehouse_request_duration_seconds"), 0);
}

TEST(loop_metrics, tells_how_it_ended) {
  loop_metrics m;
  ended_exchange x;
  x.e.request.verb = method::unknown;
  x.e.route = nullptr;
  x.o = {.answered = status::ok, .aborted = true, .unanswered = true};
  x.e.why = reason::http_client_closed;
  m.ended(x.e, x.o);
  x.o = {.answered = static_cast<status>(599)};
  x.e.why = reason::none;
  x.e.would_refuse = reason::http_host_not_allowed;
  x.e.trace.add(
      {.rule = "host_check", .what = decision_trace::verdict::would_refuse, .why = reason::http_host_not_allowed});
  x.e.trace.add({.rule = "limits", .what = decision_trace::verdict::would_refuse, .why = reason::limit_body_too_large});
  m.ended(x.e, x.o);
  auto all = something(counted({&m}));
  std::erase_if(all, [](const auto& s) { return s.first.find("duration") != std::string::npos; });
  const std::map<std::string, double> want{{"gatehouse_requests_total other none", 1},
                                           {"gatehouse_requests_total other 5xx", 1},
                                           {"gatehouse_route_requests_total none none", 1},
                                           {"gatehouse_route_requests_total none 5xx", 1},
                                           {"gatehouse_requests_aborted_total", 1},
                                           {"gatehouse_decisions_total refused http.client-closed", 1},
                                           {"gatehouse_decisions_total would_refuse http.host-not-allowed", 1},
                                           {"gatehouse_decisions_total would_refuse limit.body-too-large", 1}};
  EXPECT_EQ(all, want);
}

TEST(loop_metrics, answers_without_a_type_by_route) {
  loop_metrics m;
  ended_exchange x;
  m.ended(x.e, x.o);
  x.e.was_untyped = true;
  m.ended(x.e, x.o);
  EXPECT_EQ(counted({&m}).at("gatehouse_untyped_answers_total /a"), 1);
  EXPECT_EQ(counted({&m}).at("gatehouse_untyped_answers_total none"), 0);
}

TEST(loop_metrics, cross_origin_requests_by_route_and_reason) {
  loop_metrics m;
  ended_exchange x;
  x.e.route = nullptr;
  x.o = {.answered = status::ok};
  x.e.denied = {.why = reason::cors_origin_not_allowed, .of_upstream = true};
  m.ended(x.e, x.o);
  x.e.why = reason::cors_header_not_allowed;
  x.e.denied = {.why = reason::cors_header_not_allowed};
  m.ended(x.e, x.o);
  auto all = something(counted({&m}));
  std::erase_if(all, [](const auto& s) { return s.first.find("cors") == std::string::npos; });
  const std::map<std::string, double> want{{"gatehouse_cors_denied_total none cors.header-not-allowed", 1},
                                           {"gatehouse_cors_denied_total none cors.origin-not-allowed", 1},
                                           {"gatehouse_cors_upstream_fields_total none", 1},
                                           {"gatehouse_decisions_total refused cors.header-not-allowed", 1},
                                           {"gatehouse_decisions_total unreadable cors.origin-not-allowed", 1}};
  EXPECT_EQ(all, want);
}

TEST(loop_metrics, what_a_policy_that_is_tried_would_change_by_route) {
  loop_metrics m;
  ended_exchange x;
  for (const cors_change change : {cors_change::none, cors_change::same, cors_change::would_deny,
                                   cors_change::would_deny, cors_change::would_allow}) {
    x.e.next_cors = change;
    m.ended(x.e, x.o);
  }
  auto all = something(counted({&m}));
  std::erase_if(all, [](const auto& s) { return s.first.find("cors") == std::string::npos; });
  const std::map<std::string, double> want{{"gatehouse_cors_next_total /a same", 1},
                                           {"gatehouse_cors_next_total /a would_deny", 2},
                                           {"gatehouse_cors_next_total /a would_allow", 1}};
  EXPECT_EQ(all, want);
}

TEST(loop_metrics, what_has_not_happened_is_there_as_zero) {
  const loop_metrics m;
  const auto all = counted({&m});
  EXPECT_TRUE(something(all).empty());
  for (const char* name : {"gatehouse_requests_total GET 5xx", "gatehouse_route_requests_total /a 4xx",
                           "gatehouse_decisions_total refused limit.body-too-large",
                           "gatehouse_decisions_total would_refuse http.not-found"}) {
    EXPECT_EQ(all.count(name), 1U) << name;
  }
  EXPECT_EQ(all.count("gatehouse_decisions_total refused none"), 0U);
}

TEST(route_numbers, a_pattern_keeps_its_number_and_those_too_many_share_one) {
  route_numbers n;
  const std::uint16_t first = n.number_of("/first");
  EXPECT_EQ(first, 2);
  for (std::size_t i = 1; i < max_counted_routes; ++i) {
    EXPECT_EQ(n.number_of("/" + std::to_string(i)), static_cast<std::uint16_t>(i + 2));
  }
  EXPECT_EQ(n.number_of("/one more"), route_numbers::other);
  EXPECT_EQ(n.number_of("/first"), first);
  // As labels these are other words than the patterns of routes, which begin with "/" or "*".
  EXPECT_NE(n.number_of("other"), route_numbers::no_route);
  EXPECT_EQ(n.patterns().size(), route_numbers::count);
  EXPECT_EQ(n.patterns()[first], "/first");
}

TEST(worker_metrics, count_requests_of_the_wire_whatever_becomes_of_them) {
  auto routes = std::make_shared<test::test_routes>();
  routes->add("/hello", std::make_unique<test::on_call>(content_need{}, [](call& c) { c.respond("hello"); }));
  test::harness h{routes};
  const auto now = [&] {
    const loop_metrics* const m = h.worker().metrics();
    return something(counted({m}));
  };
  test::client c = h.connect();
  c.send(
      "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"
      "BREW /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(h.receive_end(c)) << c.received;
  EXPECT_EQ(now()["gatehouse_requests_total GET 2xx"], 1);
  EXPECT_EQ(now()["gatehouse_requests_total other 5xx"], 1);
  EXPECT_EQ(now()["gatehouse_decisions_total refused http.unknown-method"], 1);
  EXPECT_EQ(now()["gatehouse_response_content_bytes_total"] >= 5, true);
  EXPECT_EQ(now().count("gatehouse_requests_in_progress"), 0U);

  test::client late = h.connect();
  late.send("GET /hello HTTP/1.1\r\n");
  h.settle();
  h.pass(milliseconds{60'000});
  EXPECT_EQ(now()["gatehouse_decisions_total refused limit.head-timeout"], 1);
}

}  // namespace
}  // namespace gatehouse
