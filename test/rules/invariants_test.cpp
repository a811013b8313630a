// What must hold for every response there is, whatever came in: tried with requests and responses made up at random.
#include <gmock/gmock.h>

#include <map>

#include <gatehouse/rules/refusal.hpp>

#include "dice.hpp"
#include "malloc_counter.hpp"
#include "rules_kit.hpp"

namespace gatehouse {
namespace {

using test::dice;

constexpr std::string_view hosts[] = {"api.example.com", "localhost:8443", "127.0.0.1", "evil.example", "", "a b"};
constexpr std::string_view peers[] = {"203.0.113.9", "10.0.0.9", "127.0.0.1", "2001:db8::9", "fd00::1"};
constexpr std::string_view values[] = {
    "",   "x",  "nosniff", "max-age=1", "default-src 'self'", "198.51.100.1", "for=10.0.0.1", "https", "same-origin",
    ",,", "\"", "a, b"};
constexpr std::string_view names[] = {"X-Forwarded-For",
                                      "Forwarded",
                                      "X-Forwarded-Proto",
                                      "X-Request-Id",
                                      "Server",
                                      "X-Content-Type-Options",
                                      "X-Frame-Options",
                                      "Referrer-Policy",
                                      "Cache-Control",
                                      "Content-Security-Policy",
                                      "Strict-Transport-Security",
                                      "Cross-Origin-Resource-Policy",
                                      "Cross-Origin-Opener-Policy",
                                      "X-Own",
                                      "Content-Type",
                                      "X-AspNet-Version",
                                      "Expect-CT",
                                      "Content-Encoding",
                                      "Retry-After"};

void make_request(dice& d, exchange& e) {
  e.connection.peer = *ip_address::parse(d.pick(peers));
  e.connection.secure = d.one_in(2);
  e.connection.loopback_listener = d.one_in(3);
  e.clear();
  e.body_limit = 100;
  e.head_refused = d.one_in(6);
  e.request.authority = authority::parse(d.pick(hosts)).value_or(authority{});
  e.request.framing = {.how = body_framing::kind::length, .length = d.below(150)};
  for (std::size_t i = d.below(8); i > 0; --i) {
    const std::string_view name = d.pick(names);
    ASSERT_TRUE(e.request.fields.append(find_field(name), name, d.pick(values)).has_value());
  }
}

void make_response(dice& d, exchange& e, response_head& head) {
  constexpr response_source sources[] = {response_source::handler, response_source::upstream,
                                         response_source::gatehouse};
  constexpr unsigned statuses[] = {101, 103, 200, 204, 206, 301, 304, 404, 405, 500, 502, 503, 599};
  e.source = d.pick(sources);
  head.status(static_cast<status>(d.pick(statuses)));
  for (std::size_t i = d.one_in(20) ? max_field_lines : d.below(12); i > 0; --i)
    (void)head.append(d.pick(names), d.pick(values));
}

/// The whole life of an exchange; what is left in `head` is what would be sent.
void live(const policy& rules, dice& d, exchange& e, response_head& head) {
  head.clear();
  std::size_t at = 0;
  if (e.head_refused) {
    (void)refuse_with_problem(e, reason::http_invalid_field_name, head);
  } else if (const step s = rules.request(e, at); s.what() == step::kind::refuse) {
    (void)refuse_with_problem(e, s.why(), head);
  } else {
    make_response(d, e, head);
  }
  (void)rules.finalise(e, head);
  rules.finish(e, {});
}

std::map<std::string, std::vector<std::string>> by_name(const response_head& head) {
  std::map<std::string, std::vector<std::string>> out;
  for (const std::string& line : test::sent_fields(head)) {
    const std::size_t colon = line.find(": ");
    out[line.substr(0, colon)].push_back(line.substr(colon + 2));
  }
  return out;
}

constexpr const char* single_valued[] = {"x-content-type-options",       "x-frame-options",
                                         "strict-transport-security",    "x-request-id",
                                         "cross-origin-resource-policy", "cross-origin-opener-policy"};
constexpr const char* always_there[] = {"x-content-type-options",
                                        "x-frame-options",
                                        "referrer-policy",
                                        "content-security-policy",
                                        "cross-origin-resource-policy",
                                        "cross-origin-opener-policy",
                                        "cache-control",
                                        "x-request-id"};

TEST(invariants_test, every_response_has_the_headers_and_single_valued_ones_once) {
  const auto rules = test::make_policy(test::standard_set_with(client_ip({.trusted_proxies = {"10.0.0.0/8"}})));
  test::test_exchange x;
  response_head head;
  dice d(1);
  for (int i = 0; i < 20'000; ++i) {
    make_request(d, x.e);
    live(*rules, d, x.e, head);
    const auto sent = by_name(head);
    SCOPED_TRACE(i);
    for (const char* name : always_there) ASSERT_TRUE(sent.contains(name)) << name;
    for (const char* name : single_valued) ASSERT_LE(sent.contains(name) ? sent.at(name).size() : 0, 1U) << name;
    ASSERT_EQ(sent.at("x-content-type-options").front(), "nosniff");
    ASSERT_EQ(sent.at("x-request-id").front(), x.e.id);
    const bool secure = x.e.client_secure || x.e.connection.secure;
    ASSERT_EQ(sent.contains("strict-transport-security"), may_send_strict_transport(secure, x.e.request.authority));
    if (x.e.source == response_source::gatehouse) continue;  // its fields are our own: none is put there to be removed
    for (const char* gone : {"server", "x-aspnet-version", "expect-ct"}) ASSERT_FALSE(sent.contains(gone)) << gone;
  }
}

TEST(invariants_test, report_only_never_refuses_and_decides_the_same) {
  const std::vector<std::string> accepted{"api.example.com"};
  const auto enforcing = test::make_policy({host_check({.hosts = accepted})});
  const auto watching = test::make_policy({host_check({.hosts = accepted, .report_only = true})});
  test::test_exchange x;
  dice d(2);
  for (int i = 0; i < 2'000; ++i) {
    make_request(d, x.e);
    std::size_t at = 0;
    const bool refused = enforcing->request(x.e, at).what() == step::kind::refuse;
    x.e.trace.clear();
    ASSERT_EQ(watching->request(x.e, at = 0).what(), step::kind::pass);
    ASSERT_EQ(x.e.trace.begin()->what, refused ? decision_trace::verdict::would_refuse : decision_trace::verdict::pass);
  }
}

class counting_rule final : public rule {
 public:
  counting_rule(rule_order order, std::array<int, 2>& counts) : order_(order), counts_(counts) {}
  std::string_view name() const noexcept override { return "counting"; }
  rule_order order() const noexcept override { return order_; }
  step on_request(exchange&, slot&) const noexcept override { return ++counts_[0], step::pass(); }
  void on_finish(exchange&, slot&, const outcome&) const noexcept override { ++counts_[1]; }

