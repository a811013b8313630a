#include <gatehouse/base/result.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace gatehouse {
namespace {

using text_result = result<std::string, std::string>;

text_result succeed(std::string s) { return text_result(std::move(s)); }
text_result fail(std::string s) { return failure<std::string>{std::move(s)}; }
const std::string long_text(100, 'x');  // longer than any small-string buffer: copies and moves really own memory

TEST(result_test, holds_one_side) {
  const auto good = succeed("v");
  const auto bad = fail("e");
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(*good, "v");
  EXPECT_EQ(good->size(), 1U);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error(), "e");
  EXPECT_EQ(bad.value_or("other"), "other");
  EXPECT_EQ(good.value_or("other"), "v");
}

TEST(result_test, reading_the_wrong_side_ends_the_process) {
  const auto good = succeed("v");
  const auto bad = fail("e");
  EXPECT_DEATH((void)*bad, "");
  EXPECT_DEATH((void)good.error(), "");
}

TEST(result_test, copies_and_assigns_across_sides) {
  for (const bool from_good : {true, false}) {
    for (const bool to_good : {true, false}) {
      const auto from = from_good ? succeed(long_text) : fail(long_text);
      auto to = to_good ? succeed("old") : fail("old");
      to = from;
      EXPECT_EQ(to.has_value(), from_good);
      EXPECT_EQ(to.has_value() ? *to : to.error(), long_text);
      EXPECT_EQ(from.has_value() ? *from : from.error(), long_text);
      auto& same = to;
      to = same;
      EXPECT_EQ(to.has_value() ? *to : to.error(), long_text);
    }
  }
}

TEST(result_test, moves_what_can_only_be_moved) {
  result<std::unique_ptr<int>, std::string> made(std::make_unique<int>(7));
  auto moved = std::move(made);
  ASSERT_TRUE(moved);
  const std::unique_ptr<int> out = *std::move(moved);
  EXPECT_EQ(*out, 7);
}

TEST(result_test, and_then_and_transform_pass_errors_through) {
  const auto twice = [](const std::string& s) { return s + s; };
  EXPECT_EQ(*succeed("a").transform(twice), "aa");
  EXPECT_EQ(fail("e").transform(twice).error(), "e");
  EXPECT_EQ(*succeed("a").and_then([](const std::string& s) { return succeed(s + "b"); }), "ab");
  EXPECT_EQ(succeed("a").and_then([](const std::string&) { return fail("no"); }).error(), "no");
}

TEST(result_test, request_errors_convert_by_themselves) {
  const auto refuse = []() -> result<int> { return error{.why = reason::http_invalid_host}; };
  EXPECT_EQ(refuse().error().why, reason::http_invalid_host);
  const auto refuse_void = []() -> result<void> { return error{.why = reason::http_invalid_host}; };
  EXPECT_FALSE(refuse_void());
  EXPECT_TRUE(result<void>{});
}

constexpr bool usable_at_compile_time() {
  const result<int, int> good(1);
  const result<int, int> bad = failure<int>{2};
  return *good == 1 && bad.error() == 2;
}
static_assert(usable_at_compile_time());
static_assert(std::is_nothrow_move_constructible_v<result<int>>);

}  // namespace
}  // namespace gatehouse
