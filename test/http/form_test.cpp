#include <gatehouse/http/form.hpp>

#include <string>

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

std::string urlencoded(std::string_view content, const form_limits& l = {}) {
  const auto pairs = parse_urlencoded(content, l);
  if (!pairs) return std::string{code(pairs.error().why)};
  std::string all;
  for (const form_pair& p : *pairs) all.append(p.name).append("=").append(p.value).append("|");
  return all;
}

TEST(form, urlencoded_is_split) {
  struct {
    const char* name;
    std::string content;
    std::string want;
  } const rows[] = {
      {"one", "a=1", "a=1|"},
      {"several", "a=1&b=2&a=3", "a=1|b=2|a=3|"},
      {"nothing is decoded here", "a+b=%20c", "a+b=%20c|"},
      {"no value", "a=&b", "a=|b=|"},
      {"no name", "=1", "=1|"},
      {"an equals sign in the value", "a=b=c", "a=b=c|"},
      {"empty pairs", "&&a=1&", "a=1|"},
      {"a semicolon separates nothing", "a=1;b=2", "a=1;b=2|"},
      {"empty", "", ""},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    EXPECT_EQ(urlencoded(r.content), r.want);
  }
  const form_limits tiny{.fields = 2, .files = 1, .field_bytes = 3};
  EXPECT_EQ(urlencoded("a=1&b=2", tiny), "a=1|b=2|");
  EXPECT_EQ(urlencoded("a=1&b=2&c=3", tiny), "validation.invalid-body");
  EXPECT_EQ(urlencoded("abc=123", tiny), "abc=123|");
  EXPECT_EQ(urlencoded("abcd=1", tiny), "validation.invalid-body");
  EXPECT_EQ(urlencoded("a=1234", tiny), "validation.invalid-body");
}

TEST(form, the_boundary_is_read) {
  struct {
    const char* type;
    const char* want;  // "-": none
  } const rows[] = {
      {"multipart/form-data; boundary=abc", "abc"},
      {"Multipart/Form-Data;BOUNDARY=\"a b:c\"", "a b:c"},
      {"multipart/form-data; charset=utf-8; boundary=abc", "abc"},
      {"multipart/form-data; boundary=----WebKitFormBoundaryAbC123", "----WebKitFormBoundaryAbC123"},
      {"multipart/form-data", "-"},
      {"multipart/mixed; boundary=abc", "-"},
      {"multipart/form-data; boundary=", "-"},
      {"multipart/form-data; boundary=\"\"", "-"},
      {"multipart/form-data; boundary=\"abc", "-"},
      {"multipart/form-data; boundary=\"abc \"", "-"},
      {"multipart/form-data; boundary=\"a\\\"b\"", "-"},
      {"multipart/form-data; boundary=a; boundary=b", "-"},
      {"multipart/form-data boundary=abc", "-"},
      {"multipart/form-data; boundary=a=b", "-"},
      {"multipart/form-data; boundary=0123456789012345678901234567890123456789012345678901234567890123456789",
       "0123456789012345678901234567890123456789012345678901234567890123456789"},
      {"multipart/form-data; boundary=01234567890123456789012345678901234567890123456789012345678901234567890", "-"},
      {"", "-"},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.type);
    EXPECT_EQ(multipart_boundary(r.type).value_or("-"), r.want);
  }
}

/// "name=content" or "name<file name,type>=content", each followed by "|".
std::string parts(std::string_view content, const form_limits& l = {}) {
  const auto all = parse_multipart(content, "b", l);
  if (!all) return std::string{code(all.error().why)};
  std::string out;
  for (const form_part& p : *all) {
    out += p.name;
    if (p.is_file) out.append("<").append(p.file_name).append(",").append(p.type).append(">");
    out.append("=").append(p.content).append("|");
  }
  return out;
}

constexpr auto invalid = "validation.invalid-body";

std::string part(const std::string& head, const std::string& content) {
  return "--b\r\n" + head + "\r\n\r\n" + content + "\r\n";
}
std::string field(const std::string& name, const std::string& value) {
  return part("Content-Disposition: form-data; name=\"" + name + "\"", value);
}

