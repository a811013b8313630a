// What must hold for every Set-Cookie line, whatever stands in it: tried with lines and policies made up at random.
#include <gtest/gtest.h>

#include <string>

#include <gatehouse/http/cookie.hpp>
#include <gatehouse/rules/cookies.hpp>

#include "dice.hpp"
#include "rules_kit.hpp"

namespace gatehouse {
namespace {

using test::dice;

constexpr std::string_view names[] = {"sid",  "session", "theme",    "csrftoken", "__Host-sid",     "__host-session",
                                      "saml", "a b",     "\xc3\xa4", "",          "__Host-session", "Secure"};
constexpr std::string_view values[] = {"1", "", "a=b", "\"x y\"", "Secure", "a,b", "\xff"};
constexpr std::string_view parts[] = {"; Secure",
                                      ";secure=0",
                                      "; HttpOnly",
                                      ";\thttponly",
                                      "; SameSite=Lax",
                                      "; samesite=STRICT",
                                      "; SameSite=None",
                                      "; SameSite=x",
                                      "; SameSite",
                                      "; Path=/",
                                      "; path=/app",
                                      "; Domain=api.internal",
                                      "; Domain=.example.com",
                                      ";",
                                      "; ;",
                                      "; Max-Age=9",
                                      "; Partitioned",
                                      "; x=Secure",
                                      "; Expires=Thu, 01 Jan 1970"};

std::string make_line(dice& d) {
  std::string line{d.pick(names)};
  if (!d.one_in(9)) line.append("=").append(d.pick(values));
  for (std::size_t n = d.below(8); n != 0; --n) line.append(d.pick(parts));
  return line;
}

cookies_config make_config(dice& d) {
  cookies_config c;
  if (d.one_in(2)) c.readable_by_scripts = {"theme", "session"};
  if (d.one_in(2)) c.cross_site = {"saml", "sid"};
  if (d.one_in(2)) c.map_to_host_prefix = {"session", "theme"};
  if (d.one_in(2)) c.upstream_hosts = {"api.internal", "api.example.com"};
  return c;
}

/// What leaves of one line; empty: nothing.
std::string run(const policy& rules, bool https, response_source source, const std::string& line) {
  test::test_exchange x;
  x.e.client_secure = https;
  x.e.source = source;
  response_head head;
  EXPECT_TRUE(head.append(field::set_cookie, line));
  (void)rules.finalise(x.e, head);
  return std::string{head.fields().get(field::set_cookie).value_or("")};
}

/// How much a browser keeps to itself: never less afterwards.
int strength(same_site_mode m) { return m == same_site_mode::none ? 0 : m == same_site_mode::strict ? 2 : 1; }

void expect_only_stronger(const received_cookie& before, const received_cookie& after, const cookies_config& c,
                          bool https) {
  const bool mapped = after.name != before.name;
  EXPECT_EQ(after.value, before.value);
  if (mapped) {
    EXPECT_TRUE(https);
    EXPECT_EQ(after.name, "__Host-" + std::string{before.name});
    EXPECT_NE(std::ranges::find(c.map_to_host_prefix, before.name), c.map_to_host_prefix.end());
    EXPECT_TRUE(after.secure && !after.domain && after.path == "/");
  } else {
    EXPECT_EQ(after.path, before.path);
  }
  EXPECT_TRUE(after.secure || (!before.secure && !https));
  EXPECT_TRUE(after.http_only || !before.http_only);
  EXPECT_GE(strength(after.same_site), strength(before.same_site));
  EXPECT_EQ(after.partitioned, before.partitioned);
  EXPECT_TRUE(!after.domain || after.domain == before.domain);
}

TEST(cookies_invariants, hardening_only_adds_and_is_done_once) {
  dice d(20261130);
  std::size_t changed = 0;
  for (int i = 0; i < 20'000; ++i) {
    const cookies_config c = make_config(d);
    const auto rules = test::make_policy({cookies(c)});
    const bool https = d.one_in(2);
    const auto source = d.one_in(4) ? response_source::handler : response_source::upstream;
    const std::string line = make_line(d);
    SCOPED_TRACE(line);
    const std::string once = run(*rules, https, source, line);
    const auto before = received_cookie::parse(line);
    if (!before || before->name.empty()) {
      EXPECT_EQ(once, "");
      continue;
    }
    const auto after = received_cookie::parse(once);
    ASSERT_TRUE(after);
    expect_only_stronger(*before, *after, c, https);
    EXPECT_EQ(run(*rules, https, source, once), once);
    if (once != line) ++changed;
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(changed, 10'000U);
}

TEST(cookies_invariants, mapped_names_come_from_the_prefix_alone) {
  constexpr std::string_view pairs[] = {
      "session=1", "__Host-session=2", "SESSION=3", "a=session=4",    " session =5", "__Host-__Host-session=6",
      "session",   "=session=7",       "",          "__Host-session", "b=\"8",       "__host-session=9"};
  dice d(7);
  const auto rules = test::make_policy({cookies({.map_to_host_prefix = {"session"}})});
  for (int i = 0; i < 20'000; ++i) {
    std::string sent;
    for (std::size_t n = 1 + d.below(6); n != 0; --n) sent.append(d.pick(pairs)).append(d.one_in(2) ? ";" : "; ");
    SCOPED_TRACE(sent);
    test::test_exchange x;
    x.e.client_secure = true;
    test::add_lines(x.e.request.fields, {{"Cookie", sent}});
    std::size_t at = 0;
    ASSERT_EQ(rules->request(x.e, at).what(), step::kind::pass);
    const std::string_view got = x.e.request.fields.get(field::cookie).value_or("");
    // In the same order, and nothing else that could be one.
    std::string want, have;
    for_each_cookie(sent, [&](std::string_view name, std::string_view value) {
      if (name == "__Host-session") want.append(value).append("|");
    });
    for_each_cookie(got, [&](std::string_view name, std::string_view value) {
      if (ascii::equal_ignoring_case(name, "session")) have.append(value).append("|");
    });
    ASSERT_EQ(have, want) << got;
  }
}

}  // namespace
}  // namespace gatehouse
