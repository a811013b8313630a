// What must hold for every answer, whatever was asked and whatever stands behind: the invariants of spec/cors.md
// section 7, tried with policies, requests and answers made up at random.
#include <gmock/gmock.h>

#include <map>

#include <gatehouse/http/grammar.hpp>
#include <gatehouse/rules/refusal.hpp>

#include "cors_kit.hpp"
#include "dice.hpp"
#include "guard_page.hpp"

namespace gatehouse {
namespace {

using test::dice;

constexpr std::size_t readable = std::size_t{16} * 1024;  // more than any budget of these policies
constexpr std::size_t claimed = std::size_t{1024} * 1024;

// What only the request says has the mark: it must not come back.
constexpr std::string_view mark = "zq7";
constexpr std::string_view origins[] = {"https://app.example.com",        "https://a.example.com",
                                        "http://localhost:5173",          "https://zq7.example.net",
                                        "https://zq7.evil@a.example.com", "null",
                                        "https://zq7.com#.example.com",   "zq7",
                                        "http://localhost:zq7",           ""};
constexpr std::string_view methods[] = {"GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "HEAD"};
constexpr std::string_view asked_methods[] = {"PUT", "GET", "zq7", "put", "", "PATCH", "PU T"};
constexpr std::string_view asked_headers[] = {"content-type", "x-zq7", "X-A,content-type", "", "authorization",
                                              ",,zq7",        "x a"};
constexpr std::string_view behind_names[] = {"Access-Control-Allow-Origin",
                                             "access-control-allow-credentials",
                                             "Vary",
                                             "Access-Control-Expose-Headers",
                                             "Timing-Allow-Origin",
                                             "Access-Control-Max-Age",
                                             "Access-Control-Allow-Private-Network",
                                             "ETag",
                                             "X-Own"};
constexpr std::string_view behind_values[] = {"*", "true", "https://evil.example", "Accept, Origin", "Origin", "null",
                                              "",  "x"};

cors_config make_policy(dice& d) {
  cors_config c;
  c.methods = d.one_in(2) ? std::vector<std::string>{"PUT"} : std::vector<std::string>{};
  c.request_headers = d.one_in(3) ? std::vector<std::string>{"*"} : std::vector<std::string>{"content-type", "x-a"};
  c.timing = d.one_in(2);
  c.enforce = d.one_in(3);
  constexpr std::string_view disclosures[] = {"full", "minimal", "stepwise"};
  c.disclose = d.pick(disclosures);
  c.preflight_status = d.one_in(2) ? 204 : 200;
  if (d.one_in(4)) {
    c.origins = {"*"};
    return c;
  }
  c.credentials = d.one_in(2);
  c.origins = {"https://app.example.com"};
  if (d.one_in(2)) c.origins.emplace_back("https://*.b.example.com");
  if (d.one_in(2)) c.origins.emplace_back("http://localhost:*");
  if (d.one_in(2)) c.expose_headers = {"etag"};
  return c;
}

test::asked make_request(dice& d) {
  test::asked a{.method = d.pick(methods)};
  if (!d.one_in(6)) a.lines.emplace_back("Origin", d.pick(origins));
  if (d.one_in(12)) a.lines.emplace_back("Origin", d.pick(origins));
  if (d.one_in(2)) a.lines.emplace_back("Access-Control-Request-Method", d.pick(asked_methods));
  for (std::size_t i = d.below(3); i > 0; --i)
    a.lines.emplace_back("Access-Control-Request-Headers", d.pick(asked_headers));
  if (d.one_in(8)) a.lines.emplace_back("Sec-Fetch-Site", d.one_in(2) ? "same-origin" : "cross-site");
  if (d.one_in(4)) a.lines.emplace_back("Vary", "X-zq7");
  return a;
}

struct lived {
  cors_decision decided;
  std::map<std::string, std::vector<std::string>> sent;
  bool answered_here = false;
};

lived live(const policy& rules, const cors_policy& same, dice& d, const test::asked& a) {
  static test::test_exchange x;
  static response_head head;
  lived out;
  x.reset();
  x.e.rules = &rules;
  test::put(a, x.e);
  out.decided = same.check(x.e.request, {});
  head.clear();
  std::size_t at = 0;
  const step s = rules.request(x.e, at);
  if (s.what() == step::kind::refuse) {
    (void)refuse_with_problem(x.e, s.why(), head);
  } else if (s.what() == step::kind::answer) {
    head.status(s.answered());
    x.e.source = response_source::gatehouse;
  } else {
    constexpr unsigned statuses[] = {200, 204, 301, 304, 400, 401, 404, 413, 429, 500, 502, 503};
    head.status(static_cast<status>(d.pick(statuses)));
    x.e.source = d.one_in(3) ? response_source::handler : response_source::upstream;
    for (std::size_t i = d.one_in(20) ? max_field_lines : d.below(6); i > 0; --i) {
      (void)head.append(d.pick(behind_names), d.pick(behind_values));
    }
  }
  out.answered_here = s.what() != step::kind::pass;
  (void)rules.finalise(x.e, head);
  for (const std::string& line : test::sent_fields(head)) {
    const std::size_t colon = line.find(": ");
    out.sent[line.substr(0, colon)].push_back(line.substr(colon + 2));
  }
  rules.finish(x.e, {});
  return out;
}

bool names(const std::vector<std::string>& vary, std::string_view wanted) {
  bool found = false;
  for (const std::string& line : vary) {
    grammar::for_each_element(line, [&](std::string_view e) {
      found = found || e == "*" || ascii::equal_ignoring_case(e, wanted);
      return true;
    });
  }
  return found;
}

/// As a browser asks it: methods with their case.
bool lists(const std::vector<std::string>& lines, std::string_view wanted, bool with_case) {
  bool found = false;
  for (const std::string& line : lines) {
    grammar::for_each_element(line, [&](std::string_view e) {
      found = found || (with_case ? e == wanted : ascii::equal_ignoring_case(e, wanted));
      return true;
    });
  }
  return found;
}

TEST(cors_invariants_test, hold_for_every_answer) {
  dice d(20'260'131);
  std::size_t allowed = 0;
  for (int p = 0; p < 200; ++p) {
    const cors_config c = make_policy(d);
    const auto rules = test::make_policy({cors(c)});
    const auto same = test::make_cors(c);
    const bool any = c.origins.front() == "*";
    for (int i = 0; i < 200; ++i) {
      const test::asked a = make_request(d);
      const lived r = live(*rules, *same, d, a);
      SCOPED_TRACE(std::to_string(p) + '.' + std::to_string(i));
      const auto has = [&](const char* name) { return r.sent.contains(name); };
      const bool preflight = r.decided.what == cors_decision::kind::preflight;
      // I1: readable exactly by who is allowed ("*" stands on everything that is no preflight's).
      // A preflight that fails step by step has the fields, and lists in which what it asked for is not.
      const bool failed_late = preflight && c.disclose == "stepwise" &&
                               (r.decided.why == reason::cors_method_not_allowed ||
                                r.decided.why == reason::cors_header_not_allowed);
      ASSERT_EQ(has("access-control-allow-origin"), r.decided.allowed() || (any && !preflight) || failed_late);
      if (failed_late) {
        const bool method = r.decided.why == reason::cors_method_not_allowed;
        const char* const list = method ? "access-control-allow-methods" : "access-control-allow-headers";
        ASSERT_FALSE(lists(r.sent.at(list), r.decided.denied, method));
      }
      if (has("access-control-allow-origin")) {
        ++allowed;
        ASSERT_EQ(r.sent.at("access-control-allow-origin").front(), any ? "*" : std::string{r.decided.origin});
      }
      // I2: credentials only for an origin by its name.
      if (has("access-control-allow-credentials")) {
        ASSERT_TRUE(c.credentials && has("access-control-allow-origin") && !any);
      }
      for (const auto& [name, values] : r.sent) {
        // I3: nothing comes back that was not on a list.
        for (const std::string& value : values) ASSERT_EQ(value.find(mark), std::string::npos) << name << ": " << value;
        // I4: one line of each, whatever stands behind.
        const bool ours = name.starts_with("access-control-") || name == "timing-allow-origin" || name == "vary";
        if (ours && name != "vary") {
          ASSERT_EQ(values.size(), 1U) << name;
        }
        if (name == "vary" && !any) {
          ASSERT_EQ(values.size(), 1U);
        }
      }
      ASSERT_FALSE(has("access-control-allow-private-network"));
      ASSERT_TRUE(!has("timing-allow-origin") || (c.timing && has("access-control-allow-origin")));
      // I5: Vary says so wherever the answer depends on the origin, and we say so nowhere else.
      const auto vary = has("vary") ? r.sent.at("vary") : std::vector<std::string>{};
      if (!any) {
        ASSERT_TRUE(names(vary, "Origin"));
      }
      if (any && r.answered_here) {
        ASSERT_FALSE(names(vary, "Origin"));
      }
      ASSERT_TRUE(!preflight || !r.answered_here || names(vary, "Access-Control-Request-Method"));
    }
  }
  EXPECT_GT(allowed, 5'000U);
}

/// `pattern` again and again, up to where nothing may be read; the text claims to go on for a mebibyte.
std::string_view endless(test::guard_page& page, std::string_view begin, std::string_view pattern) {
  std::string text{begin};
  while (text.size() + pattern.size() <= readable) text += pattern;
  text.resize(readable, pattern.front());
  return {page.place(text).data(), claimed};
}

// I6: what is looked at of a request is bounded by the configuration. Who reads on, dies.
TEST(cors_invariants_test, of_endless_fields_only_the_beginning_is_read) {
  struct endless_field {
    const char* name;
    std::string_view begin, pattern;
  };
  constexpr endless_field fields[] = {
      {"Origin", "", "a"},
      {"Origin", "https://", "a"},
      {"Origin", "https://", "a."},
      {"Origin", "https://app.example.com", "/"},
      {"Origin", "https://app.example.com:", "8"},
      {"Origin", "", "://"},
      {"Access-Control-Request-Method", "", "P"},
      {"Access-Control-Request-Method", "PUT", " "},
      {"Access-Control-Request-Headers", "", ","},
      {"Access-Control-Request-Headers", "", " "},
      {"Access-Control-Request-Headers", "content-type", ",x-a"},
      {"Access-Control-Request-Headers", "", "a"},
      {"Access-Control-Request-Headers", "content-type,", "\t"},
  };
  dice d(6);
  test::guard_page page(readable);
  for (int p = 0; p < 200; ++p) {
    const cors_config c = make_policy(d);
    const auto policy = test::make_cors(c);
    for (const endless_field& f : fields) {
      SCOPED_TRACE(f.name + std::string{": "} + std::string{f.begin} + std::string{f.pattern});
      test::asked a{.method = "OPTIONS", .lines = {{f.name, endless(page, f.begin, f.pattern)}}};
      const std::string_view name = f.name;
      if (name != "Origin") a.lines.emplace_back("Origin", "https://app.example.com");
      if (name != "Access-Control-Request-Method") a.lines.emplace_back("Access-Control-Request-Method", "PUT");
      const cors_decision decided = test::decide(*policy, a);
      // With "*" nobody needs to look at an Origin.
      const bool is_unread = name == "Origin" && c.origins.front() == "*";
      EXPECT_EQ(decided.allowed(), is_unread);
      if (decided.why != reason::none) (void)policy->explain(decided);
    }
  }
}

}  // namespace
}  // namespace gatehouse
