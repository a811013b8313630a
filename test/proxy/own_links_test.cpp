#include "own_links.hpp"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace gatehouse::detail::proxy {
namespace {

struct url_case {
  const char* name;
  const char* upstream;
  std::string_view url;
  std::string_view want;
};

const url_case urls[] = {
    {"the upstream itself", "http://10.0.0.7:5000", "http://10.0.0.7:5000/notes/1?a=b#c", "/notes/1?a=b#c"},
    {"its root", "http://10.0.0.7:5000", "http://10.0.0.7:5000/", "/"},
    {"its root, without a slash", "http://10.0.0.7:5000", "http://10.0.0.7:5000", "/"},
    {"a query without a path", "http://10.0.0.7:5000", "http://10.0.0.7:5000?a=b", "/?a=b"},
    {"a name, in capitals", "http://api.internal:80", "HTTP://API.internal/x", "/x"},
    {"the usual port, written", "http://api.internal", "http://api.internal:80/x", "/x"},
    {"the usual port of https", "https://api.internal", "https://api.internal/x", "/x"},
    {"https and its port on a plain upstream", "http://api.internal:443", "https://api.internal/x", "/x"},
    {"without a scheme", "http://10.0.0.7:5000", "//10.0.0.7:5000/x", "/x"},
    {"a name in it", "http://10.0.0.7:5000", "http://user:hunter2@10.0.0.7:5000/x", "/x"},
    {"loopback by name", "http://127.0.0.1:5000", "http://localhost:5000/x", "/x"},
    {"loopback by address", "http://localhost:5000", "http://127.0.0.1:5000/x", "/x"},
    {"loopback, IPv6", "http://[::1]:5000", "http://[::1]:5000/x", "/x"},
    {"IPv6", "http://[fd00::7]:5000", "http://[FD00:0::7]:5000/x", "/x"},
    {"two slashes stay a path", "http://10.0.0.7:5000", "http://10.0.0.7:5000//evil.example/x", "/.//evil.example/x"},
    {"a backslash stays a path", "http://10.0.0.7:5000", R"(http://10.0.0.7:5000/\evil.example)",
     R"(/./\evil.example)"},
    {"a tab stays a path", "http://10.0.0.7:5000", "http://10.0.0.7:5000/\t/evil.example", "/./\t/evil.example"},

    {"a path", "http://10.0.0.7:5000", "/x", "/x"},
    {"a path that has it", "http://10.0.0.7:5000", "/x?to=http://10.0.0.7:5000/", "/x?to=http://10.0.0.7:5000/"},
    {"another port", "http://10.0.0.7:5000", "http://10.0.0.7:5001/x", "http://10.0.0.7:5001/x"},
    {"no port", "http://10.0.0.7:5000", "http://10.0.0.7/x", "http://10.0.0.7/x"},
    {"another host", "http://10.0.0.7:5000", "https://example.com/x", "https://example.com/x"},
    {"a host that begins so", "http://10.0.0.7:5000", "http://10.0.0.7:5000.evil.example/",
     "http://10.0.0.7:5000.evil.example/"},
    {"a user of that name", "http://10.0.0.7:5000", "http://10.0.0.7:5000@evil.example/",
     "http://10.0.0.7:5000@evil.example/"},
    {"another scheme", "http://10.0.0.7:5000", "ftp://10.0.0.7:5000/x", "ftp://10.0.0.7:5000/x"},
    {"loopback of another upstream", "http://10.0.0.7:5000", "http://localhost:5000/x", "http://localhost:5000/x"},
    {"a Unix socket has no name", "unix:/run/notes.sock", "http://localhost/x", "http://localhost/x"},
    {"nothing", "http://10.0.0.7:5000", "", ""},
    {"no host", "http://10.0.0.7:5000", "http:///x", "http:///x"},
};

TEST(own_links, a_url_of_the_upstream_becomes_its_path) {
  for (const auto& c : urls) {
    SCOPED_TRACE(c.name);
    std::array<char, 256> block{};
    arena memory{block};
    const auto own = upstream_url::parse(c.upstream);
    ASSERT_TRUE(own);
    EXPECT_EQ(public_reference(c.url, *own, memory), c.want);
  }
}

struct link_case {
  const char* name;
  std::string_view value;
  std::string_view want;
};

const link_case links[] = {
    {"one", "<http://10.0.0.7:5000/a>; rel=next", "</a>; rel=next"},
    {"several",
     "<http://10.0.0.7:5000/a>; rel=\"next\", <https://example.com/b>; rel=x, <http://10.0.0.7:5000/c>; rel=prev",
     "</a>; rel=\"next\", <https://example.com/b>; rel=x, </c>; rel=prev"},
    {"none of it", "<https://example.com/b>; rel=x", "<https://example.com/b>; rel=x"},
    {"in a text", R"(</a>; title="<http://10.0.0.7:5000/b> \"<http://10.0.0.7:5000/c>")",
     R"(</a>; title="<http://10.0.0.7:5000/b> \"<http://10.0.0.7:5000/c>")"},
    {"one that does not end", "<http://10.0.0.7:5000/a", "</a"},
    {"nothing", "", ""},
};

TEST(own_links, each_link_by_itself) {
  const auto own = upstream_url::parse("http://10.0.0.7:5000");
  ASSERT_TRUE(own);
  for (const auto& c : links) {
    SCOPED_TRACE(c.name);
    std::array<char, 256> block{};
    arena memory{block};
    EXPECT_EQ(public_links(c.value, *own, memory), c.want);
  }
}

TEST(own_links, only_three_fields_are_touched) {
  const auto own = upstream_url::parse("http://10.0.0.7:5000");
  ASSERT_TRUE(own);
  std::array<char, 256> block{};
  arena memory{block};
  response_head head;
  constexpr std::string_view url = "http://10.0.0.7:5000/a";
  for (const char* name : {"Location", "Content-Location", "X-Next"}) ASSERT_TRUE(head.append(name, url));
  for (const char* value : {"<http://10.0.0.7:5000/b>", "</c>"}) ASSERT_TRUE(head.append(field::link, value));
  rewrite_own_links(head, *own, memory);
  std::string lines;
  for (const field_line& line : head.fields()) lines.append(line.name).append(": ").append(line.value).append("\n");
  EXPECT_EQ(lines, "Location: /a\nContent-Location: /a\nX-Next: http://10.0.0.7:5000/a\nLink: </b>\nLink: </c>\n");
}

TEST(own_links, without_memory_the_inner_host_stays_inside) {
  const auto own = upstream_url::parse("http://10.0.0.7:5000");
  ASSERT_TRUE(own);
  arena memory{};
  response_head head;
  ASSERT_TRUE(head.append(field::location, "http://10.0.0.7:5000/a"));
  ASSERT_TRUE(head.append(field::link, "<http://10.0.0.7:5000/a>"));
  ASSERT_TRUE(head.append(field::link, "</b>"));
  rewrite_own_links(head, *own, memory);
  ASSERT_EQ(head.fields().size(), 1U);
  EXPECT_EQ(head.fields().get(field::link), "</b>");
}

}  // namespace
}  // namespace gatehouse::detail::proxy
