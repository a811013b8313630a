// What is one site: the list's word, and what has no registered name at all.
#include "public_suffixes.hpp"

#include <gtest/gtest.h>

#include <gatehouse/rules/public_suffix_list.hpp>

namespace gatehouse {
namespace {

struct site_case {
  const char* name;
  std::string_view a, b;
  bool same;
};

// https://html.spec.whatwg.org/#schemelessly-same-site
constexpr site_case cases[] = {
    {"one host", "app.example.com", "app.example.com", true},
    {"two names below one", "app.example.com", "api.example.com", true},
    {"a name and what is below it", "example.com", "a.b.example.com", true},
    {"two registered names", "example.com", "example.org", false},
    {"a suffix of two labels", "a.example.co.uk", "b.example.co.uk", true},
    {"two names below a suffix of two labels", "one.co.uk", "two.co.uk", false},
    {"strangers on shared hosting", "one.github.io", "two.github.io", false},
    {"one of them there", "a.one.github.io", "b.one.github.io", true},
    {"a suffix itself", "github.io", "github.io", true},
    {"a suffix and a name below it", "github.io", "one.github.io", false},
    {"names of this machine", "app.localhost", "api.localhost", false},
    {"localhost", "localhost", "localhost", true},
    {"one address", "127.0.0.1", "127.0.0.1", true},
    {"two addresses that end the same", "10.0.0.1", "10.1.0.1", false},
    {"IPv6", "[::1]", "[::2]", false},
    {"the root's dot on both", "app.example.com.", "api.example.com.", true},
    {"the root's dot on one", "app.example.com.", "app.example.com", false},
    {"no name", "", "example.com", false},
    {"no name either", "a..example.com", "example.com", false},
};

TEST(public_suffixes_test, who_is_of_one_site) {
  const auto same_site = same_site_by_public_suffixes();
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(same_site(c.a, c.b), c.same);
    EXPECT_EQ(same_site(c.b, c.a), c.same);
  }
}

TEST(public_suffixes_test, where_there_is_no_list_it_is_the_systems) {
  const auto same_site = same_site_by_public_suffixes("/nowhere/list.dat");
  EXPECT_TRUE(same_site("app.example.com", "api.example.com"));
  EXPECT_FALSE(same_site("one.github.io", "two.github.io"));
}

}  // namespace
}  // namespace gatehouse
