#include <gatehouse/net/endpoint.hpp>

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

struct endpoint_case {
  std::string_view name, text, want;  // want is empty where the text is refused
};

constexpr endpoint_case accepted[] = {
    {.name = "IPv4", .text = "127.0.0.1:8080", .want = "127.0.0.1:8080"},
    {.name = "any IPv4 address", .text = "0.0.0.0:80", .want = "0.0.0.0:80"},
    {.name = "IPv6", .text = "[::1]:8080", .want = "[::1]:8080"},
    {.name = "IPv6 is written in its short form", .text = "[2001:DB8:0:0::1]:443", .want = "[2001:db8::1]:443"},
    {.name = "mapped IPv4 is IPv4", .text = "[::ffff:10.0.0.1]:443", .want = "10.0.0.1:443"},
    {.name = "no address is this machine only", .text = ":8080", .want = "127.0.0.1:8080"},
    {.name = "a port alone", .text = "8080", .want = "127.0.0.1:8080"},
    {.name = "port 0 is any", .text = "127.0.0.1:0", .want = "127.0.0.1:0"},
    {.name = "the last port", .text = ":65535", .want = "127.0.0.1:65535"},
};

constexpr endpoint_case refused[] = {
    {.name = "nothing", .text = "", .want = ""},
    {.name = "a colon", .text = ":", .want = ""},
    {.name = "no port", .text = "127.0.0.1", .want = ""},
    {.name = "an empty port", .text = "127.0.0.1:", .want = ""},
    {.name = "a port too large", .text = "127.0.0.1:65536", .want = ""},
    {.name = "a port far too large", .text = "127.0.0.1:18446744073709551617", .want = ""},
    {.name = "a port with a leading zero", .text = "127.0.0.1:080", .want = ""},
    {.name = "a negative port", .text = "127.0.0.1:-1", .want = ""},
    {.name = "a port with a sign", .text = "127.0.0.1:+80", .want = ""},
    {.name = "a named port", .text = "127.0.0.1:http", .want = ""},
    {.name = "space before the port", .text = "127.0.0.1: 80", .want = ""},
    {.name = "space at the beginning", .text = " 127.0.0.1:80", .want = ""},
    {.name = "a line end", .text = "127.0.0.1:80\n", .want = ""},
    {.name = "three parts", .text = "127.0.1:80", .want = ""},
    {.name = "octal", .text = "0177.0.0.1:80", .want = ""},
    {.name = "a name", .text = "localhost:80", .want = ""},
    {.name = "IPv6 without brackets", .text = "::1:8080", .want = ""},
    {.name = "IPv6 without brackets or port", .text = "::1", .want = ""},
    {.name = "brackets without a port", .text = "[::1]", .want = ""},
    {.name = "brackets and an empty port", .text = "[::1]:", .want = ""},
    {.name = "an open bracket", .text = "[::1:8080", .want = ""},
    {.name = "a closing bracket only", .text = "::1]:8080", .want = ""},
    {.name = "empty brackets", .text = "[]:8080", .want = ""},
    {.name = "IPv4 in brackets", .text = "[127.0.0.1]:8080", .want = ""},
    {.name = "a zone", .text = "[fe80::1%eth0]:80", .want = ""},
    {.name = "two ports", .text = "127.0.0.1:80:81", .want = ""},
    {.name = "a URL", .text = "http://127.0.0.1:80", .want = ""},
};

TEST(endpoint, accepted_texts_have_one_written_form) {
  for (const auto& c : accepted) {
    SCOPED_TRACE(c.name);
    const auto parsed = endpoint::parse(c.text);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->to_string(), c.want);
    EXPECT_EQ(endpoint::parse(c.want), parsed);
  }
}

TEST(endpoint, everything_else_is_refused) {
  for (const auto& c : refused) {
    SCOPED_TRACE(c.name);
    EXPECT_FALSE(endpoint::parse(c.text).has_value());
  }
}

}  // namespace
}  // namespace gatehouse
