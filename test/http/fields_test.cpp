#include <gatehouse/http/fields.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse {
namespace {

std::string text(const fields& f) {
  std::string all;
  for (const field_line& line : f) all += std::string{line.name} + "=" + std::string{line.value} + ";";
  return all;
}

std::vector<std::string> values(const fields& f, field id) {
  std::vector<std::string> all;
  f.for_each(id, [&all](std::string_view value) { all.emplace_back(value); });
  return all;
}

void fill(fields& f) {
  ASSERT_TRUE(f.append(field::vary, "a"));
  ASSERT_TRUE(f.append(field::other, "X-A", "1"));
  ASSERT_TRUE(f.append(field::vary, "b"));
  ASSERT_TRUE(f.append(field::age, "2"));
  ASSERT_TRUE(f.append(field::vary, "c"));
}

TEST(fields, lines_keep_their_order_and_names_find_theirs) {
  fields f;
  fill(f);
  EXPECT_EQ(text(f), "Vary=a;X-A=1;Vary=b;Age=2;Vary=c;");
  EXPECT_EQ(values(f, field::vary), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(f.count(field::vary), 3U);
  EXPECT_EQ(f.count(field::etag), 0U);
  EXPECT_EQ(f.get(field::vary), "a");
  EXPECT_EQ(f.get(field::etag), std::nullopt);
  EXPECT_EQ(f.get("x-a"), "1");
  EXPECT_EQ(f.get("vAry"), "a");
  EXPECT_EQ(f.get("X-B"), std::nullopt);
  EXPECT_FALSE(f.has(field::other));
}

TEST(fields, set_replaces_all_lines_at_the_place_of_the_first) {
  fields f;
  fill(f);
  ASSERT_TRUE(f.set(field::vary, "d"));
  EXPECT_EQ(text(f), "Vary=d;X-A=1;Age=2;");
  ASSERT_TRUE(f.set(field::etag, "e"));
  EXPECT_EQ(text(f), "Vary=d;X-A=1;Age=2;ETag=e;");
  ASSERT_TRUE(f.append(field::vary, "f"));
  EXPECT_EQ(values(f, field::vary), (std::vector<std::string>{"d", "f"}));
}

TEST(fields, edit_changes_or_removes_each_line_of_a_name) {
  fields f;
  fill(f);
  std::string seen;
  f.edit(field::vary, [&seen](std::string_view value) -> std::optional<std::string_view> {
    seen += value;
    return value == "b" ? std::nullopt : std::optional<std::string_view>{value == "a" ? "x" : value};
  });
  EXPECT_EQ(seen, "abc");
  EXPECT_EQ(text(f), "Vary=x;X-A=1;Age=2;Vary=c;");
  EXPECT_EQ(values(f, field::vary), (std::vector<std::string>{"x", "c"}));
  f.edit(field::vary, [](std::string_view) { return std::optional<std::string_view>{}; });
  EXPECT_EQ(text(f), "X-A=1;Age=2;");
  EXPECT_FALSE(f.has(field::vary));
  f.edit(field::etag, [](std::string_view) -> std::optional<std::string_view> { return "never"; });
  EXPECT_EQ(text(f), "X-A=1;Age=2;");
}

TEST(fields, set_keeps_the_first_line_even_when_a_later_one_has_moved) {
  fields f;
  ASSERT_TRUE(f.append(field::age, "1"));
  ASSERT_TRUE(f.append(field::vary, "a"));
  ASSERT_TRUE(f.append(field::vary, "b"));
  f.remove(field::age);
  ASSERT_TRUE(f.set(field::vary, "c"));
  EXPECT_EQ(text(f), "Vary=c;");
}

TEST(fields, removed_lines_are_gone_from_both_views) {
  fields f;
  fill(f);
  f.remove(field::vary);
  EXPECT_EQ(text(f), "X-A=1;Age=2;");
  EXPECT_FALSE(f.has(field::vary));
  EXPECT_EQ(f.get(field::age), "2");
  f.remove_if([](const field_line& line) { return line.id == field::other; });
  EXPECT_EQ(text(f), "Age=2;");
  f.clear();
  EXPECT_TRUE(f.empty() && !f.has(field::age));
  ASSERT_TRUE(f.append(field::age, "3"));
  EXPECT_EQ(values(f, field::age), (std::vector<std::string>{"3"}));
}

TEST(fields, a_line_too_many_is_refused_and_changes_nothing) {
  fields f;
  for (std::size_t i = 0; i < max_field_lines; ++i) ASSERT_TRUE(f.append(field::vary, "a"));
  const auto full = f.append(field::age, "1");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().why, reason::limit_too_many_fields);
  EXPECT_EQ(f.size(), max_field_lines);
  EXPECT_EQ(f.count(field::vary), max_field_lines);
  EXPECT_FALSE(f.has(field::age));
}

}  // namespace
}  // namespace gatehouse
