// A policy that is tried beside the one in force (spec/cors.md row 46): what it would change is told, and nothing comes
// of it.
#include <gmock/gmock.h>

#include "cors_kit.hpp"
#include "malloc_counter.hpp"

namespace gatehouse {
namespace {

using test::asked;
using test::test_exchange;

constexpr std::string_view app = "https://app.example.com";
constexpr std::string_view shop = "https://shop.example.com";
const cors_config only_app{.origins = {std::string{app}}, .methods = {"PUT"}, .request_headers = {"x-a"}};
const cors_config both{
    .origins = {std::string{app}, std::string{shop}}, .methods = {"PUT", "DELETE"}, .request_headers = {"x-a", "x-b"}};
const cors_config with_cookies{.origins = {std::string{app}}, .credentials = true};
const cors_config without_cookies{.origins = {std::string{app}}};
const cors_config nobody{};
const cors_config anybody{.origins = {"*"}};
const cors_config enforcing{.origins = {std::string{app}}, .enforce = true};
const cors_config watching{.origins = {std::string{app}}, .report_only = true};
const cors_config leaving_it_to_the_api{.upstream_headers = "pass"};

asked from(std::string_view origin) { return {.lines = {{"Origin", origin}}}; }
asked preflight(std::string_view origin, std::string_view method, std::string_view header = "x-a") {
  return {
      .method = "OPTIONS",
      .lines = {
          {"Origin", origin}, {"Access-Control-Request-Method", method}, {"Access-Control-Request-Headers", header}}};
}
asked with_cookie(asked a, std::string_view mode = "cors") {
  a.lines.emplace_back("Cookie", "sid=1");
  if (!mode.empty()) a.lines.emplace_back("Sec-Fetch-Mode", mode);
  return a;
}

struct row {
  const char* name;
  const cors_config& now;
  const cors_config& next;
  asked request;
  cors_change change = cors_change::same;
  reason why = reason::none;   // of would_deny
  std::string_view denied{};   // the method or field it is about
  std::string_view nearest{};  // the origin of `next` that is most like it
};

using enum cors_change;
const row rows[] = {
    {"no page asks", only_app, both, {}, none},
    {"our own page", only_app, nobody, {.lines = {{"Origin", app}, {"Sec-Fetch-Site", "same-origin"}}}},
    {"both allow", only_app, both, from(app)},
    {"both deny", only_app, both, from("https://evil.net")},
    {"it would allow another origin", only_app, both, from(shop), would_allow},
    {"it would deny an origin", both, only_app, from(shop), would_deny, reason::cors_origin_not_allowed, {}, app},
    {"nobody would", only_app, nobody, from(app), would_deny, reason::cors_origin_not_allowed},
    {"everybody would", only_app, anybody, from("https://evil.net"), would_allow},
    {"what no browser sends, of everybody", anybody, only_app, from("x"), would_deny, reason::cors_invalid_origin},
    {"a preflight of both", only_app, both, preflight(app, "PUT")},
    {"a method it would allow", only_app, both, preflight(app, "DELETE"), would_allow},
    {"a method it would deny", both, only_app, preflight(app, "DELETE"), would_deny, reason::cors_method_not_allowed,
     "DELETE"},
    {"a field it would allow", only_app, both, preflight(app, "PUT", "x-b"), would_allow},
    {"a field it would deny", both, only_app, preflight(app, "PUT", "x-b"), would_deny, reason::cors_header_not_allowed,
     "x-b"},
    {"denied for another reason by each", only_app, both, preflight(shop, "PATCH")},
    {"cookies that it would not take", with_cookies, without_cookies, with_cookie(from(app)), would_deny,
     reason::cors_credentials_not_allowed},
    {"cookies, of a browser that says no mode", with_cookies, without_cookies, with_cookie(from(app), ""), would_deny,
     reason::cors_credentials_not_allowed},
    {"cookies that it would take", without_cookies, with_cookies, with_cookie(from(app)), would_allow},
    {"no cookies, so nobody sees the difference", with_cookies, without_cookies, from(app)},
    {"a form carries cookies and reads nothing", with_cookies, without_cookies, with_cookie(from(app), "navigate")},
    {"a preflight never has cookies", with_cookies, without_cookies, preflight(app, "POST", "content-type")},
    {"what would get 403 is unreadable now", only_app, enforcing, from(shop)},
    {"the one in force only watches, too", watching, nobody, from(app), would_deny, reason::cors_origin_not_allowed},
};

struct told {
  cors_change change;
  reason would_refuse;
  friend bool operator==(const told&, const told&) = default;
  friend void PrintTo(const told& t, std::ostream* to) { *to << to_string(t.change) << ' ' << code(t.would_refuse); }
};

/// The status and fields of what is answered.
std::vector<std::string> answer_of(const policy& p, test_exchange& x) {
  std::size_t at = 0;
  const step s = p.request(x.e, at);
  x.e.why = s.why();
  response_head head;
  if (s.what() == step::kind::answer) head.status(s.answered());
  (void)p.finalise(x.e, head);
  std::vector<std::string> out = test::sent_fields(head);
  out.insert(out.begin(), std::to_string(number(head.status())) + ' ' + std::string{code(s.why())});
  return out;
}

TEST(cors_next, is_told_and_changes_nothing) {
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    const auto tried = test::make_policy({cors_even_for_nobody(r.now, r.next)});
    const auto alone = test::make_policy({cors_even_for_nobody(r.now)});
    test_exchange x;
    test::put(r.request, x.e);
    test_exchange y;
    test::put(r.request, y.e);
    EXPECT_EQ(answer_of(*tried, x), answer_of(*alone, y));
    EXPECT_EQ(x.e.denied.why, y.e.denied.why);
    EXPECT_EQ(x.e.standing, y.e.standing);
    EXPECT_EQ((told{x.e.next_cors, x.e.would_refuse}),
              (told{r.change, r.change == would_deny ? r.why : y.e.would_refuse}));
    EXPECT_EQ(y.e.next_cors, none);
    if (r.change != would_deny) continue;
    EXPECT_EQ(x.e.next_denied.why, r.why);
    EXPECT_EQ(x.e.next_denied.what, r.denied);
    EXPECT_EQ(x.e.next_denied.nearest, r.nearest);
    EXPECT_EQ(std::ranges::count(x.e.trace, std::string_view{"cors_next"}, &decision_trace::entry::rule), 1);
  }
}

TEST(cors_next, takes_no_heap) {
  const auto p = test::make_policy({cors(both, only_app)});
  test_exchange x;
  test::put(preflight(shop, "DELETE", "x-b"), x.e);
  (void)answer_of(*p, x);
  x.reset();
  test::put(preflight(shop, "DELETE", "x-b"), x.e);
  std::size_t at = 0;
  const test::malloc_counter counter;
  (void)p->request(x.e, at);
  EXPECT_EQ(counter.count(), 0U);
}

TEST(cors_next, mistakes_of_either_are_told_by_their_place) {
  state_registry states;
  const cors_config wrong_now{.origins = {"https://app.example.com/"}};
  const cors_config wrong_next{.origins = {"HTTPS://app.example.com", "https://a.example"}, .methods = {"get"}};
  const auto made = cors(wrong_now, wrong_next).make(states);
  ASSERT_FALSE(made);
  std::vector<std::string> keys;
  for (const config_error& e : made.error()) keys.push_back(e.key);
  EXPECT_THAT(keys, testing::UnorderedElementsAre("cors.origins[0]", "cors_next.origins[0]", "cors_next.methods[0]"));
}

TEST(cors_next, there_is_nothing_to_compare_with_where_the_api_decides) {
  state_registry states;
  const auto made = cors_even_for_nobody(leaving_it_to_the_api, only_app).make(states);
  ASSERT_FALSE(made);
  ASSERT_EQ(made.error().size(), 1U);
  EXPECT_EQ(made.error().front().key + ' ' + made.error().front().code, "cors_next nothing-to-compare");
}

}  // namespace
}  // namespace gatehouse
