// Who is on the list: every way around an allow-list that somebody has found, by name.
#include <gmock/gmock.h>

#include <gatehouse/http/origin.hpp>

#include "cors_kit.hpp"
#include "origin_table.hpp"

namespace gatehouse {
namespace {

using test::make_cors;

struct origin_case {
  const char* name;
  std::vector<std::string> origins;
  std::string_view sent;
  reason why;
};

constexpr reason yes = reason::none;
constexpr reason no = reason::cors_origin_not_allowed;
constexpr reason broken = reason::cors_invalid_origin;

const std::vector<std::string> one{"https://app.example.com"};
const std::vector<std::string> below{"https://*.example.com"};
const std::vector<std::string> any_port{"http://localhost:*"};
const std::vector<std::string> two_ports{"https://app.example.com:{8080,8443}"};

const std::vector<std::string> nested{"https://*.example.com:1", "https://*.b.example.com:2", "http://*.b.example.com"};
const std::vector<std::string> one_host_twice{"https://*.example.com:1", "https://*.example.com:{443,2}"};

const origin_case cases[] = {
    {"the very one", one, "https://app.example.com", yes},
    {"bypass: a longer name that begins so", one, "https://app.example.com.evil.net", no},
    {"bypass: a longer name that ends so", one, "https://evilapp.example.com", no},
    {"bypass: a name below", one, "https://x.app.example.com", no},
    {"bypass: the name above", one, "https://example.com", no},
    {"bypass: another scheme", one, "http://app.example.com", no},
    {"bypass: an unknown scheme", one, "evil://app.example.com", no},
    {"bypass: a port", one, "https://app.example.com:8443", no},
    {"bypass: the default port", one, "https://app.example.com:443", broken},
    {"bypass: capitals", one, "https://APP.example.com", broken},
    {"bypass: capitals in the scheme", one, "HTTPS://app.example.com", broken},
    {"bypass: the root's dot", one, "https://app.example.com.", no},
    {"bypass: userinfo", one, "https://app.example.com@evil.net", broken},
    {"bypass: userinfo in front", one, "https://evil@app.example.com", broken},
    {"bypass: a slash", one, "https://app.example.com/", broken},
    {"bypass: NUL behind", one, std::string_view("https://app.example.com\0", 24), broken},
    {"bypass: NUL inside", one, std::string_view("https://app.example.com\0.evil.net", 33), broken},
    {"bypass: a space behind", one, "https://app.example.com ", broken},
    {"bypass: two in one line", one, "https://app.example.com, https://evil.net", broken},
    {"bypass: a dot that is no dot (regular expressions)", one, "https://appxexample.com", no},
    {"bypass: a homograph in unicode", one, "https://\xd0\xb0pp.example.com", broken},
    {"bypass: its punycode", one, "https://xn--pp-6kc.example.com", no},
    {"bypass: null", one, "null", no},
    {"bypass: NULL", one, "NULL", broken},
    {"bypass: empty", one, "", broken},
    {"bypass: a star", one, "*", broken},
    {"bypass: the pattern itself", below, "https://*.example.com", broken},
    {"below: one label", below, "https://app.example.com", yes},
    {"below: two labels", below, "https://a.b.example.com", yes},
    {"below: an underscore", below, "https://my_app.example.com", yes},
    {"below: not the apex", below, "https://example.com", no},
    {"below: no label", below, "https://.example.com", broken},
    {"below: an empty label", below, "https://a..example.com", broken},
    {"bypass below: no dot", below, "https://evilexample.com", no},
    {"bypass below: a longer name", below, "https://app.example.com.evil.net", no},
    {"bypass below: a path", below, "https://evil.com/.example.com", broken},
    {"bypass below: a fragment", below, "https://evil.com#.example.com", broken},
    {"bypass below: a query", below, "https://evil.com?.example.com", broken},
    {"bypass below: a backslash", below, "https://evil.com\\.example.com", broken},
    {"bypass below: userinfo", below, "https://user@a.example.com", broken},
    {"bypass below: a port in the name", below, "https://evil.com:1.example.com", broken},
    {"bypass below: NUL", below, std::string_view("https://evil.com\0.example.com", 29), broken},
    {"bypass below: a space", below, "https://evil.com .example.com", broken},
    {"bypass below: percent", below, "https://evil.com%2f.example.com", broken},
    {"bypass below: capitals", below, "https://a.EXAMPLE.com", broken},
    {"bypass below: another scheme", below, "http://a.example.com", no},
    {"bypass below: a port", below, "https://a.example.com:8443", no},
    {"bypass below: the default port", below, "https://a.example.com:443", broken},
    {"bypass below: the root's dot", below, "https://a.example.com.", no},
    {"bypass below: a second separator", below, "https://evil.com://a.example.com", broken},
    {"any port: none", any_port, "http://localhost", yes},
    {"any port: one", any_port, "http://localhost:5173", yes},
    {"any port: the last", any_port, "http://localhost:65535", yes},
    {"bypass any port: too large", any_port, "http://localhost:65536", broken},
    {"bypass any port: no digits", any_port, "http://localhost:", broken},
    {"bypass any port: a name", any_port, "http://localhost:evil.com", broken},
    {"bypass any port: userinfo", any_port, "http://localhost:1@evil.com", broken},
    {"bypass any port: a longer name", any_port, "http://localhost.evil.com:1", no},
    {"bypass any port: a name below", any_port, "http://a.localhost:1", no},
    {"bypass any port: another scheme", any_port, "https://localhost:1", no},
    {"any port: IPv6", {"http://[::1]:*"}, "http://[::1]:5173", yes},
    {"any port: IPv6 without one", {"http://[::1]:*"}, "http://[::1]", yes},
    {"bypass any port: IPv6 written longer", {"http://[::1]:*"}, "http://[0:0:0:0:0:0:0:1]:5173", no},
    {"bypass any port: another IPv6", {"http://[::1]:*"}, "http://[::2]:5173", no},
    {"ports: the first", two_ports, "https://app.example.com:8080", yes},
    {"ports: the second", two_ports, "https://app.example.com:8443", yes},
    {"ports: between", two_ports, "https://app.example.com:8081", no},
    {"ports: none", two_ports, "https://app.example.com", no},
    {"ports: the default one is listed", {"https://a.example:{443,8443}"}, "https://a.example", yes},
    {"below, any port", {"https://*.example.com:*"}, "https://a.example.com:9", yes},
    {"below, listed ports", {"https://*.example.com:{8080,8443}"}, "https://a.example.com:8443", yes},
    {"bypass below, listed ports", {"https://*.example.com:{8080,8443}"}, "https://a.example.com", no},
    {"below two names: as the longer one says", nested, "https://a.b.example.com:2", yes},
    {"below two names: as the shorter one says", nested, "https://a.b.example.com:1", yes},
    {"below two names: the longer one itself", nested, "https://b.example.com:1", yes},
    {"below two names: by another scheme", nested, "http://a.b.example.com", yes},
    {"bypass below two names: the other scheme's port", nested, "http://a.b.example.com:1", no},
    {"bypass below two names: as neither says", nested, "https://a.b.example.com", no},
    {"bypass below two names: as the longer one says", nested, "https://a.c.example.com:2", no},
    {"one name in two patterns: the first", one_host_twice, "https://a.example.com:1", yes},
    {"one name in two patterns: the second", one_host_twice, "https://a.example.com:2", yes},
    {"one name in two patterns: the default port", one_host_twice, "https://a.example.com", yes},
    {"bypass one name in two patterns", one_host_twice, "https://a.example.com:3", no},
    {"below two names: any port", {"https://*.a.example:1", "https://*.b.a.example:*"}, "https://c.b.a.example:9", yes},
    {"an extension", {"chrome-extension://abcdefghijklmnop"}, "chrome-extension://abcdefghijklmnop", yes},
    {"bypass: another extension", {"chrome-extension://abcdefghijklmnop"}, "chrome-extension://ponmlkjihgfedcba", no},
    {"any origin", {"*"}, "https://anything.example", yes},
    {"any origin: null", {"*"}, "null", yes},
};

TEST(cors_origins_test, only_those_on_the_list) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto policy = make_cors({.origins = c.origins});
    const cors_decision d = test::decide(*policy, {.lines = {{"Origin", c.sent}}});
    EXPECT_EQ(d.what, cors_decision::kind::request);
    EXPECT_EQ(code(d.why), code(c.why));
  }
}

