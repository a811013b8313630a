#include "without_secrets.hpp"

#include <initializer_list>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

namespace gatehouse::program {
namespace {

struct secret_case {
  const char* name;
  std::initializer_list<std::pair<std::string_view, std::string_view>> fields;
  std::string_view query;
  std::string_view text;
  std::string_view want;
};

const secret_case cases[] = {
    {"credentials",
     {{"Authorization", "Bearer abcdef123"}},
     "",
     "Error: Bearer abcdef123, abcdef123",
     "Error: ***, ***"},
    {"cookies, one by one",
     {{"Cookie", "sid=abcdef; theme=dark; id=ghijkl"}},
     "",
     "sid: ghijkl abcdef dark",
     "sid: *** *** dark"},
    {"cookies as they came",
     {{"Cookie", "sid=abcdef; id=ghijkl"}},
     "",
     "{\"cookie\":\"sid=abcdef; id=ghijkl\"}",
     "{\"cookie\":\"***\"}"},
    {"a key by any name", {{"X-Shop-Thing", "abcdef"}}, "", "abcdef!", "***!"},
    {"a query", {}, "token=abcdef&page=2&ghijkl", "/x?token=abcdef&page=2&ghijkl", "/x?token=***&page=2&***"},
    {"what is in another", {{"X-A", "abcdef"}, {"X-B", "abcdefghi"}}, "", "abcdefghi abcdef", "*** ***"},
    {"what may be told",
     {{"User-Agent", "curl/8.0.1"}, {"Host", "api.example"}},
     "",
     "curl/8.0.1 api.example",
     "curl/8.0.1 api.example"},
    {"what is short", {{"X-Mode", "fast"}}, "page=2", "fast 2", "fast 2"},
    {"nothing", {}, "", "Error: boom", "Error: boom"},
};

TEST(without_secrets, what_a_request_carried_is_taken_out) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    request_head request;
    for (const auto& [name, value] : c.fields) ASSERT_TRUE(request.fields.append(find_field(name), name, value));
    request.query = c.query;
    EXPECT_EQ(without_secrets(c.text, request), c.want);
  }
}

}  // namespace
}  // namespace gatehouse::program
