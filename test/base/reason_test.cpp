#include <gatehouse/base/reason.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse {
namespace {

TEST(reason_test, codes_are_area_dot_what_in_kebab_case_and_unique) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < reason_count; ++i) {
    const std::string_view text = code(static_cast<reason>(i));
    SCOPED_TRACE(text);
    EXPECT_TRUE(seen.insert(text).second);
    EXPECT_EQ(std::count(text.begin(), text.end(), '.'), i == 0 ? 0 : 1);
    EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) {
      return (ascii::is_alnum(c) && ascii::to_lower(c) == c) || c == '-' || c == '.';
    }));
  }
}

TEST(reason_test, enumerator_and_code_belong_together) {
  EXPECT_EQ(code(reason::none), "none");
  EXPECT_EQ(code(reason::http_host_not_allowed), "http.host-not-allowed");
  EXPECT_EQ(code(reason::server_overloaded), "server.overloaded");
}

}  // namespace
}  // namespace gatehouse
