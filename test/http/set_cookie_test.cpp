#include <gatehouse/http/set_cookie.hpp>

#include <string>

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

std::string text_of(const result<set_cookie, cookie_mistake>& made) {
  return made ? made->text() : "mistake: " + std::string{describe(made.error())};
}

TEST(set_cookie, is_written) {
  struct {
    const char* name;
    result<set_cookie, cookie_mistake> made;
    std::string want;
  } const rows[] = {
      {"as a session", set_cookie::make("sid", "abc"), "sid=abc; Path=/; Secure; HttpOnly; SameSite=Lax"},
      {"with everything",
       set_cookie::make("sid", "abc",
                        {.max_age = hours{1},
                         .path = "/app",
                         .domain = "example.com",
                         .same_site = same_site_mode::none,
                         .partitioned = true}),
       "sid=abc; Max-Age=3600; Domain=example.com; Path=/app; Secure; HttpOnly; SameSite=None; Partitioned"},
      {"for scripts", set_cookie::make("theme", "dark", {.http_only = false, .same_site = same_site_mode::strict}),
       "theme=dark; Path=/; Secure; SameSite=Strict"},
      {"for plain HTTP", set_cookie::make("sid", "abc", {.secure = false}), "sid=abc; Path=/; HttpOnly; SameSite=Lax"},
      {"for this host alone", set_cookie::host("sid", "abc", {.max_age = seconds{1}}),
       "__Host-sid=abc; Max-Age=1; Path=/; Secure; HttpOnly; SameSite=Lax"},
      {"for this host alone, embedded",
       set_cookie::host("sid", "abc", {.same_site = same_site_mode::none, .partitioned = true}),
       "__Host-sid=abc; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"},
      {"with a prefix by hand", set_cookie::make("__Host-sid", "abc"),
       "__Host-sid=abc; Path=/; Secure; HttpOnly; SameSite=Lax"},
      {"__Secure- with a domain", set_cookie::make("__Secure-sid", "abc", {.domain = "example.com"}),
       "__Secure-sid=abc; Domain=example.com; Path=/; Secure; HttpOnly; SameSite=Lax"},
      {"with quotes around", set_cookie::make("a", "\"b\""), "a=\"b\"; Path=/; Secure; HttpOnly; SameSite=Lax"},
      {"empty", set_cookie::make("a", ""), "a=; Path=/; Secure; HttpOnly; SameSite=Lax"},
      {"with 400 days", set_cookie::make("a", "1", {.max_age = hours{24 * 400}}),
       "a=1; Max-Age=34560000; Path=/; Secure; HttpOnly; SameSite=Lax"},
      {"to be forgotten", set_cookie::clear("sid"),
       "sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Secure; HttpOnly; SameSite=Lax"},
      {"to be forgotten where it was set",
       set_cookie::clear("sid", {.max_age = hours{1}, .path = "/app", .domain = "example.com"}),
       "sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=example.com; Path=/app; Secure; HttpOnly; SameSite=Lax"},
      {"to be forgotten, of this host", set_cookie::clear_host("sid"),
       "__Host-sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Secure; HttpOnly; SameSite=Lax"},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    EXPECT_EQ(text_of(r.made), r.want);
  }
}

