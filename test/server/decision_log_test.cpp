#include <gatehouse/server/decision_log.hpp>

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <gatehouse/base/internal_limits.hpp>
#include <gatehouse/http/problem.hpp>

#include "access_log_kit.hpp"
#include "malloc_counter.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using phase = decision_trace::phase;
using verdict = decision_trace::verdict;
using test::noon;

/// An exchange that simply passed; rows change what they are about.
struct finished : test::finished {
  finished() {
    o.response_body_bytes = 0;
    e.trace.add({.rule = "request_id"});
  }
  /// A rule refused it.
  finished& refused(reason why, std::string_view rule, gatehouse::status s) {
    e.trace.add({.rule = rule, .what = verdict::refuse, .why = why});
    e.why = why;
    o.answered = s;
    return *this;
  }
  /// A rule that only watches would have.
  finished& watched() {
    e.trace.add({.rule = "host_check", .what = verdict::would_refuse, .why = reason::http_host_not_allowed});
    e.would_refuse = reason::http_host_not_allowed;
    return *this;
  }
};

std::vector<decision> kept_of(const finished& f) {
  decision_log log;
  log.record(f.e, f.o);
  return log.recent({});
}

TEST(decision_log, a_refusal_is_kept_with_every_step) {
  finished f;
  f.e.request.query = "page=2&token=SECRET&BARESECRET";
  f.e.request.authority = *authority::parse("evil.example");
  ASSERT_TRUE(f.e.request.fields.append(field::authorization, "Bearer SECRET"));
  f.refused(reason::http_host_not_allowed, "host_check", status::misdirected_request);
  const auto all = kept_of(f);
  ASSERT_EQ(all.size(), 1U);
  const decision& d = all[0];
  EXPECT_EQ(d.id, "5e0f5b6e-0000-4000-8000-000000000001");
  EXPECT_EQ(d.began, noon);
  EXPECT_EQ(d.took, 1500us);
  EXPECT_EQ(d.client, *ip_address::parse("192.0.2.7"));
  EXPECT_EQ(d.method, "GET");
  EXPECT_EQ(d.path, "/notes");
  EXPECT_EQ(d.query_keys, "page&token&-");
  EXPECT_EQ(d.route, "/*");
  EXPECT_EQ(d.status, 421);
  EXPECT_EQ(d.why, reason::http_host_not_allowed);
  EXPECT_FALSE(d.would_refuse);
  EXPECT_EQ(d.particulars, "Host evil.example");
  EXPECT_EQ(d.fix, "hosts = [\"evil.example\"]");
  EXPECT_NE(d.because.find("DNS rebinding"), std::string::npos);
  ASSERT_EQ(d.steps.size(), 2U);
  EXPECT_EQ(d.steps[0].rule, "request_id");
  EXPECT_EQ(d.steps[0].what, verdict::pass);
  EXPECT_EQ(d.steps[1].rule, "host_check");
  EXPECT_EQ(d.steps[1].when, phase::request);
  EXPECT_EQ(d.steps[1].what, verdict::refuse);
  EXPECT_EQ(d.steps[1].why, reason::http_host_not_allowed);
}

TEST(decision_log, what_is_kept) {
  struct row {
    const char* name;
    void (*change)(finished&);
    bool kept;
  };
  constexpr row rows[] = {
      {"passed", [](finished&) {}, false},
      {"a redirect", [](finished& f) { f.o.answered = status::found; }, false},
      {"refused", [](finished& f) { f.refused(reason::http_not_found, "route", status::not_found); }, true},
      {"a rule that watches", [](finished& f) { f.watched(); }, true},
      {"the upstream's own 404", [](finished& f) { f.o.answered = status::not_found; }, true},
      {"cut off", [](finished& f) { f.o.aborted = true; }, true},
      {"replaced",
       [](finished& f) {
         f.e.why = reason::upstream_error_replaced;
         f.o.answered = status::bad_gateway;
       },
       true},
  };
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    finished f;
    r.change(f);
    EXPECT_EQ(kept_of(f).size(), r.kept ? 1U : 0U);
  }
}

TEST(decision_log, a_watching_rule_gives_its_reason) {
  finished f;
  f.watched();
  const auto all = kept_of(f);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_TRUE(all[0].would_refuse);
  EXPECT_EQ(all[0].why, reason::http_host_not_allowed);
  EXPECT_EQ(all[0].status, 200);
}

TEST(decision_log, queries) {
  decision_log log;
  for (int i = 0; i < 10; ++i) {
    finished f;
    const std::string id = "id-" + std::to_string(i) + "-of-ten";
    f.e.id = id;
    f.e.began_at = noon + std::chrono::seconds{i};
    f.refused(i % 2 == 0 ? reason::http_not_found : reason::limit_body_too_large, "x", status::not_found);
    log.record(f.e, f.o);
  }
  EXPECT_EQ(log.recent({}).size(), 10U);
  EXPECT_EQ(log.recent({}).front().id, "id-9-of-ten");
  EXPECT_EQ(log.recent({.limit = 3}).back().id, "id-7-of-ten");
  EXPECT_EQ(log.recent({.limit = 0}).size(), 0U);
  const auto not_found = log.recent({.limit = 2, .why = reason::http_not_found});
  ASSERT_EQ(not_found.size(), 2U);
  EXPECT_EQ(not_found[0].id, "id-8-of-ten");
  EXPECT_EQ(not_found[1].id, "id-6-of-ten");
  EXPECT_EQ(log.recent({.since = noon + 7s}).size(), 3U);
  EXPECT_EQ(log.find("id-4", 5).size(), 1U);
  EXPECT_EQ(log.find("id-", 2).size(), 2U);
  EXPECT_EQ(log.find("nobody", 2).size(), 0U);
}

