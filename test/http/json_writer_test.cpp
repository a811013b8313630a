#include <gatehouse/http/json_writer.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace gatehouse {
namespace {

using namespace std::string_view_literals;

struct string_case {
  std::string_view text;
  std::string_view want;
};
constexpr string_case strings[] = {
    {"", R"("")"},
    {"a b", R"("a b")"},
    {"\"\\/", R"("\"\\/")"},
    {"\b\f\n\r\t", R"("\u0008\u000c\n\r\t")"},
    {"\0\x1f\x7f"sv, R"("\u0000\u001f\u007f")"},
    {"</script>&", R"("\u003c/script\u003e\u0026")"},
    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
    {"\xe2\x80\xa8\xe2\x80\xa9", R"("\u2028\u2029")"},
    {"a\xff", "\"a\xef\xbf\xbd\""},
    {"\xc3", "\"\xef\xbf\xbd\""},
    {"\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""},                  // an overlong slash
    {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},  // a surrogate
    {"\xe2\x82\"", "\"\xef\xbf\xbd\\\"\""},                        // a cut sequence hides no quote
    {"\xf0\x9f\x98", "\"\xef\xbf\xbd\""},                          // and is one character
    {"\xf0\x9f\x98\xff", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
};
/// What write_json_string writes, into a space that is no longer than it says.
std::string written(std::string_view text) {
  std::string space(max_json_bytes_of_one * text.size() + 2, '#');
  space.resize(static_cast<std::size_t>(write_json_string(space.data(), text) - space.data()));
  return space;
}

TEST(json_writer, strings_are_valid_whatever_the_bytes) {
  for (const auto& c : strings) {
    std::string out;
    append_json_string(out, c.text);
    EXPECT_EQ(out, c.want);
    EXPECT_EQ(written(c.text), c.want);
  }
}

// Runs of clean text are copied eight or sixteen bytes at a time: wherever a byte stands, it gets what it gets alone.
TEST(json_writer, every_byte_is_escaped_wherever_it_stands) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    std::string alone;
    append_json_string(alone, one);
    for (std::size_t before = 0; before <= 17; ++before) {
      for (const std::size_t after : {std::size_t{0}, std::size_t{1}, std::size_t{12}, std::size_t{33}}) {
        const std::string head(before, '~');
        const std::string tail(after, ' ');
        std::string out;
        append_json_string(out, head + one + tail);
        EXPECT_EQ(out, '"' + head + alone.substr(1, alone.size() - 2) + tail + '"') << byte;
        EXPECT_EQ(written(head + one + tail), out) << byte;
      }
    }
  }
}

TEST(json_writer, documents) {
  std::string out;
  json_writer w{out};
  w.begin_object().key("a").value("b").key("c").begin_array().value(1).value(true).null().begin_object().end_object();
  w.begin_array()
      .end_array()
      .end_array()
      .key("d")
      .value(std::uint64_t{18446744073709551615U})
      .key("e")
      .value(-7)
      .end_object();
  EXPECT_EQ(out, R"({"a":"b","c":[1,true,null,{},[]],"d":18446744073709551615,"e":-7})");
}

TEST(json_writer, numbers_that_json_has_not_are_null) {
  std::string out;
  json_writer w{out};
  w.begin_array()
      .value(0.5)
      .value(std::nan(""))
      .value(std::numeric_limits<double>::infinity())
      .value(1e300)
      .end_array();
  EXPECT_EQ(out, "[0.5,null,null,1e+300]");
}

}  // namespace
}  // namespace gatehouse