TEST(set_cookie, that_would_not_arrive_cannot_be_made) {
  using mistake = cookie_mistake;
  struct {
    const char* name;
    std::string cookie;
    std::string value;
    cookie_options options;
    mistake want;
  } const rows[] = {
      {"no name", "", "1", {}, mistake::name},
      {"a space in the name", "a b", "1", {}, mistake::name},
      {"a semicolon in the name", "a;b", "1", {}, mistake::name},
      {"an equals sign in the name", "a=b", "1", {}, mistake::name},
      {"a line break in the name", "a\r\nb", "1", {}, mistake::name},
      {"a name beyond ASCII", "\xc3\xa4", "1", {}, mistake::name},
      {"a space in the value", "a", "b c", {}, mistake::value},
      {"an attribute in the value", "a", "b; Domain=evil.example", {}, mistake::value},
      {"a line break in the value", "a", "b\r\nSet-Cookie: c=d", {}, mistake::value},
      {"NUL in the value", "a", std::string("b\0c", 3), {}, mistake::value},
      {"a comma in the value", "a", "b,c", {}, mistake::value},
      {"a backslash in the value", "a", "b\\c", {}, mistake::value},
      {"a quote in the value", "a", "b\"c", {}, mistake::value},
      {"one quote", "a", "\"", {}, mistake::value},
      {"a quote within quotes", "a", "\"b\"c\"", {}, mistake::value},
      {"a value beyond ASCII", "a", "\xc3\xa4", {}, mistake::value},
      {"4,097 bytes", "a", std::string(4096, 'x'), {}, mistake::too_long},
      {"a path of 1,025 bytes", "a", "1", {.path = '/' + std::string(1024, 'p')}, mistake::too_long},
      {"no path", "a", "1", {.path = ""}, mistake::path},
      {"a path without its slash", "a", "1", {.path = "app"}, mistake::path},
      {"an attribute in the path", "a", "1", {.path = "/; Domain=evil.example"}, mistake::path},
      {"a line break in the path", "a", "1", {.path = "/\r\nX: y"}, mistake::path},
      {"a dot before the domain", "a", "1", {.domain = ".example.com"}, mistake::domain},
      {"a dot behind the domain", "a", "1", {.domain = "example.com."}, mistake::domain},
      {"an address as domain", "a", "1", {.domain = "127.0.0.1"}, mistake::domain},
      {"capitals in the domain", "a", "1", {.domain = "Example.com"}, mistake::domain},
      {"an attribute in the domain", "a", "1", {.domain = "example.com; Path=/"}, mistake::domain},
      {"no time", "a", "1", {.max_age = seconds{0}}, mistake::max_age},
      {"a negative time", "a", "1", {.max_age = seconds{-1}}, mistake::max_age},
      {"400 days and a second", "a", "1", {.max_age = hours{24 * 400} + seconds{1}}, mistake::max_age},
      {"no SameSite", "a", "1", {.same_site = same_site_mode::unset}, mistake::same_site},
      {"SameSite=None without Secure",
       "a",
       "1",
       {.secure = false, .same_site = same_site_mode::none},
       mistake::same_site_none_insecure},
      {"Partitioned without Secure", "a", "1", {.secure = false, .partitioned = true}, mistake::partitioned_insecure},
      {"__Secure- without Secure", "__Secure-a", "1", {.secure = false}, mistake::prefix_insecure},
      {"__Host- without Secure", "__Host-a", "1", {.secure = false}, mistake::prefix_insecure},
      {"__host- in another case", "__hOST-a", "1", {.secure = false}, mistake::prefix_insecure},
      {"__Host- with a domain", "__Host-a", "1", {.domain = "example.com"}, mistake::host_prefix_with_domain},
      {"__Host- with a path", "__Host-a", "1", {.path = "/app"}, mistake::host_prefix_with_path},
      {"__Http- for scripts", "__Http-a", "1", {.http_only = false}, mistake::http_prefix_for_scripts},
      {"__Host-Http- for scripts", "__Host-Http-a", "1", {.http_only = false}, mistake::http_prefix_for_scripts},
      {"__Host-Http- with a domain", "__Host-Http-a", "1", {.domain = "a.example"}, mistake::host_prefix_with_domain},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    const auto made = set_cookie::make(r.cookie, r.value, r.options);
    ASSERT_FALSE(made) << made->text();
    EXPECT_EQ(made.error(), r.want) << describe(made.error());
  }
}

TEST(set_cookie, to_be_forgotten_is_checked_as_well) {
  EXPECT_EQ(set_cookie::clear("a b").error(), cookie_mistake::name);
  EXPECT_EQ(set_cookie::clear("__Host-a", {.path = "/app"}).error(), cookie_mistake::host_prefix_with_path);
  EXPECT_EQ(set_cookie::clear_host("a;b").error(), cookie_mistake::name);
}

TEST(set_cookie, is_read_by_browsers_as_it_was_meant) {
  for (const same_site_mode mode : {same_site_mode::none, same_site_mode::lax, same_site_mode::strict}) {
    for (const bool http_only : {false, true}) {
      const auto made = set_cookie::make("a", "b", {.http_only = http_only, .same_site = mode});
      ASSERT_TRUE(made);
      const auto read = received_cookie::parse(made->text());
      ASSERT_TRUE(read);
      EXPECT_EQ(read->name, "a");
      EXPECT_EQ(read->value, "b");
      EXPECT_TRUE(read->secure);
      EXPECT_EQ(read->http_only, http_only);
      EXPECT_EQ(read->same_site, mode);
      EXPECT_EQ(read->path, "/");
    }
  }
}

}  // namespace
}  // namespace gatehouse