TEST(decision_log, threads_have_their_own_rings_and_are_read_together) {
  decision_log log;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&log, t] {
      finished f;
      f.e.began_at = noon + std::chrono::seconds{t};
      f.refused(reason::http_not_found, "route", status::not_found);
      log.record(f.e, f.o);
    });
  }
  for (std::thread& t : threads) t.join();
  const auto all = log.recent({});
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].began, noon + 2s);
  EXPECT_EQ(all[2].began, noon);
}

TEST(decision_log, it_is_bounded_and_a_warm_refusal_allocates_nothing) {
  decision_log log;
  finished f;
  f.refused(reason::http_not_found, "route", status::not_found);
  log.record(f.e, f.o);
  const test::malloc_counter here;
  for (int i = 0; i < 50'000; ++i) {
    f.e.began_at += 1ms;
    log.record(f.e, f.o);
  }
  EXPECT_EQ(here.count(), 0U);
  const auto all = log.recent({.limit = 1'000'000});
  EXPECT_GT(all.size(), decision_ring_bytes / 1'024);
  EXPECT_LT(all.size(), decision_ring_bytes / 64);
  EXPECT_EQ(all.front().began, f.e.began_at);
}

TEST(decision_log, the_longest_of_everything_is_kept_cut) {
  finished f;
  const std::string long_text(5'000, 'x');
  f.e.id = f.e.request.method_text = f.e.request.path = long_text;
  f.e.request.query = long_text;
  for (std::size_t i = 0; i < max_trace_entries + 3; ++i) {
    f.e.trace.add({.rule = long_text, .what = verdict::would_refuse, .why = reason::http_host_not_allowed});
  }
  f.e.would_refuse = reason::http_host_not_allowed;
  const auto all = kept_of(f);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].path.size(), 512U);
  EXPECT_EQ(all[0].steps.size(), max_trace_entries);
  EXPECT_EQ(all[0].steps.back().rule.size(), 32U);
  EXPECT_EQ(all[0].dropped_steps, 4U);
}

TEST(decision_log, a_refusal_in_words) {
  finished f;
  f.e.request.path = "/\x1b[2J";
  f.e.request.query = "a=1";
  f.e.request.authority = *authority::parse("evil.example");
  f.refused(reason::http_host_not_allowed, "host_check", status::misdirected_request);
  EXPECT_EQ(to_words(kept_of(f).front()), R"(GET /\x1b[2J?a=… from 192.0.2.7
  2023-11-15T12:00:00.000Z  id 5e0f5b6e-0000-4000-8000-000000000001
  answered with 421

  request_id        passed
  host_check        REFUSED  http.host-not-allowed

  what  http.host-not-allowed: This server does not answer for the requested host.
        Host evil.example
  why   a page that points its own name at this address (DNS rebinding) must not reach the API
  fix   hosts = ["evil.example"]
  route /*
  took  1.5 ms, 0 bytes in, 0 bytes out
)");
}

TEST(decision_log, who_answered_in_words) {
  finished own;
  own.o.answered = status::not_found;
  EXPECT_NE(to_words(decision_of(own.e, own.o)).find("passed every rule; the 404 is the API's own"), std::string::npos);
  finished watched;
  watched.watched();
  const std::string words = to_words(decision_of(watched.e, watched.o));
  EXPECT_NE(words.find("passed (200); without report_only it would have been refused"), std::string::npos) << words;
  EXPECT_NE(words.find("would refuse (report_only)  http.host-not-allowed"), std::string::npos) << words;
  decision imagined;
  EXPECT_NE(to_words(imagined).find("passes: it goes to what stands behind the route"), std::string::npos);
}

TEST(decision_log, a_refusal_as_json) {
  finished f;
  f.e.request.query = "a=1&b=2";
  f.refused(reason::http_not_found, "route", status::not_found);
  EXPECT_EQ(to_json(kept_of(f).front()),
            R"({"id":"5e0f5b6e-0000-4000-8000-000000000001","time":"2023-11-15T12:00:00.000Z","client":"192.0.2.7",)"
            R"("method":"GET","path":"/notes","query":["a","b"],"route":"/*","status":404,"reason":"http.not-found",)"
            R"("title":")" +
                std::string{public_title(reason::http_not_found)} +
                R"(","aborted":false,"duration_ms":1.5,"bytes_in":0,"bytes_out":0,"steps":[)"
                R"({"rule":"request_id","phase":"request","verdict":"pass"},)"
                R"({"rule":"route","phase":"request","verdict":"refuse","reason":"http.not-found"}]})");
  EXPECT_EQ(to_json(std::vector<decision>{}), R"({"decisions":[]})");
}

TEST(decision_log, reasons_are_found_by_their_codes) {
  for (std::size_t i = 0; i < reason_count; ++i) {
    const auto r = static_cast<reason>(i);
    EXPECT_EQ(reason_from_code(code(r)), r);
  }
  EXPECT_FALSE(reason_from_code("http.nothing"));
}

TEST(decision_log, an_exchange_that_passed_can_be_shown_as_well) {
  const finished f;
  const decision d = decision_of(f.e, f.o);
  EXPECT_EQ(d.why, reason::none);
  EXPECT_EQ(d.status, 200);
  ASSERT_EQ(d.steps.size(), 1U);
  EXPECT_EQ(d.fix, "");
}

}  // namespace
}  // namespace gatehouse
