#include <gatehouse/base/host_names.hpp>

#include <gtest/gtest.h>

#include <gatehouse/base/secure_channel.hpp>

namespace gatehouse {
namespace {

struct name_case {
  const char* name;
  const char* listed;
  const char* asked;
  bool covered;
};
constexpr name_case cases[] = {
    {"the same", "api.example.com", "api.example.com", true},
    {"capitals", "API.example.com", "api.EXAMPLE.com", true},
    {"the root's dot", "api.example.com", "api.example.com.", true},
    {"another", "api.example.com", "www.example.com", false},
    {"one below", "example.com", "api.example.com", false},
    {"one label for a wildcard", "*.example.com", "api.example.com", true},
    {"two labels for a wildcard", "*.example.com", "a.api.example.com", false},
    {"none for a wildcard", "*.example.com", "example.com", false},
    {"an empty one for a wildcard", "*.example.com", ".example.com", false},
    {"a name that ends so", "*.example.com", "evilexample.com", false},
    {"the wildcard itself", "*.example.com", "*.example.com", true},
    {"empty", "example.com", "", false},
    {"only a dot", "example.com", ".", false},
    {"a single label", "localhost", "localhost", true},
};

TEST(host_names, cover_what_a_certificate_is_for) {
  for (const name_case& c : cases) {
    SCOPED_TRACE(c.name);
    host_names all;
    ASSERT_TRUE(all.add(c.listed));
    EXPECT_EQ(all.covers(c.asked), c.covered);
  }
}

TEST(host_names, refuse_what_no_certificate_can_be_for) {
  host_names all;
  for (const char* const name :
       {"", ".", "*", "*.", "*.com", "a*.example.com", "*a.example.com", "a.*.example.com", "*.*.example.com"}) {
    EXPECT_FALSE(all.add(name)) << name;
  }
  EXPECT_FALSE(all.add(std::string(host_names::longest + 1, 'a')));
  EXPECT_TRUE(all.add(std::string(host_names::longest, 'a')));
  EXPECT_FALSE(all.covers(std::string(10'000, 'a')));
}

TEST(host_names, know_addresses_by_value_and_names_apart_from_them) {
  host_names all;
  all.add(*ip_address::parse("127.0.0.1"));
  all.add(*ip_address::parse("2001:db8::1"));
  EXPECT_TRUE(all.covers(*ip_address::parse("2001:DB8:0::1")));
  EXPECT_TRUE(all.covers(*ip_address::parse("127.0.0.1")));
  EXPECT_FALSE(all.covers(*ip_address::parse("127.0.0.2")));
  EXPECT_FALSE(all.covers("127.0.0.1"));
  EXPECT_EQ(all.to_text(), "127.0.0.1, 2001:db8::1");
}

TEST(secure_channel, is_for_the_names_of_its_certificate) {
  host_names names;
  names.add("a.example");
  names.add("b.example");
  secure_channel c{.server_name = "a.example", .names = &names};
  EXPECT_TRUE(c.is_for(std::string_view{"a.example"}));
  EXPECT_TRUE(c.is_for(std::string_view{"b.example"}));
  EXPECT_FALSE(c.is_for(std::string_view{"c.example"}));
  EXPECT_FALSE(c.is_for(ip_address::v4({127, 0, 0, 1})));
  c.server_name.clear();
  EXPECT_TRUE(c.is_for(std::string_view{"c.example"})) << "who asked for no name has nothing to contradict";
}

}  // namespace
}  // namespace gatehouse