TEST(form, multipart_is_split_as_browsers_send_it_and_no_other_way) {
  const std::string end = "--b--\r\n";
  const std::string disposition = "Content-Disposition: form-data; name=\"f\"; ";
  struct {
    const char* name;
    std::string content;
    std::string want;
  } const rows[] = {
      {"a field", field("a", "1") + end, "a=1|"},
      {"fields", field("a", "1") + field("b", "") + field("a", "2") + end, "a=1|b=|a=2|"},
      {"a file", part(disposition + "filename=\"x.png\"\r\nContent-Type: image/png", "PNG\r\n\x01") + end,
       "f<x.png,image/png>=PNG\r\n\x01|"},
      {"a file that nobody chose", part(disposition + "filename=\"\"", "") + end, "f<,>=|"},
      {"nothing", end, ""},
      {"no last line break", field("a", "1") + "--b--", "a=1|"},
      {"line breaks in the content", field("a", "1\r\n\r\n2\n") + end, "a=1\r\n\r\n2\n|"},
      {"something like a boundary in the content", field("a", "--b\r\n--c\r\n-b--") + end, "a=--b\r\n--c\r\n-b--|"},
      {"names without quotes", part("Content-Disposition: form-data; name=a", "1") + end, "a=1|"},
      {"any case", part("content-disposition: FORM-DATA; NAME=\"a\"", "1") + end, "a=1|"},
      {"other fields are skipped", part("X-A: b\r\nContent-Disposition: form-data; name=\"a\"", "1") + end, "a=1|"},
      {"an encoded quote stays", field("a%22b", "1") + end, "a%22b=1|"},
      {"a semicolon in a name", field("a;b", "1") + end, "a;b=1|"},
      {"a path as a file name", part(disposition + "filename=\"/etc/passwd\"", "x") + end, "f<passwd,>=x|"},
      {"a path of Windows", part(disposition + "filename=\"C:\\up\\x.txt\"", "x") + end, "f<x.txt,>=x|"},
      {"upwards", part(disposition + "filename=\"../../x\"", "x") + end, "f<x,>=x|"},

      {"empty", "", invalid},
      {"no end", field("a", "1"), invalid},
      {"cut in the content", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1", invalid},
      {"cut in the head", "--b\r\nContent-Disposition: form-da", invalid},
      {"another boundary", "--c\r\n\r\n--c--\r\n", invalid},
      {"a preamble", "hello\r\n" + field("a", "1") + end, invalid},
      {"an epilogue", field("a", "1") + end + "more", invalid},
      {"space behind the boundary", "--b \r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n" + end, invalid},
      {"bare line feeds", "--b\nContent-Disposition: form-data; name=\"a\"\n\n1\n--b--\n", invalid},
      {"no disposition", part("Content-Type: text/plain", "1") + end, invalid},
      {"no head", "--b\r\n\r\n1\r\n" + end, invalid},
      {"another disposition", part("Content-Disposition: attachment; name=\"a\"", "1") + end, invalid},
      {"no name", part("Content-Disposition: form-data; filename=\"x\"", "1") + end, invalid},
      {"two names", part("Content-Disposition: form-data; name=\"a\"; name=\"b\"", "1") + end, invalid},
      {"two file names", part(disposition + "filename=\"a\"; filename=\"b\"", "1") + end, invalid},
      {"an extended file name", part(disposition + "filename*=UTF-8''x", "1") + end, invalid},
      {"two dispositions", part(disposition + "a=b\r\n" + disposition + "a=b", "1") + end, invalid},
      {"two types", part(disposition + "a=b\r\nContent-Type: a/b\r\nContent-Type: c/d", "1") + end, invalid},
      {"an encoding", part(disposition + "a=b\r\nContent-Transfer-Encoding: base64", "1") + end, invalid},
      {"an open quote", part("Content-Disposition: form-data; name=\"a", "1") + end, invalid},
      {"a folded line", part("Content-Disposition: form-data;\r\n name=\"a\"", "1") + end, invalid},
      {"a line without a colon", part("Content-Disposition form-data", "1") + end, invalid},
      {"a NUL in the head", part(std::string{"Content-Disposition: form-data; name=\"a\0\"", 41}, "1") + end, invalid},
      {"a head that is too long", part(disposition + "a=" + std::string(4096, 'x'), "1") + end, invalid},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    EXPECT_EQ(parts(r.content), r.want);
  }
}

TEST(form, multipart_has_limits) {
  const form_limits tiny{.fields = 2, .files = 1, .field_bytes = 3};
  const std::string end = "--b--\r\n";
  const std::string file = part("Content-Disposition: form-data; name=\"f\"; filename=\"x\"", "0123456789");
  EXPECT_EQ(parts(field("a", "123") + field("b", "2") + file + end, tiny), "a=123|b=2|f<x,>=0123456789|");
  EXPECT_EQ(parts(field("a", "1") + field("b", "2") + field("c", "3") + end, tiny), invalid);
  EXPECT_EQ(parts(file + file + end, tiny), invalid);
  EXPECT_EQ(parts(field("a", "1234") + end, tiny), invalid);
  EXPECT_EQ(parts(field("abcd", "1") + end, tiny), invalid);
}

}  // namespace
}  // namespace gatehouse