 private:
  rule_order order_;
  std::array<int, 2>& counts_;
};

TEST(invariants_test, an_end_is_heard_exactly_once_by_those_who_heard_the_beginning) {
  std::array<std::array<int, 2>, 2> counts{};
  auto wanted = standard_set();
  const rule_order around[] = {rule_order::cors, rule_order::validation};  // both after host_check, which may refuse
  for (std::size_t i = 0; i < 2; ++i) {
    const rule_order order = around[i];
    wanted.emplace_back(order,
                        [order, &c = counts[i]](state_registry&) -> result<std::unique_ptr<const rule>, config_errors> {
                          return std::unique_ptr<const rule>(std::make_unique<const counting_rule>(order, c));
                        });
  }
  const auto rules = test::make_policy(wanted);
  test::test_exchange x;
  response_head head;
  dice d(3);
  int heard = 0;
  for (int i = 0; i < 5'000; ++i) {
    counts = {};
    make_request(d, x.e);
    live(*rules, d, x.e, head);
    rules->finish(x.e, {.aborted = true});
    for (const auto& [began, ended] : counts) {
      ASSERT_LE(began, 1);
      ASSERT_EQ(began, ended);
      heard += began;
    }
    if (x.e.head_refused) {
      ASSERT_EQ(counts[0][0], 0);
    }
  }
  EXPECT_GT(heard, 1'000);
}

TEST(invariants_test, a_warm_exchange_costs_no_allocation) {
  const auto rules = test::make_policy(test::standard_set_with(client_ip({.trusted_proxies = {"10.0.0.0/8"}})));
  test::test_exchange x;
  response_head head;
  dice d(4);
  for (int i = 0; i < 2'000; ++i) {
    make_request(d, x.e);
    const test::malloc_counter here;
    live(*rules, d, x.e, head);
    x.e.trace.clear();
    const auto allocations = here.count();
    ASSERT_EQ(allocations, 0U) << i;
  }
}

TEST(invariants_test, clearing_touches_little_of_an_exchange) {
  test::test_exchange x;
  x.e.id_text.fill('x');
  x.e.clear();
  // Not zeroed: what the counts say is dead is left alone.
  EXPECT_EQ(x.e.id_text.front(), 'x');
  const test::malloc_counter here;
  for (int i = 0; i < 1'000; ++i) x.e.clear();
  EXPECT_EQ(here.count(), 0U);
}

}  // namespace
}  // namespace gatehouse
