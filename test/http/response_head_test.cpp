#include <gatehouse/http/response_head.hpp>

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace gatehouse {
namespace {

using namespace std::string_view_literals;

std::string text(const response_head& h) {
  std::string all;
  for (const field_line& line : h.fields()) all += std::string{line.name} + "=" + std::string{line.value} + ";";
  return all;
}

struct value_case {
  std::string_view name;
  std::string_view value;
  bool accepted;
};
constexpr value_case values[] = {
    {"text", "a b", true},
    {"nothing", "", true},
    {"a tab", "a\tb", true},
    {"bytes above ASCII", "\xc3\xa9", true},
    {"CR LF and a field", "a\r\nSet-Cookie: b", false},
    {"LF", "a\nb", false},
    {"CR", "a\rb", false},
    {"NUL", "a\0b"sv, false},
    {"a control byte", "a\x01", false},
    {"DEL", "a\x7f", false},
};

TEST(response_head, a_value_that_could_split_the_response_never_gets_in) {
  for (const auto& c : values) {
    SCOPED_TRACE(c.name);
    response_head h;
    std::array<char, 64> block{};
    arena memory{block};
    EXPECT_EQ(h.append(field::etag, c.value).has_value(), c.accepted);
    EXPECT_EQ(h.append("X-A", c.value).has_value(), c.accepted);
    EXPECT_EQ(h.set(field::location, c.value).has_value(), c.accepted);
    EXPECT_EQ(h.set_copy(memory, field::vary, c.value).has_value(), c.accepted);
    EXPECT_EQ(h.fields().size(), c.accepted ? 4U : 0U);
    EXPECT_TRUE(c.accepted || memory.used() == 0);
  }
}

TEST(response_head, a_name_must_be_a_token_and_known_ones_are_recognised) {
  response_head h;
  EXPECT_EQ(h.append("a b", "c").error().why, reason::http_invalid_field_name);
  EXPECT_EQ(h.append("", "c").error().why, reason::http_invalid_field_name);
  EXPECT_EQ(h.append("a\r\nb", "c").error().why, reason::http_invalid_field_name);
  EXPECT_EQ(h.set(field::other, "c").error().why, reason::http_invalid_field_name);
  ASSERT_TRUE(h.append("sET-cOOKIE", "a=b"));
  EXPECT_TRUE(h.has(field::set_cookie));
  EXPECT_EQ(text(h), "sET-cOOKIE=a=b;");
}

TEST(response_head, a_copy_outlives_its_source) {
  std::array<char, 16> block{};
  arena memory{block};
  response_head h;
  {
    std::string value = "temporary";
    ASSERT_TRUE(h.set_copy(memory, field::etag, value));
    value.assign("changed..");
  }
  EXPECT_EQ(text(h), "ETag=temporary;");
  EXPECT_EQ(h.set_copy(memory, field::vary, "too long for it").error().why, reason::limit_exchange_memory);
  EXPECT_EQ(text(h), "ETag=temporary;");
}

TEST(response_head, an_attached_block_wins_over_lines) {
  const field_block block{{{field::vary, "", "Origin"}, {field::other, "X-A", "1"}}};
  response_head h;
  ASSERT_TRUE(h.append(field::vary, "Accept"));
  ASSERT_TRUE(h.append("X-B", "2"));
  ASSERT_TRUE(h.append(field::vary, "Cookie"));
  h.attach(&block);
  EXPECT_EQ(text(h), "X-B=2;");
  EXPECT_TRUE(h.has(field::vary));
  EXPECT_FALSE(h.has(field::other));
  EXPECT_EQ(block.http1(), "Vary: Origin\r\nX-A: 1\r\n");
  h.clear();
  h.for_each_attached([](const field_block::pair& p) { ADD_FAILURE() << p.name; });
  EXPECT_FALSE(h.has(field::vary));
}

TEST(response_head, a_block_with_pairs_left_out) {
  const field_block block{
      {{field::vary, "", "a"}, {field::etag, "", "b"}, {field::other, "X-A", "c"}, {field::age, "", "d"}}};
  const std::string_view lines[] = {"Vary: a\r\n", "ETag: b\r\n", "X-A: c\r\n", "Age: d\r\n"};
  for (field_block::positions omitted = 0; omitted < 64; ++omitted) {  // two more than there are
    SCOPED_TRACE(omitted);
    response_head h;
    ASSERT_TRUE(h.append(field::vary, "own"));
    ASSERT_TRUE(h.append(field::age, "own"));
    h.attach(&block, omitted);
    std::string want;
    std::string want_names;
    std::size_t want_runs = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      if ((omitted >> i & 1U) != 0) continue;
      want += lines[i];
      want_names += block.pairs()[i].name + ';';
      if (i == 0 || (omitted >> (i - 1) & 1U) != 0) ++want_runs;
    }
    std::string got;
    std::size_t runs = 0;
    h.for_each_attached_run([&](std::string_view run) {
      got += run;
      ++runs;
    });
    std::string names;
    h.for_each_attached([&names](const field_block::pair& p) { names += p.name + ';'; });
    EXPECT_EQ(got, want);
    EXPECT_EQ(names, want_names);
    EXPECT_EQ(runs, want_runs);
    EXPECT_EQ(h.fields().has(field::vary), (omitted & 1U) != 0);
    EXPECT_EQ(h.fields().has(field::age), (omitted & 8U) != 0);
    EXPECT_TRUE(h.has(field::vary) && h.has(field::age));
    EXPECT_EQ(h.has(field::etag), (omitted & 2U) == 0);
  }
}

TEST(field_block, finds_known_names_only) {
  const field_block block{{{field::vary, "", "a"}, {field::other, "X-A", "b"}, {field::vary, "", "c"}}};
  EXPECT_EQ(block.find(field::vary), 5U);
  EXPECT_EQ(block.find(field::etag), 0U);
  EXPECT_EQ(block.find(field::other), 0U);
}

TEST(field_block, a_value_that_splits_ends_the_process) {
  EXPECT_DEATH((field_block{{{field::vary, "", "a\r\nb"}}}), "");
  EXPECT_DEATH((field_block{{{field::other, "a b", "c"}}}), "");
}

}  // namespace
}  // namespace gatehouse
