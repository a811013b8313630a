#include <gatehouse/rules/browser_classify.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

struct header_case {
  const char* name;
  const char* field;
  std::string value;
  bool safelisted;
};

// https://fetch.spec.whatwg.org/#cors-safelisted-request-header
const header_case header_cases[] = {
    {"Accept", "Accept", "application/json", true},
    {"names have any case", "aCCEPT", "*/*", true},
    {"Accept may be empty", "accept", "", true},
    {"Accept may have a TAB", "accept", "a\tb", true},
    {"Accept with a control character", "accept", "a\x01", false},
    {"Accept with DEL", "accept", "a\x7f", false},
    {"Accept beyond ASCII", "accept", "\xc3\xa4", true},
    {"quotes are unsafe", "accept", "a;b=\"c\"", false},
    {"a colon is unsafe", "accept", "a:b", false},
    {"brackets are unsafe", "accept", "(a)", false},
    {"128 bytes", "accept", std::string(128, 'a'), true},
    {"129 bytes", "accept", std::string(129, 'a'), false},
    {"Accept-Language", "accept-language", "de-AT, en;q=0.5, *", true},
    {"languages have no underscore", "accept-language", "en_US", false},
    {"languages have no slash", "content-language", "en/us", false},
    {"languages have no TAB", "content-language", "en\tus", false},
    {"a form", "content-type", "application/x-www-form-urlencoded", true},
    {"an upload", "content-type", "multipart/form-data; boundary=----x", true},
    {"text in any case, with a charset", "Content-Type", "Text/Plain; charset=UTF-8", true},
    {"a space before the semicolon", "content-type", "text/plain ;a=b", true},
    {"JSON", "content-type", "application/json", false},
    {"no type", "content-type", "", false},
    {"half a type", "content-type", "text", false},
    {"a list", "content-type", "text/plain, text/plain", false},
    {"a longer type", "content-type", "text/plainer", false},
    {"quotes in a parameter", "content-type", "text/plain; a=\"b\"", false},
    {"a range", "range", "bytes=0-99", true},
    {"an open range", "Range", "bytes=100-", true},
    {"a range of one byte", "range", "bytes=7-7", true},
    {"leading zeros", "range", "bytes=007-0008", true},
    {"numbers longer than any integer", "range", "bytes=99999999999999999999-100000000000000000000", true},
    {"a suffix", "range", "bytes=-5", false},
    {"backwards", "range", "bytes=9-3", false},
    {"longer is more", "range", "bytes=10-9", false},
    {"two ranges", "range", "bytes=0-1,3-4", false},
    {"a space", "range", "bytes=0- 4", false},
    {"other units", "range", "lines=0-4", false},
    {"no dash", "range", "bytes=0", false},
    {"nothing", "range", "bytes=-", false},
    {"Authorization", "authorization", "Bearer x", false},
    {"any other", "x-requested-with", "x", false},
    {"a name that begins alike", "accept-charset", "x", false},
};

TEST(browser_classify_test, safelisted_request_headers) {
  for (const auto& c : header_cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(is_cors_safelisted_request_header(c.field, c.value), c.safelisted);
    const bool is_range = std::string_view{c.field}.size() == 5;
    EXPECT_EQ(is_no_cors_safelisted_request_header(c.field, c.value), c.safelisted && !is_range);
    EXPECT_EQ(cors_unsafe_request_header_names({{c.field, c.value}}).empty(), c.safelisted);
  }
}

TEST(browser_classify_test, unsafe_names_are_sorted_lower_case_and_unique) {
  const header_list fields{{"X-B", "1"}, {"Accept", "x"}, {"authorization", "x"}, {"x-b", "2"}, {"X-A", ""}};
  EXPECT_EQ(cors_unsafe_request_header_names(fields), (std::vector<std::string>{"authorization", "x-a", "x-b"}));
}

TEST(browser_classify_test, more_than_1024_bytes_of_safelisted_values_are_not_safe_any_more) {
  header_list fields;
  for (int i = 0; i < 8; ++i) fields.emplace_back("Accept", std::string(128, 'a'));
  EXPECT_TRUE(cors_unsafe_request_header_names(fields).empty()) << "exactly 1024";
  fields.emplace_back("Accept-Language", "e");
  EXPECT_EQ(cors_unsafe_request_header_names(fields), (std::vector<std::string>{"accept", "accept-language"}));
  fields.emplace_back("X-A", std::string(4096, 'a'));
  EXPECT_EQ(cors_unsafe_request_header_names(fields), (std::vector<std::string>{"accept", "accept-language", "x-a"}));
}