TEST(cors_origins_test, one_label_where_that_is_asked_for) {
  const auto policy = make_cors({.origins = below, .single_label = true});
  EXPECT_TRUE(test::decide(*policy, {.lines = {{"Origin", "https://a.example.com"}}}).allowed());
  EXPECT_FALSE(test::decide(*policy, {.lines = {{"Origin", "https://a.b.example.com"}}}).allowed());
  // Of two labels in front of the shorter name one is the longer name's.
  const auto two = make_cors({.origins = nested, .single_label = true});
  EXPECT_TRUE(test::decide(*two, {.lines = {{"Origin", "https://a.b.example.com:2"}}}).allowed());
  EXPECT_FALSE(test::decide(*two, {.lines = {{"Origin", "https://a.b.example.com:1"}}}).allowed());
}

TEST(cors_origins_test, many_are_found_and_nobody_else) {
  std::vector<std::string> many;
  for (int i = 0; i < 1'000; ++i) many.push_back("https://a" + std::to_string(i) + ".example.com");
  const auto policy = make_cors({.origins = many});
  for (const std::string& origin : many) {
    ASSERT_TRUE(test::decide(*policy, {.lines = {{"Origin", origin}}}).allowed()) << origin;
    ASSERT_FALSE(test::decide(*policy, {.lines = {{"Origin", origin + ".net"}}}).allowed()) << origin;
  }
}

// ---------------------------------------------------------------- the matcher against a reference

/// The same in twenty lines, without a thought about speed.
bool reference_allows(const std::vector<std::string>& patterns, std::string_view sent) {
  const auto o = origin::parse(sent);
  if (!o) return false;
  for (const std::string& p : patterns) {
    const std::size_t scheme_end = p.find("://");
    std::string host = p.substr(scheme_end + 3);
    std::string port;
    if (const auto colon = host.rfind(':'); colon != std::string::npos) {
      port = host.substr(colon + 1);
      host.resize(colon);
    }
    const std::string sent_port = o->port ? std::to_string(*o->port) : "";
    const bool port_fits = port == "*" || port == sent_port;
    const bool is_below = host.starts_with("*.");
    const std::string tail = is_below ? host.substr(1) : host;
    const bool host_fits = is_below ? o->host.size() > tail.size() && o->host.ends_with(tail) : o->host == host;
    if (o->scheme == p.substr(0, scheme_end) && port_fits && host_fits) return true;
  }
  return false;
}

TEST(cors_origins_test, agrees_with_the_reference_on_every_short_text) {
  // Scheme, separator and what follows of a small alphabet: every string up to that length.
  const std::vector<std::vector<std::string>> lists{{"http://a.b"},
                                                    {"http://*.b"},
                                                    {"http://a:*"},
                                                    {"http://*.b:*"},
                                                    {"http://*.a.b", "http://b"},
                                                    {"http://*.b:1", "http://a.b:*"},
                                                    {"http://*.b:1", "http://*.a.b", "http://*.b.b:*"}};
  constexpr std::string_view alphabet = "ab.:1*/@";
  constexpr std::size_t longest = 6;
  for (const auto& list : lists) {
    std::vector<detail::rules::origin_pattern> patterns;
    for (const std::string& text : list) patterns.push_back(*detail::rules::parse_origin_pattern(text));
    const detail::rules::origin_table table(patterns, {}, {1, 2});
    std::size_t allowed = 0;
    std::vector<std::size_t> digits;
    while (digits.size() <= longest) {
      std::string sent = "http://";
      for (const std::size_t d : digits) sent += alphabet[d];
      const bool wanted = reference_allows(list, sent);
      ASSERT_EQ(table.contains(sent), wanted) << list.front() << " and " << sent;
      std::optional<origin> read;
      ASSERT_EQ(table.contains(sent, read), wanted) << list.front() << " and " << sent;
      ASSERT_TRUE(wanted || read.has_value() == origin::parse(sent).has_value()) << list.front() << " and " << sent;
      allowed += wanted ? 1U : 0U;
      std::size_t at = 0;
      while (at < digits.size() && ++digits[at] == alphabet.size()) digits[at++] = 0;
      if (at == digits.size()) digits.assign(digits.size() + 1, 0);
    }
    EXPECT_GT(allowed, 0U) << list.front();
  }
}

// ---------------------------------------------------------------- what is near

struct near_case {
  const char* name;
  std::vector<std::string> origins;
  std::string_view sent;
  origin_difference differs;
  std::string_view nearest;
};

const near_case near_cases[] = {
    {"port", {"http://localhost:3000"}, "http://localhost:5173", origin_difference::port, "http://localhost:3000"},
    {"scheme", one, "http://app.example.com", origin_difference::scheme, "https://app.example.com"},
    {"scheme and port", one, "http://app.example.com:81", origin_difference::scheme_and_port,
     "https://app.example.com"},
    {"the same scheme is nearer",
     {"http://a.example", "https://a.example:8443"},
     "https://a.example",
     origin_difference::port,
     "https://a.example:8443"},
    {"this machine by another name",
     {"http://localhost:3000", "https://x.example"},
     "http://127.0.0.1:3000",
     origin_difference::loopback_name,
     "http://localhost:3000"},
    {"the apex of a pattern",
     {"https://*.example.com", "https://x.example"},
     "https://example.com",
     origin_difference::apex,
     "https://*.example.com"},
    {"nothing like it", {"https://a.example", "https://b.example"}, "https://evil.net", origin_difference::unknown, ""},
    {"nothing like it, and only one there is", one, "https://evil.net", origin_difference::unknown,
     "https://app.example.com"},
    {"null", one, "null", origin_difference::unknown, ""},
};

TEST(cors_origins_test, a_denied_one_is_told_what_is_near) {
  for (const auto& c : near_cases) {
    SCOPED_TRACE(c.name);
    const auto policy = make_cors({.origins = c.origins});
    const cors_denial d = policy->explain(test::decide(*policy, {.lines = {{"Origin", c.sent}}}));
    EXPECT_EQ(d.why, reason::cors_origin_not_allowed);
    EXPECT_EQ(d.origin, c.sent);
    EXPECT_EQ(d.differs, c.differs);
    EXPECT_EQ(d.nearest, c.nearest);
  }
}

}  // namespace
}  // namespace gatehouse
