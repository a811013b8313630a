// What authority::parse accepts is in the conformance corpus (h1/host.md); here is what it takes apart, and comparing.
#include <gatehouse/http/authority.hpp>

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

TEST(authority, parts) {
  const auto name = authority::parse("a.example:8080");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->host, "a.example");
  EXPECT_EQ(name->port, 8080);
  const auto address = authority::parse("[::1]");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "[::1]");
  EXPECT_EQ(address->port, std::nullopt);
  EXPECT_FALSE(authority::parse(""));
}

struct pair_case {
  std::string_view a;
  std::string_view b;
  bool same;
};
constexpr pair_case pairs[] = {
    {"a.example", "A.EXAMPLE", true},
    {"a.example.", "a.example", true},
    {"a", "b", false},
    {"[::1]", "[0:0:0:0:0:0:0:1]", true},
    {"[::1]", "[::2]", false},
    {"[2001:DB8::1]", "[2001:db8::1]", true},
    {"[::1]", "::1", false},
    {"127.0.0.1", "[::1]", false},
    {"", "", false},
    {"a", "", false},
    {"localhost", "127.0.0.1", false},
    {"a..", "a", false},
    {"[zz]", "[zz]", false},
};
/// What does not parse is no authority at all.
authority read(std::string_view text) { return authority::parse(text).value_or(authority{}); }

TEST(authority, same_host) {
  for (const auto& c : pairs) {
    EXPECT_EQ(same_host(read(c.a), read(c.b)), c.same) << c.a << " " << c.b;
    EXPECT_EQ(same_host(read(c.b), read(c.a)), c.same) << c.b << " " << c.a;
  }
}

struct loopback_case {
  std::string_view host;
  bool loopback;
};
constexpr loopback_case hosts[] = {
    {"localhost", true},
    {"LocalHost", true},
    {"localhost.", true},
    {"app.localhost", true},
    {"127.0.0.1", true},
    {"127.255.0.7", true},
    {"[::1]", true},
    {"notlocalhost", false},
    {"localhost.example", false},
    {"128.0.0.1", false},
    {"[::2]", false},
    {"10.0.0.1", false},
    {"0.0.0.0", false},
    {"", false},
    {"127.0.0.1.example", false},
    {"::1", false},
    {"127.0.0.1.nip.io", false},
};
TEST(authority, is_loopback) {
  for (const auto& c : hosts) EXPECT_EQ(read(c.host).is_loopback(), c.loopback) << c.host;
}

TEST(authority_memory, says_what_parse_says_whatever_came_before) {
  constexpr std::string_view texts[] = {
      "a",
      "a:80",
      "a:8080",
      "A:80",
      "ab",
      "127.0.0.1",
      "127.0.0.1:1",
      "[::1]",
      "[::1]:443",
      "api.example.com:8443",
      "",
      "a:",
      "a:0",
      "a b",
      "127.1",
      "[::1",
      "@",
      "a.",
      "a-name-that-is-longer-than-what-is-remembered.example.com",
      "a-name-that-is-longer-than-what-is-remembered.example.com:80",
  };
  const auto same = [](const std::optional<authority>& a, const std::optional<authority>& b) {
    if (!a || !b) return a.has_value() == b.has_value();
    return a->text == b->text && a->host == b->host && a->port == b->port && a->address == b->address;
  };
  for (const std::string_view before : texts) {
    for (const std::string_view text : texts) {
      authority_memory memory;
      (void)memory.parse(before);
      for (int again = 0; again < 2; ++again) {
        const std::string elsewhere{text};  // the bytes decide, not their place
        const auto parsed = memory.parse(elsewhere);
        EXPECT_TRUE(same(parsed, authority::parse(text))) << before << " then " << text;
        if (!parsed) continue;
        EXPECT_EQ(parsed->text.data(), elsewhere.data());
        EXPECT_EQ(parsed->host.data(), elsewhere.data());
      }
    }
  }
}

}  // namespace
}  // namespace gatehouse
