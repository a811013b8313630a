#include <gatehouse/http/media_type.hpp>

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

struct row {
  const char* name;
  std::string_view sent;
  std::string_view essence;
};
constexpr row rows[] = {
    {"alone", "text/html", "text/html"},
    {"with a parameter", "text/html;charset=utf-8", "text/html"},
    {"with white space", " \ttext/html \t; charset=utf-8", "text/html"},
    {"case is as sent", "Text/HTML", "Text/HTML"},
    {"a semicolon in a parameter", "a/b;c=\"d;e\"", "a/b"},
    {"only parameters", ";charset=utf-8", ""},
    {"nothing", "", ""},
    {"what is no media type", "nonsense", "nonsense"},
};

TEST(media_type, essence) {
  for (const row& r : rows) EXPECT_EQ(media_type_essence(r.sent), r.essence) << r.name;
}

TEST(media_type, kinds_are_compared_whole_and_without_case) {
  EXPECT_TRUE(is_media_type("Text/HTML; charset=x", "text/html"));
  EXPECT_FALSE(is_media_type("text/htmlx", "text/html"));
  EXPECT_FALSE(is_media_type("text/htm", "text/html"));
  EXPECT_FALSE(is_media_type("", "text/html"));
}

}  // namespace
}  // namespace gatehouse