struct method_case {
  const char* name;
  std::string_view sent;
  std::string_view normalized;
  bool safelisted;  // once it is normalized
  bool forbidden;
};

// https://fetch.spec.whatwg.org/#methods
const method_case method_cases[] = {
    {"GET", "GET", "GET", true, false},
    {"get", "get", "GET", true, false},
    {"HEAD", "Head", "HEAD", true, false},
    {"POST", "pOST", "POST", true, false},
    {"PUT", "put", "PUT", false, false},
    {"DELETE", "delete", "DELETE", false, false},
    {"OPTIONS", "options", "OPTIONS", false, false},
    {"patch is not normalized", "patch", "patch", false, false},
    {"PATCH", "PATCH", "PATCH", false, false},
    {"any token", "chicken", "chicken", false, false},
    {"CONNECT", "CONNECT", "CONNECT", false, true},
    {"trace", "trace", "trace", false, true},
    {"TRACK", "Track", "Track", false, true},
};

TEST(browser_classify_test, methods) {
  for (const auto& c : method_cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(normalize_method(c.sent), c.normalized);
    EXPECT_EQ(is_cors_safelisted_method(normalize_method(c.sent)), c.safelisted);
    EXPECT_EQ(is_forbidden_method(c.sent), c.forbidden);
  }
}

TEST(browser_classify_test, forbidden_request_headers) {
  for (const char* name : {"Accept-Charset",
                           "accept-encoding",
                           "Access-Control-Request-Method",
                           "CONNECTION",
                           "Content-Length",
                           "Cookie",
                           "Cookie2",
                           "Date",
                           "DNT",
                           "Expect",
                           "Host",
                           "Keep-Alive",
                           "Origin",
                           "Referer",
                           "Set-Cookie",
                           "TE",
                           "Trailer",
                           "Transfer-Encoding",
                           "Upgrade",
                           "Via",
                           "Proxy-Anything",
                           "sec-",
                           "Sec-Fetch-Site",
                           "Access-Control-Request-Headers"}) {
    EXPECT_TRUE(is_forbidden_request_header(name, "x")) << name;
  }
  for (const char* name :
       {"Accept", "Authorization", "User-Agent", "X-Forwarded-For", "Proxy", "Security", "Cookie3", ""}) {
    EXPECT_FALSE(is_forbidden_request_header(name, "x")) << name;
  }
}

TEST(browser_classify_test, a_method_override_is_forbidden_only_for_forbidden_methods) {
  for (const char* name : {"X-HTTP-Method", "x-http-method-override", "X-Method-Override"}) {
    EXPECT_TRUE(is_forbidden_request_header(name, "TRACE")) << name;
    EXPECT_TRUE(is_forbidden_request_header(name, "GET, connect")) << name;
    EXPECT_FALSE(is_forbidden_request_header(name, "PUT")) << name;
    EXPECT_FALSE(is_forbidden_request_header(name, "TRACER")) << name;
    EXPECT_FALSE(is_forbidden_request_header(name, "")) << name;
  }
}

TEST(browser_classify_test, response_headers) {
  for (const char* name :
       {"cache-control", "Content-Language", "content-length", "Content-Type", "Expires", "Last-Modified", "Pragma"}) {
    EXPECT_TRUE(is_cors_safelisted_response_header_name(name)) << name;
  }
  for (const char* name :
       {"ETag", "Location", "Set-Cookie", "Content-Disposition", "Retry-After", "X-Request-Id", ""}) {
    EXPECT_FALSE(is_cors_safelisted_response_header_name(name)) << name;
  }
  EXPECT_TRUE(is_forbidden_response_header_name("set-cookie"));
  EXPECT_TRUE(is_forbidden_response_header_name("Set-Cookie2"));
  EXPECT_FALSE(is_forbidden_response_header_name("Set-Cookie3"));
}

}  // namespace
}  // namespace gatehouse
