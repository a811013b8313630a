#include <gatehouse/http/cookie.hpp>

#include <string>

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

TEST(cookie, is_read) {
  struct {
    const char* name;
    std::string_view sent;
    std::string want;  // name=value|name=value
  } const rows[] = {
      {"one", "sid=abc", "sid=abc|"},
      {"two", "sid=abc; theme=dark", "sid=abc|theme=dark|"},
      {"without a space", "a=1;b=2", "a=1|b=2|"},
      {"spaces and tabs around", " a = 1 ;\tb=2 ", "a=1|b=2|"},
      {"an equals sign in the value", "a=b=c", "a=b=c|"},
      {"an empty value", "a=", "a=|"},
      {"quotes are part of it", "a=\"b c\"", "a=\"b c\"|"},
      {"nothing is decoded", "a=%20b+c", "a=%20b+c|"},
      {"a comma is no separator", "a=1, b=2", "a=1, b=2|"},
      {"no equals sign", "abc; a=1", "a=1|"},
      {"no name", "=abc; a=1", "a=1|"},
      {"empty pairs", ";; a=1;;", "a=1|"},
      {"the same name twice", "a=1; a=2", "a=1|a=2|"},
      {"attributes of Set-Cookie mean nothing here", "$Version=1; a=1; $Path=/", "$Version=1|a=1|$Path=/|"},
      {"empty", "", ""},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    std::string got;
    for_each_cookie(r.sent, [&](std::string_view name, std::string_view value) {
      got.append(name).append("=").append(value).append("|");
    });
    EXPECT_EQ(got, r.want);
  }
}

TEST(cookie, is_found_by_its_name_in_its_case) {
  constexpr std::string_view sent = "sid=1; SID=2; other=3; sid=4";
  EXPECT_EQ(find_cookie(sent, "sid").value, "1");
  EXPECT_EQ(find_cookie(sent, "sid").count, 2U);
  EXPECT_EQ(find_cookie(sent, "SID").value, "2");
  EXPECT_EQ(find_cookie(sent, "other").count, 1U);
  EXPECT_EQ(find_cookie(sent, "si").count, 0U);
  EXPECT_EQ(find_cookie(sent, "").count, 0U);
}

}  // namespace
}  // namespace gatehouse
