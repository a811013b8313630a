#include <gatehouse/http/encode.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>

#include <gatehouse/http/json_writer.hpp>

#include "encoded_text.hpp"

namespace gatehouse {
namespace {

using namespace std::string_view_literals;

struct encode_case {
  const char* name;
  std::string_view text;
  std::string_view want;
};

template <std::size_t Size>
void expect_all(const encode_case (&cases)[Size], std::string (*encode)(std::string_view)) {
  for (const auto& c : cases) EXPECT_EQ(encode(c.text), c.want) << c.name;
}

TEST(encode, html) {
  constexpr encode_case cases[] = {
      {"nothing", "", ""},
      {"plain", "a b\tc\nd", "a b\tc\nd"},
      {"a tag", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
      {"both quotes", "\"'", "&#34;&#39;"},
      {"a reference is text", "&lt;&#60;", "&amp;lt;&amp;#60;"},
      {"CR would become LF", "\r\n", "&#13;\n"},
      {"beyond ASCII", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
      {"what XML forbids", "\0\x1b\x0c"sv, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"not a character", "\xef\xbf\xbe\xef\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd"},
      {"DEL and C1 stay", "\x7f\xc2\x85", "\x7f\xc2\x85"},
      {"a cut sequence hides no tag", "\xe2\x82<b>", "\xef\xbf\xbd&lt;b&gt;"},
      {"an overlong <", "\xc0\xbc", "\xef\xbf\xbd\xef\xbf\xbd"},
      {"a surrogate", "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
  };
  expect_all(cases, encode::html);
}

TEST(encode, html_attribute_unquoted) {
  constexpr encode_case cases[] = {
      {"nothing still is a value", "", "\"\""},
      {"plain", "a-b_c.9", "a-b_c.9"},
      {"another attribute", "x onclick=alert(1)", "x&#32;onclick&#61;alert&#40;1&#41;"},
      {"white space of HTML", "\t\n\r ", "&#9;&#10;&#13;&#32;"},
      {"form feed is none of XML", "\f", "\xef\xbf\xbd"},
      {"quotes, the back quote, the end", "\"'`>/", "&#34;&#39;&#96;&gt;&#47;"},
      {"white space beyond ASCII ends nothing", "\xc2\x85\xe2\x80\xa8\xc2\xa0", "\xc2\x85\xe2\x80\xa8\xc2\xa0"},
  };
  expect_all(cases, encode::html_attribute_unquoted);
}

TEST(encode, js_string) {
  constexpr encode_case cases[] = {
      {"nothing", "", ""},
      {"plain", "Hello, a_b. 9", "Hello, a_b. 9"},
      {"the three quotes", "\"'`", "\\u0022\\u0027\\u0060"},
      {"out of the script", "</script>", "\\u003c\\u002fscript\\u003e"},
      {"a comment of HTML", "<!--", "\\u003c\\u0021\\u002d\\u002d"},
      {"a template's expression", "${a}", "\\u0024\\u007ba\\u007d"},
      {"a backslash at the end", "\\", "\\u005c"},
      {"line ends", "\r\n\xe2\x80\xa8\xe2\x80\xa9", "\\u000d\\u000a\\u2028\\u2029"},
      {"NUL stays", "\0"sv, "\\u0000"},
      {"two units", "\xf0\x9f\x98\x80", "\\ud83d\\ude00"},
      {"the last code point", "\xf4\x8f\xbf\xbf", "\\udbff\\udfff"},
      {"invalid", "\xff\xf0\x9f", "\\ufffd\\ufffd"},
  };
  expect_all(cases, encode::js_string);
}

TEST(encode, json_in_html) {
  constexpr encode_case cases[] = {
      {"nothing", "", ""},
      {"JSON", "{\"a\": [1, true, \"b\\n\"]}\n", "{\"a\": [1, true, \"b\\n\"]}\n"},
      {"out of the script", R"({"a":"</script><!--"})", R"({"a":"\u003c/script\u003e\u003c!--"})"},
      {"behind a backslash", R"("\\<\"&")", R"("\\\u003c\"\u0026")"},
      {"line ends of JavaScript", "\"\xe2\x80\xa8\xe2\x80\xa9\"", "\"\\u2028\\u2029\""},
      {"beyond ASCII", "\"\xc3\xa9\"", "\"\xc3\xa9\""},
      {"invalid", "\"\xff\"", "\"\xef\xbf\xbd\""},
      {"what is escaped already", R"("\u003c")", R"("\u003c")"},
  };
  expect_all(cases, encode::json_in_html);
}

TEST(encode, css_string) {
  constexpr encode_case cases[] = {
      {"nothing", "", ""},
      {"plain", "abc9", "abc9"},
      {"the escape ends before a digit", ",9", "\\2c 9"},
      {"a space is no end of an escape", "a b", "a\\20 b"},
      {"out of the string", "\";}*{x:y", "\\22 \\3b \\7d \\2a \\7b x\\3a y"},
      {"out of the element", "</style>", "\\3c \\2f style\\3e "},
      {"a line end", "\n", "\\a "},
      {"NUL is none", "\0"sv, "\\fffd "},
      {"beyond the BMP", "\xf0\x9f\x98\x80", "\\1f600 "},
      {"invalid", "\xc3(", "\\fffd \\28 "},
  };
  expect_all(cases, encode::css_string);
}

TEST(encode, uri_component) {
  constexpr encode_case cases[] = {
      {"nothing", "", ""},
      {"unreserved", "aZ09-._~", "aZ09-._~"},
      {"reserved", "/?#[]@!$&'()*+,;=:", "%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A"},
      {"a space is no plus", " ", "%20"},
      {"an escape is text", "%2F", "%252F"},
      {"UTF-8", "\xe2\x82\xac", "%E2%82%AC"},
      {"a line end", "\r\n", "%0D%0A"},
      {"NUL", "\0"sv, "%00"},
      {"invalid", "\xff", "%EF%BF%BD"},
      {"dots stay", "..", ".."},
  };
  expect_all(cases, encode::uri_component);
}

TEST(encode, safe_url) {
  struct url_case {
    const char* name;
    std::string_view text;
    std::optional<std::string> want;
  };
  const url_case cases[] = {
      {"https", "https://example.com/a?b=c&d=%20#e", "https://example.com/a?b=c&d=%20#e"},
      {"http, in capitals", "HTTP://example.com", "HTTP://example.com"},
      {"an address and a port", "http://[::1]:8080/", "http://[::1]:8080/"},
      {"mailto", "mailto:a@example.com?subject=x", "mailto:a@example.com?subject=x"},
      {"a path", "/notes/1", "/notes/1"},
      {"a relative path", "../notes;v=1", "../notes;v=1"},
      {"a query", "?q=a:b", "?q=a:b"},
      {"a fragment", "#a:b", "#a:b"},
      {"a colon behind a slash", "./a:b", "./a:b"},
      {"an @ in the path", "https://example.com/@a", "https://example.com/@a"},
      {"beyond ASCII", "/caf\xc3\xa9", "/caf%C3%A9"},
      {"what no URL has", "/\"<>`{|}^", "/%22%3C%3E%60%7B%7C%7D%5E"},
      {"quotes that URLs have", "/'()", "/'()"},
      {"javascript", "javascript:alert(1)", std::nullopt},
      {"javascript, in capitals", "JaVaScRiPt:alert(1)", std::nullopt},
      {"a space before it", " javascript:alert(1)", std::nullopt},
      {"a control before it", "\x01javascript:alert(1)", std::nullopt},
      {"a TAB in it", "java\tscript:alert(1)", std::nullopt},
      {"a line end in it", "java\nscript:alert(1)", std::nullopt},
      {"a CR in a path", "/a\rb", std::nullopt},
      {"NUL in it", "java\0script:alert(1)"sv, std::nullopt},
      {"DEL", "/\x7f", std::nullopt},
      {"a space behind", "https://example.com/ ", std::nullopt},
      {"a space in it", "/a b", std::nullopt},
      {"data", "data:text/html,<script>", std::nullopt},
      {"vbscript", "vbscript:x", std::nullopt},
      {"blob", "blob:https://example.com/1", std::nullopt},
      {"file", "file:///etc/passwd", std::nullopt},
      {"a name with a colon", "a:b", std::nullopt},
      {"a port by itself", "localhost:8080/", std::nullopt},
      {"no scheme before the colon", ":a", std::nullopt},
      {"an escaped colon begins no scheme", "javascript%3Aalert(1)", "javascript%3Aalert(1)"},
      {"a reference begins no scheme", "javascript&colon;alert(1)", "javascript&colon;alert(1)"},
      {"another host", "//evil.example/", std::nullopt},
      {"three slashes", "///evil.example/", std::nullopt},
      {"backslashes", "\\\\evil.example", std::nullopt},
      {"a backslash behind a slash", "/\\evil.example", std::nullopt},
      {"a backslash later", "https://example.com\\@evil.example", std::nullopt},
      {"no slashes", "https:evil.example", std::nullopt},
      {"one slash", "https:/evil.example", std::nullopt},
      {"no host", "https:///evil.example", std::nullopt},
      {"no host at all", "https://", std::nullopt},
      {"a port without a host", "https://:80/", std::nullopt},
      {"userinfo", "https://example.com@evil.example/", std::nullopt},
      {"a host with an escape", "https://evil%2eexample/", std::nullopt},
      {"a host that is none", "https://(a)<b/", std::nullopt},
      {"a host beyond ASCII",
       "https://b\xc3\xbc"
       "cher.example/",
       std::nullopt},
      {"the same as browsers send it", "https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"},
      {"a number that is an address to some", "http://127.1/", std::nullopt},
      {"half an address", "http://[::1/", std::nullopt},
      {"a port that is none", "http://example.com:99999/", std::nullopt},
      {"mailto nobody", "mailto:", std::nullopt},
      {"half an escape", "/100%", std::nullopt},
      {"no escape", "/%zz", std::nullopt},
      {"invalid UTF-8", "/\xff", std::nullopt},
      {"nothing", "", std::nullopt},
  };
  for (const auto& c : cases) {
    const auto url = encode::safe_url(c.text);
    EXPECT_EQ(url ? std::optional{url->text()} : std::nullopt, c.want) << c.name;
    std::string appended = "x";
    EXPECT_EQ(encode::append_safe_url(appended, c.text), c.want.has_value()) << c.name;
    EXPECT_EQ(appended, "x" + c.want.value_or("")) << c.name;
  }
}

TEST(encode, header_value) {
  struct value_case {
    const char* name;
    std::string_view text;
    std::optional<std::string> want;
  };
  const value_case cases[] = {
      {"plain", "a b", "a b"},
      {"nothing", "", ""},
      {"TAB is white space", "a\tb", "a\tb"},
      {"around it", " \ta ", "a"},
      {"CRLF", "a\r\nSet-Cookie: b", std::nullopt},
      {"CR", "a\rb", std::nullopt},
      {"LF", "a\nb", std::nullopt},
      {"LF at the end", "a\n", std::nullopt},
      {"NUL", "a\0b"sv, std::nullopt},
      {"ESC", "\x1b[1m", std::nullopt},
      {"DEL", "\x7f", std::nullopt},
      {"UTF-8", "caf\xc3\xa9", "caf\xc3\xa9"},
      {"the second half of a character is no CR", "\xc4\x8d", "\xc4\x8d"},
      {"invalid UTF-8", "a\xff", "a\xef\xbf\xbd"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(encode::header_value(c.text), c.want) << c.name;
    std::string appended = "x";
    EXPECT_EQ(encode::append_header_value(appended, c.text), c.want.has_value()) << c.name;
    EXPECT_EQ(appended, "x" + c.want.value_or("")) << c.name;
  }
}

TEST(encode, content_disposition) {
  constexpr encode_case cases[] = {
      {"plain", "report.pdf", "attachment; filename=\"report.pdf\""},
      {"spaces and more of ASCII", "a b (1),;'.txt", "attachment; filename=\"a b (1),;'.txt\""},
      {"beyond ASCII", "na\xc3\xafve \xe2\x82\xac.txt",
       "attachment; filename=\"na_ve _.txt\"; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt"},
      {"a percent sign", "100%.txt", "attachment; filename=\"100_.txt\"; filename*=UTF-8''100%25.txt"},
      {"out of the quotes", "a\"; filename=evil.exe", "attachment; filename=\"a_; filename=evil.exe\""},
      {"another field", "a\r\nSet-Cookie: b", "attachment; filename=\"a__Set-Cookie_ b\""},
      {"another folder", "../../etc/passwd", "attachment; filename=\"___.._etc_passwd\""},
      {"another folder of Windows", "..\\a", "attachment; filename=\"___a\""},
      {"a stream or a drive", "C:a", "attachment; filename=\"C_a\""},
      {"hidden", ".htaccess", "attachment; filename=\"_htaccess\""},
      {"the end that Windows drops", "a.exe. .", "attachment; filename=\"a.exe\""},
      {"turned text",
       "\xe2\x80\xae"
       "fdp.exe",
       "attachment; filename=\"_fdp.exe\""},
      {"NUL", "a.exe\0.txt"sv, "attachment; filename=\"a.exe_.txt\""},
      {"nothing", "", "attachment; filename=\"download\""},
      {"nothing that is left", " ..", "attachment; filename=\"download\""},
      {"invalid UTF-8", "a\xff", "attachment; filename=\"a_\"; filename*=UTF-8''a%EF%BF%BD"},
  };
  for (const auto& c : cases) EXPECT_EQ(encode::content_disposition(c.text), c.want) << c.name;
  EXPECT_EQ(encode::content_disposition("a.pdf", encode::disposition::inline_), "inline; filename=\"a.pdf\"");
  std::string appended = "x";
  encode::append_content_disposition(appended, "a");
  EXPECT_EQ(appended, "xattachment; filename=\"a\"");
}

TEST(encode, every_code_point_is_safe_and_read_as_it_was) {
  for (const auto& e : test::encoders) {
    for (char32_t point = 0; point <= 0x10ffff; ++point) {
      std::string text;
      test::append_utf8(text, point);  // of a surrogate, too: three bytes that are no UTF-8
      const std::string broken = test::broken_contract(e, text);
      ASSERT_TRUE(broken.empty()) << "U+" << std::hex << static_cast<unsigned>(point) << ": " << broken;
    }
  }
}

TEST(encode, every_two_bytes_are_safe_and_read_as_they_were) {
  for (const auto& e : test::encoders) {
    for (unsigned pair = 0; pair < 0x10000; ++pair) {
      const std::string text{static_cast<char>(pair >> 8U), static_cast<char>(pair & 0xffU)};
      for (const std::string& around : {text, "a" + text + "<", "\xf0\x9f" + text}) {
        const std::string broken = test::broken_contract(e, around);
        ASSERT_TRUE(broken.empty()) << std::hex << pair << ": " << broken;
      }
    }
  }
}

// The JSON writer must be as safe as json_in_html makes it, for any bytes.
TEST(encode, json_of_the_writer_needs_no_encoder) {
  const auto expect_safe = [](const std::string& text) {
    std::string json;
    append_json_string(json, text);
    ASSERT_EQ(encode::json_in_html(json), json);
    ASSERT_TRUE(test::read_json_in_html(json)) << json;
  };
  for (char32_t point = 0; point <= 0x10ffff; ++point) {
    std::string text;
    test::append_utf8(text, point);
    expect_safe(text);
  }
  for (unsigned pair = 0; pair < 0x10000; ++pair) {
    expect_safe({static_cast<char>(pair >> 8U), static_cast<char>(pair & 0xffU)});
  }
}

// What each answer may consist of, whatever byte stands where.
TEST(encode, every_two_bytes_in_urls_and_fields) {
  for (unsigned pair = 0; pair < 0x10000; ++pair) {
    const std::string text{static_cast<char>(pair >> 8U), static_cast<char>(pair & 0xffU)};
    if (const auto url = encode::safe_url("/x" + text)) {
      const auto read = test::read_percent(url->text(), "-._~:/?#[]@!$&'()*+,;=");
      ASSERT_TRUE(read) << url->text();
      if (text.find('%') == std::string::npos) {
        ASSERT_EQ(*read, "/x" + text);
      }
    }
    if (const auto value = encode::header_value(text)) {
      ASSERT_EQ(value->find_first_of("\r\n\0\x7f"sv), std::string::npos);
      ASSERT_EQ(*value, test::as_valid(*value));
    }
    const std::string disposition = encode::content_disposition(text);
    ASSERT_EQ(std::count(disposition.begin(), disposition.end(), '"'), 2) << disposition;
    ASSERT_EQ(disposition.find_first_of("/\\\r\n\0"sv), std::string::npos) << disposition;
  }
}

}  // namespace
}  // namespace gatehouse
