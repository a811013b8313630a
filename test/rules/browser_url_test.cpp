#include <gatehouse/rules/browser_url.hpp>

#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

struct url_case {
  const char* name;
  std::string_view text;
  std::string_view made;  // empty: no URL
  bool userinfo = false;
};

// https://url.spec.whatwg.org/#concept-url-parser , against http://base.example:81/a/b?q
const url_case url_cases[] = {
    {"absolute", "http://example.com/x?y=z", "http://example.com/x?y=z"},
    {"without a path", "http://example.com", "http://example.com/"},
    {"a query without a path", "http://example.com?x", "http://example.com/?x"},
    {"scheme and host in capitals", "HTTP://EXAMPLE.com/X", "http://example.com/X"},
    {"the default port", "http://example.com:80/", "http://example.com/"},
    {"the default port of another scheme", "https://example.com:80/", "https://example.com:80/"},
    {"an empty port", "http://example.com:/", "http://example.com/"},
    {"a port that is none", "http://example.com:99999/", ""},
    {"the fragment is not sent", "http://example.com/x#y?z", "http://example.com/x"},
    {"spaces around", " \thttp://example.com/x \n", "http://example.com/x"},
    {"a line end within", "http://exam\nple.com/", "http://example.com/"},
    {"backslashes", "http:\\\\example.com\\x", "http://example.com/x"},
    {"more slashes", "http:////example.com/x", "http://example.com/x"},
    {"an IPv6 address", "http://[0:0::1]:8080/", "http://[::1]:8080/"},
    {"an IPv6 address that is none", "http://[/", ""},
    {"numbers for an address", "http://127.1/", ""},
    {"a number in hexadecimal", "http://0x7f.0x1/", ""},
    {"no host", "http://", ""},
    {"an encoded host", "http://ex%61mple.com/", ""},
    {"a host beyond ASCII", "http://\xc3\xa4.example/", ""},
    {"with a user name", "http://user@example.com/", "http://example.com/", true},
    {"with a password", "http://user:secret@example.com/", "http://example.com/", true},
    {"with an at sign and nothing", "http://@example.com/", "http://example.com/"},
    {"the last at sign counts", "http://good.example@evil.example/", "http://evil.example/", true},
    {"a backslash ends the host", "http://evil.example\\@good.example/", "http://evil.example/@good.example/"},
    {"scheme-relative", "//example.com/x", "http://example.com/x"},
    {"path-absolute", "/x/y", "http://base.example:81/x/y"},
    {"path-relative", "c", "http://base.example:81/a/c"},
    {"path-relative, up", "../c", "http://base.example:81/c"},
    {"up beyond the root", "../../../c", "http://base.example:81/c"},
    {"dots in the middle", "/x/./y/../z/.", "http://base.example:81/x/z/"},
    {"dots that are encoded", "/x/%2e%2E/z", "http://base.example:81/z"},
    {"a query", "?x", "http://base.example:81/a/b?x"},
    {"nothing", "", "http://base.example:81/a/b?q"},
    {"only a fragment", "#x", "http://base.example:81/a/b?q"},
    {"what must be encoded", "/a b\"<>{}^`|?a b\"<>'|{}",
     "http://base.example:81/a%20b%22%3C%3E%7B%7D%5E%60|?a%20b%22%3C%3E%27|{}"},
    {"beyond ASCII", "/\xc3\xa4?\xc3\xa4", "http://base.example:81/%C3%A4?%C3%A4"},
};

TEST(browser_url_test, parses_as_the_url_standard_does) {
  const auto base = web_url::parse("http://base.example:81/a/b?q#f");
  ASSERT_TRUE(base);
  for (const auto& c : url_cases) {
    SCOPED_TRACE(c.name);
    const auto url = web_url::parse(c.text, &*base);
    ASSERT_EQ(url.has_value(), !c.made.empty());
    if (!url) continue;
    EXPECT_EQ(url->text(), c.made);
    EXPECT_EQ(url->has_userinfo, c.userinfo);
    EXPECT_TRUE(url->is_http());
    const auto again = web_url::parse(url->text());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->text(), url->text());
  }
}

TEST(browser_url_test, other_schemes_are_urls_that_are_not_http) {
  for (const char* text :
       {"data:text/plain,x", "blob:http://example.com/1", "file:///etc/passwd", "mailto:a@b", "about:blank"}) {
    const auto url = web_url::parse(text);
    ASSERT_TRUE(url) << text;
    EXPECT_FALSE(url->is_http()) << text;
  }
  EXPECT_FALSE(web_url::parse("/x"));
}

struct origin_case {
  const char* name;
  std::string_view text;
  std::string_view made;  // empty: no origin
};

const origin_case origin_cases[] = {
    {"with a port", "http://localhost:3000", "http://localhost:3000"},
    {"with the default port", "https://example.com:443", "https://example.com"},
    {"opaque", "null", "null"},
    {"of an extension", "chrome-extension://abcdef", "chrome-extension://abcdef"},
    {"capitals", "HTTP://Localhost", "http://localhost"},
    {"a trailing slash", "http://localhost/", ""},
    {"a path", "http://localhost/x", ""},
    {"userinfo", "http://a@localhost", ""},
    {"no scheme", "localhost:3000", ""},
    {"no host", "http://", ""},
    {"nothing", "", ""},
    {"a word", "Null", ""},
};

TEST(browser_url_test, origins) {
  for (const auto& c : origin_cases) {
    SCOPED_TRACE(c.name);
    const auto made = web_origin::parse(c.text);
    ASSERT_EQ(made.has_value(), !c.made.empty());
    if (made) {
      EXPECT_EQ(made->text(), c.made);
    }
  }
}

TEST(browser_url_test, the_same_origin_has_the_same_scheme_host_and_port) {
  const auto at = [](const char* text) { return *web_origin::parse(text); };
  EXPECT_TRUE(at("http://a.example").same_as(at("http://a.example:80")));
  EXPECT_FALSE(at("http://a.example").same_as(at("https://a.example")));
  EXPECT_FALSE(at("http://a.example").same_as(at("http://a.example:81")));
  EXPECT_FALSE(at("http://a.example").same_as(at("http://b.example")));
  EXPECT_FALSE(at("null").same_as(at("null"))) << "opaque origins are the same as nothing";
}

TEST(browser_url_test, trustworthy_is_https_or_this_machine) {
  for (const char* text :
       {"https://a.example", "http://localhost:1", "http://x.localhost", "http://127.0.0.9", "http://[::1]"}) {
    EXPECT_TRUE(web_origin::parse(text)->is_trustworthy()) << text;
  }
  for (const char* text : {"http://a.example", "http://10.0.0.1", "null", "chrome-extension://localhost"}) {
    EXPECT_FALSE(web_origin::parse(text)->is_trustworthy()) << text;
  }
}

}  // namespace
}  // namespace gatehouse
