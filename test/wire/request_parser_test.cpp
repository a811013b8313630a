// The grammar is in the conformance corpus; here is the rest of the contract: what a refused head still holds, that
// nothing is touched before the end, small limits, and that nothing is allocated.
#include <gatehouse/wire/request_parser.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>

#include "message_reader.hpp"

namespace {
std::size_t allocations = 0;  // of this whole executable; only differences are looked at
}  // namespace

// noinline: inlined, g++ 12 takes the pair malloc and free for mismatched.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  void* const at = std::malloc(size);
  if (at == nullptr) std::abort();
  return at;
}
[[gnu::noinline]] void operator delete(void* at) noexcept { std::free(at); }
[[gnu::noinline]] void operator delete(void* at, std::size_t) noexcept { std::free(at); }

namespace gatehouse {
namespace {

using kind = parse_progress::kind;

constexpr std::string_view browser =
    "GET /notes?a=b HTTP/1.1\r\nHost: a.example:80\r\nAccept: */*\r\nOrigin: https://b.example\r\nX-Mine: c\r\n\r\n";

limits small(std::uint32_t head, std::uint32_t target, std::uint16_t fields) {
  limits l;
  l.head_bytes = head;
  l.target_bytes = target;
  l.fields = fields;
  return l;
}

TEST(request_parser, takes_the_target_apart) {
  const limits l = test::corpus_limits();
  request_parser parser{l};
  request_head head;
  const auto got = parser.parse(browser, head);
  ASSERT_EQ(got.what, kind::complete);
  EXPECT_EQ(got.head_size, browser.size());
  EXPECT_EQ(head.verb, method::get);
  EXPECT_EQ(head.target, "/notes?a=b");
  EXPECT_EQ(head.path, "/notes");
  EXPECT_EQ(head.query, "a=b");
  EXPECT_EQ(head.authority.text, "a.example:80");
  EXPECT_EQ(head.fields.get(field::origin), "https://b.example");
  EXPECT_EQ(head.fields.get("x-mine"), "c");
}

TEST(request_parser, allocates_nothing) {
  const limits l = test::corpus_limits();
  request_parser parser{l};
  request_head head;
  const std::size_t before = allocations;
  const auto got = parser.parse(browser, head);
  const std::size_t after = allocations;
  EXPECT_EQ(got.what, kind::complete);
  EXPECT_EQ(after, before);
  const std::string proof = "long enough not to fit into the string object itself";
  EXPECT_GT(allocations, after) << "the counter does not count";
}

TEST(request_parser, the_views_are_into_the_last_buffer_and_the_head_is_untouched_before) {
  const limits l = test::corpus_limits();
  request_parser parser{l};
  request_head head;
  head.target = "before";
  for (std::size_t size = 0; size < browser.size(); ++size) {
    const std::string moved{browser.substr(0, size)};
    ASSERT_EQ(parser.parse(moved, head).what, kind::need_more);
    ASSERT_EQ(head.target, "before");
  }
  const std::string last{browser};
  ASSERT_EQ(parser.parse(last, head).what, kind::complete);
  EXPECT_EQ(head.target.data(), last.data() + 4);
  for (const field_line& line : head.fields)
    EXPECT_TRUE(line.name.data() > last.data() && line.value.data() < last.data() + last.size());
}

TEST(request_parser, nothing_of_one_request_is_left_in_the_next) {
  const limits l = test::corpus_limits();
  request_parser parser{l};
  request_head head;
  const std::string_view full =
      "POST http://a/b?c HTTP/1.0\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n";
  ASSERT_EQ(parser.parse(full, head).what, kind::complete);
  parser.reset();
  ASSERT_EQ(parser.parse("GET / HTTP/1.1\r\nHost: b\r\n\r\n", head).what, kind::complete);
  EXPECT_EQ(test::to_text({test::describe(head)}), "accept GET /\nfield Host: b\n");
  EXPECT_EQ(head.query, "");
}

struct salvage_case {
  std::string_view name;
  std::string_view bytes;
  reason why;
  std::string_view method_text;
  std::string_view target;
  std::size_t fields;
  bool origin;
};
// Limits: 100 bytes of head, 20 of target, 3 fields.
constexpr salvage_case salvage[] = {
    {"a field too many: those before it", "GET /a HTTP/1.1\r\nOrigin: b\r\nHost: a\r\nX: 1\r\nY: 2\r\n\r\n",
     reason::limit_too_many_fields, "GET", "/a", 3, true},
    {"a head too large: the whole lines",
     "GET /a HTTP/1.1\r\nOrigin: b\r\nX: "
     "0123456789012345678901234567890123456789012345678901234567890123456789\r\n\r\n",
     reason::limit_head_too_large, "GET", "/a", 1, true},
    {"a target too long: its fields, not itself", "GET /01234567890123456789 HTTP/1.1\r\nOrigin: b\r\nHost: a\r\n\r\n",
     reason::limit_target_too_long, "GET", "", 2, true},
    {"a target too long in a head too large",
     "GET /01234567890123456789 HTTP/1.1\r\nOrigin: b\r\nX: 01234567890123456789012345678901234567890123456789",
     reason::limit_target_too_long, "GET", "", 1, true},
    {"a request line that does not end",
     "GET /0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
     reason::limit_target_too_long, "", "", 0, false},
    {"a bare LF: the lines before it", "PUT /a HTTP/1.1\r\nOrigin: b\r\nHost: a\n\r\n", reason::http_bare_line_ending,
     "PUT", "/a", 1, true},
    {"a refused field: those before it", "PUT /a HTTP/1.1\r\nOrigin: b\r\nA_B: c\r\nHost: a\r\n\r\n",
     reason::http_underscore_in_field_name, "PUT", "/a", 1, true},
    {"an ambiguous path: the method and the target as it came", "PUT /../a HTTP/1.1\r\nOrigin: b\r\n\r\n",
     reason::http_ambiguous_path, "PUT", "/../a", 0, false},
    {"a malformed request line: nothing", "PUT /a\r\nOrigin: b\r\n\r\n", reason::http_malformed_request_line, "", "", 0,
     false},
};
TEST(request_parser, a_refused_head_holds_what_could_be_read) {
  const limits l = small(100, 20, 3);
  for (const auto& c : salvage) {
    SCOPED_TRACE(c.name);
    request_parser parser{l};
    request_head head;
    const auto got = parser.parse(c.bytes, head);
    EXPECT_EQ(got.what, kind::refused);
    EXPECT_EQ(code(got.why), code(c.why));
    EXPECT_EQ(head.method_text, c.method_text);
    EXPECT_EQ(head.target, c.target);
    EXPECT_EQ(head.fields.size(), c.fields);
    EXPECT_EQ(head.fields.has(field::origin), c.origin);
  }
}

TEST(request_parser, a_head_as_large_as_the_limit_is_accepted_at_every_limit) {
  const std::string_view bytes = "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n";
  for (std::uint32_t head_bytes = 1; head_bytes <= bytes.size() + 1; ++head_bytes) {
    const limits l = small(head_bytes, 20, 3);
    request_parser parser{l};
    request_head head;
    const auto got = parser.parse(bytes, head);
    EXPECT_EQ(got.what, head_bytes >= bytes.size() ? kind::complete : kind::refused) << head_bytes;
    // Up to byte 15 the request line is not whole, and what of it there is can only be blamed on its target.
    const reason want = head_bytes >= bytes.size() ? reason::none
                        : head_bytes > 15          ? reason::limit_head_too_large
                        : head_bytes > 3           ? reason::limit_target_too_long
                                                   : reason::limit_head_too_large;
    EXPECT_EQ(code(got.why), code(want)) << head_bytes;
  }
}

}  // namespace
}  // namespace gatehouse
