// What is refused at start, all at once, and what is only doubtful.
#include <gmock/gmock.h>

#include "cors_kit.hpp"

namespace gatehouse {
namespace {

using test::cors_mistakes;
using testing::ElementsAre;
using testing::IsEmpty;

struct refused_origin {
  const char* name;
  std::string origin;
  bool credentials;
  const char* code;
  const char* suggestion;
};

const refused_origin origins[] = {
    // Everything of spec/cors.md section 2a.
    {"empty", "", false, "invalid-origin", ""},
    {"too long", "https://" + std::string(400, 'a'), false, "invalid-origin", ""},
    {"no scheme", "app.example.com", false, "missing-scheme", "https://app.example.com"},
    {"no scheme, this machine", "localhost:3000", false, "missing-scheme", "http://localhost:3000"},
    {"two slashes", "//app.example.com", false, "missing-scheme", "https://app.example.com"},
    {"an unknown scheme", "1http://a.example", false, "invalid-scheme", ""},
    {"capitals in the scheme", "HTTPS://a.example", false, "not-lower-case", "https://a.example"},
    {"capitals in the host", "https://A.example", false, "not-lower-case", "https://a.example"},
    {"userinfo", "https://user@a.example", false, "userinfo", "https://a.example"},
    {"a slash", "https://a.example/", false, "trailing-slash", "https://a.example"},
    {"a path", "https://a.example/app", false, "has-path", "https://a.example"},
    {"a query", "https://a.example?x", false, "has-path", "https://a.example"},
    {"a fragment", "https://a.example#x", false, "has-path", "https://a.example"},
    {"a space", "https://a.example ", false, "invalid-origin", "https://a.example"},
    {"quotes that a shell left", "\"https://a.example\"", false, "invalid-scheme", "https://a.example"},
    {"port 0", "https://a.example:0", false, "invalid-port", ""},
    {"a leading zero", "https://a.example:08443", false, "invalid-port", ""},
    {"a port too large", "https://a.example:65536", false, "invalid-port", ""},
    {"a port of letters", "https://a.example:http", false, "invalid-port", ""},
    {"an empty port", "https://a.example:", false, "invalid-port", ""},
    {"an empty port list", "https://a.example:{}", false, "invalid-port", ""},
    {"a port list with one twice", "https://a.example:{81,81}", false, "invalid-port", ""},
    {"the default port", "https://a.example:443", false, "default-port", "https://a.example"},
    {"the default port of http", "http://a.example:80", false, "default-port", "http://a.example"},
    {"an open bracket", "http://[::1", false, "invalid-host", ""},
    {"a zone", "http://[fe80::1%eth0]", false, "invalid-host", ""},
    {"no host", "https://", false, "invalid-host", ""},
    {"an empty label", "https://a..example", false, "invalid-host", ""},
    {"percent", "https://%61.example", false, "invalid-host", ""},
    {"unicode",
     "https://b\xc3\xbc"
     "cher.example",
     false, "unicode-host", "https://xn--bcher-kva.example"},
    {"unicode in capitals",
     "https://*.B\xc3\x9c"
     "CHER.example:8443",
     false, "unicode-host", "https://*.xn--bcher-kva.example:8443"},
    {"another script", "https://\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88", false, "unicode-host",
     "https://xn--r8jz45g.xn--zckzah"},
    {"null", "null", false, "null-origin", "the page's own origin: serve it over http:// or https://"},
    {"null with credentials", "null", true, "null-origin", "the page's own origin: serve it over http:// or https://"},
    {"file:", "file:///", false, "file-origin", ""},
    {"a mapped address", "http://[::ffff:1.2.3.4]", false, "mapped-address", ""},
    {"an address written long", "http://[0:0:0:0:0:0:0:1]:3000", false, "uncompressed-address", "http://[::1]:3000"},
    {"names below an address", "http://*.127.0.0.1", false, "wildcard-address", ""},
    {"a star without a dot", "https://*example.com", false, "wildcard-place", "https://*.example.com"},
    {"a star behind", "https://example.*", false, "wildcard-place", ""},
    {"a star inside", "https://a.*.example.com", false, "wildcard-place", ""},
    {"a star alone", "https://*", false, "wildcard-place", ""},
    {"two stars", "https://*.*.example.com", false, "wildcard-place", ""},
    {"a regular expression", "/example\\.com$/", false, "regular-expression", ""},
    {"another one", "https://.*\\.example\\.com", false, "regular-expression", ""},
    {"names below an extension", "chrome-extension://*.abc", false, "exact-only", ""},
    {"everything with credentials", "*", true, "any-origin-with-credentials",
     "the origins of your own pages, each by its name"},
    {"all that is .com with credentials", "https://*.com", true, "any-origin-with-credentials",
     "the names that are yours, such as https://app.com"},
    {"a public suffix with credentials", "https://*.co.uk", true, "public-suffix",
     "the names that are yours, such as https://app.co.uk"},
    {"shared hosting with credentials", "https://*.github.io", true, "public-suffix",
     "the names that are yours, such as https://app.github.io"},
    {"http with credentials", "http://app.example.com", true, "insecure-origin", "https://app.example.com"},
};

TEST(cors_config_test, refuses_what_no_browser_sends_and_what_is_everybodys) {
  for (const auto& c : origins) {
    SCOPED_TRACE(c.name);
    EXPECT_THAT(cors_mistakes({.origins = {c.origin}, .credentials = c.credentials}),
                ElementsAre("cors.origins[0]|" + c.origin + '|' + c.code + '|' + c.suggestion));
  }
}

TEST(cors_config_test, takes_what_is_right) {
  const std::vector<std::vector<std::string>> all{{"*"},
                                                  {"https://a.example", "http://localhost:3000", "http://[::1]:*"},
                                                  {"https://*.example.com", "https://example.com"},
                                                  {"https://a.example:{443,8443}"},
                                                  {"capacitor://localhost", "chrome-extension://abc"},
                                                  {"https://*.com"},
                                                  {"http://a.example", "https://xn--bcher-kva.example"}};
  for (const auto& list : all) EXPECT_THAT(cors_mistakes({.origins = list}), IsEmpty()) << list.front();
  const std::vector<std::vector<std::string>> with_credentials{
      {"https://a.example", "http://localhost:3000", "http://127.0.0.1:*", "chrome-extension://abc"},
      {"https://*.example.com"},
      {"https://*.localhost"}};
  for (const auto& list : with_credentials) {
    EXPECT_THAT(cors_mistakes({.origins = list, .credentials = true}), IsEmpty()) << list.front();
  }
}

TEST(cors_config_test, dangerous_exits_are_said_by_name) {
  EXPECT_THAT(
      cors_mistakes({.origins = {"http://a.example"}, .credentials = true, .dangerously_allow_insecure_origins = true}),
      IsEmpty());
  EXPECT_THAT(cors_mistakes(
                  {.origins = {"https://*.github.io"}, .credentials = true, .dangerously_allow_public_suffixes = true}),
              IsEmpty());
  // There is none for these.
  const cors_config open{.origins = {"*", "null"},
                         .credentials = true,
                         .dangerously_allow_insecure_origins = true,
                         .dangerously_allow_public_suffixes = true};
  EXPECT_EQ(cors_mistakes(open).size(), 3U);
}

TEST(cors_config_test, every_mistake_is_reported_at_once) {
  EXPECT_THAT(
      cors_mistakes(
          {.origins = {"https://a.example", "https://a.example", "https://*.a.example", "https://b.a.example", "x"},
           .credentials = true,
           .methods = {"PATCH", "patch", "CONNECT", "TRACK", "*", "a b", "PURGE", "GTE"},
           .request_headers = {"X-A", "Access-Control-Allow-Origin", "Cookie", "sec-fetch-site", "a b", "Proxy-X"},
           .expose_headers = {"*", "Set-Cookie", "Origin", "a b"},
           .max_age = std::chrono::hours{25},
           .disclose = "minimum",
           .preflight_status = 202,
           .upstream_headers = "strop"}),
      ElementsAre("cors.origins[4]|x|missing-scheme|https://x", "cors.origins[1]|https://a.example|duplicate-origin|",
                  "cors.origins[3]|https://b.a.example|redundant-origin|one of them",
                  "cors.methods[1]|patch|method-in-lower-case|PATCH", "cors.methods[2]|CONNECT|forbidden-method|",
                  "cors.methods[3]|TRACK|forbidden-method|", "cors.methods[4]|*|any-method|no methods key at all",
                  "cors.methods[5]|a b|invalid-method|GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS",
                  "cors.methods[6]|PURGE|unknown-method|GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS",
                  "cors.methods[7]|GTE|unknown-method|GET",
                  "cors.request_headers[1]|Access-Control-Allow-Origin|response-header|",
                  "cors.request_headers[2]|Cookie|forbidden-header|",
                  "cors.request_headers[3]|sec-fetch-site|forbidden-header|",
                  "cors.request_headers[4]|a b|invalid-header-name|",
                  "cors.request_headers[5]|Proxy-X|forbidden-header|",
                  "cors.expose_headers[0]|*|expose-any-with-credentials|each field by its name",
                  "cors.expose_headers[1]|Set-Cookie|forbidden-header|",
                  "cors.expose_headers[2]|Origin|request-header|", "cors.expose_headers[3]|a b|invalid-header-name|",
                  "cors.max_age|90000000ms|out-of-range|10m", "cors.upstream_headers|strop|unknown-value|strip",
                  "cors.disclose|minimum|unknown-value|minimal", "cors.preflight_status|202|unknown-value|204"));
}

TEST(cors_config_test, what_does_not_go_together) {
  EXPECT_THAT(cors_mistakes({}), ElementsAre("cors.origins||missing-origins|origins = [\"https://app.example.com\"]"));
  EXPECT_THAT(cors_mistakes({.upstream_headers = "pass"}), IsEmpty());
  EXPECT_THAT(
      cors_mistakes({.origins = {"https://a.example"}, .upstream_headers = "pass"}),
      ElementsAre(
          "cors.upstream_headers|pass|two-policies|upstream_headers = \"strip\", or no origins, or enforce = true"));
  EXPECT_THAT(cors_mistakes({.origins = {"*", "https://a.example"}}),
              ElementsAre("cors.origins[0]|*|redundant-origin|* alone, or only the others"));
  EXPECT_THAT(cors_mistakes({.origins = {"https://a.example"}, .max_age = milliseconds{1'500}}),
              ElementsAre("cors.max_age|1500ms|out-of-range|10m"));
  EXPECT_THAT(cors_mistakes({.origins = {"https://a.example"}, .public_origins = {"https://*.a.example", "a.example"}}),
              ElementsAre("public_origin[0]|https://*.a.example|wildcard-place|",
                          "public_origin[1]|a.example|missing-scheme|https://a.example"));
  EXPECT_THAT(cors_mistakes({.origins = {"https://a.example"}, .public_suffix_list = "/nowhere/list.dat"}),
              ElementsAre("cors.public_suffix_list|/nowhere/list.dat|not-a-suffix-list|"
                          "https://publicsuffix.org/list/public_suffix_list.dat"));
  // A label below a label is not what one label allows.
  EXPECT_THAT(cors_mistakes({.origins = {"https://*.a.example", "https://b.c.a.example"}, .single_label = true}),
              IsEmpty());
}

// ---------------------------------------------------------------- doubtful

std::vector<std::string> found(const cors_config& c, const cors_surroundings& around = {.methods_known = true}) {
  std::vector<std::string> out;
  for (const cors_finding& f : lint_cors(c, around)) {
    EXPECT_FALSE(f.what.message.empty());
    constexpr std::string_view letters[] = {"I", "W", "E"};
    if (f.id == "C11") continue;  // of every list that does not expose x-request-id; tested by itself
    out.push_back(std::string{f.id} + ' ' + std::string{letters[static_cast<std::size_t>(f.how_bad)]} + ' ' +
                  f.what.key);
  }
  return out;
}

struct doubtful {
  const char* name;
  cors_config policy;
  std::vector<std::string> want;
  cors_surroundings around{.methods_known = true};
};

const doubtful findings[] = {
    {"nothing to say", {.origins = {"https://app.example.com"}}, {}},
    {"C03 shared hosting", {.origins = {"https://myapp.vercel.app"}, .credentials = true}, {"C03 W origins[0]"}},
    {"C03 a suffix itself", {.origins = {"https://github.io"}, .credentials = true}, {"C03 W origins[0]"}},
    {"C03 without credentials", {.origins = {"https://myapp.vercel.app"}}, {}},
    {"C04 a development origin beside others",
     {.origins = {"https://a.example", "http://localhost:3000"}, .credentials = true},
     {"C04 W origins[1]"}},
    {"C04 ngrok, too",
     {.origins = {"https://a.example", "https://x.ngrok.app"}, .credentials = true},
     {"C04 W origins[1]"}},
    {"C04 alone it is somebody's development", {.origins = {"http://localhost:3000"}, .credentials = true}, {}},
    {"C06 cookies stay on their site",
     {.origins = {"https://app.example.com", "https://app.example.net"}, .credentials = true},
     {"C06 W origins[1]"},
     {.methods_known = true, .own_hosts = {"api.example.com"}, .adds_same_site = true}},
    {"C06 names below a public suffix are sites of their own",
     {.origins = {"https://a.co.uk", "https://*.b.co.uk"}, .credentials = true},
     {"C06 W origins[0]", "C14 I origins[1]", "C16 I origins[1]"},
     {.methods_known = true, .own_hosts = {"api.b.co.uk"}, .adds_same_site = true}},
    {"C06 one of our names is enough",
     {.origins = {"https://app.example.net"}, .credentials = true},
     {},
     {.methods_known = true, .own_hosts = {"api.example.com", "api.example.net"}, .adds_same_site = true}},
    {"C06 without credentials no cookie matters",
     {.origins = {"https://app.example.net"}},
     {},
     {.methods_known = true, .own_hosts = {"api.example.com"}, .adds_same_site = true}},
    {"C06 the API's cookies stay as they are",
     {.origins = {"https://app.example.net"}, .credentials = true},
     {},
     {.methods_known = true, .own_hosts = {"api.example.com"}}},
    {"C06 nobody knows our name",
     {.origins = {"https://app.example.net"}, .credentials = true},
     {},
     {.methods_known = true, .adds_same_site = true}},
    {"C06 localhost has no site",
     {.origins = {"http://localhost:3000"}, .credentials = true},
     {},
     {.methods_known = true, .own_hosts = {"api.example.com"}, .adds_same_site = true}},
    {"C05 everybody", {.origins = {"*"}}, {"C05 W origins"}},
    {"C09 nobody knows the methods", {.origins = {"https://a.example"}}, {"C09 W methods"}, {}},
    {"C09 a method that no route has",
     {.origins = {"https://a.example"}, .methods = {"PUT"}},
     {"C09 W methods[0]"},
     {.methods_known = true, .route_methods = {method::get}}},
    {"C09 a route's method that pages may not ask for",
     {.origins = {"https://a.example"}, .methods = {"GET"}},
     {"C09 W methods"},
     {.methods_known = true, .route_methods = {method::get, method::delete_}}},
    {"C12 what need not be listed",
     {.origins = {"https://a.example"}, .request_headers = {"Accept"}, .expose_headers = {"Content-Type"}},
     {"C12 I request_headers[0]", "C12 I expose_headers[0]"}},
    {"C13 * is not Authorization",
     {.origins = {"https://a.example"}, .request_headers = {"*"}},
     {"C13 W request_headers"}},
    {"C13 both", {.origins = {"https://a.example"}, .request_headers = {"*", "Authorization"}}, {}},
    {"C14 no apex", {.origins = {"https://*.example.com"}}, {"C14 I origins[0]"}},
    {"C14 no twin", {.origins = {"https://www.example.com"}}, {"C14 I origins[0]"}},
    {"C14 with apex", {.origins = {"https://*.example.com", "https://example.com"}}, {}},
    {"C15 http beside https", {.origins = {"https://a.example", "http://a.example"}}, {"C15 W origins[1]"}},
    {"C16 a pattern with credentials",
     {.origins = {"https://*.example.com", "https://example.com"}, .credentials = true},
     {"C16 I origins[0]"}},
    {"C17 any port with credentials", {.origins = {"https://a.example:*"}, .credentials = true}, {"C17 W origins[0]"}},
    {"C17 on loopback", {.origins = {"http://localhost:*"}, .credentials = true}, {}},
    {"C18 longer than Safari keeps",
     {.origins = {"https://a.example"}, .max_age = std::chrono::hours{1}},
     {"C18 I max_age"}},
    {"C18 longer than Chrome keeps",
     {.origins = {"https://a.example"}, .max_age = std::chrono::hours{3}},
     {"C18 I max_age"}},
    {"C18 never kept", {.origins = {"https://a.example"}, .max_age = milliseconds{0}}, {"C18 W max_age"}},
    {"C19 what a page should not say or read",
     {.origins = {"https://a.example"},
      .request_headers = {"X-Forwarded-For", "X-HTTP-Method-Override"},
      .expose_headers = {"Vary"}},
     {"C19 W request_headers[0]", "C19 W request_headers[1]", "C19 W expose_headers[0]"}},
    {"C22 no embedding by hand",
     {.origins = {"https://a.example"}},
     {"C22 W origins"},
     {.methods_known = true, .corp = "same-origin"}},
    {"C20 pages over http, and only https answers",
     {.origins = {"http://a.example"}},
     {"C20 W origins[0]"},
     {.methods_known = true, .redirects_to_https = true}},
    {"C20 this machine's pages call what they were given",
     {.origins = {"http://localhost:3000", "https://a.example"}},
     {},
     {.methods_known = true, .redirects_to_https = true}},
    {"C29 private networks",
     {.origins = {"https://a.example"}, .allow_private_network = true},
     {"C29 W allow_private_network"}},
    {"C30 step by step for everybody", {.origins = {"https://a.example"}, .disclose = "stepwise"}, {"C30 W disclose"}},
    {"C30 step by step for oneself", {.origins = {"http://localhost:3000"}, .disclose = "stepwise"}, {}},
    {"C26 ourselves",
     {.origins = {"https://api.example"}, .public_origins = {"https://api.example"}},
     {"C26 I origins[0]"}},
};

TEST(cors_config_test, doubtful_choices_have_numbers) {
  for (const auto& c : findings) {
    SCOPED_TRACE(c.name);
    EXPECT_THAT(cors_mistakes(c.policy), IsEmpty());
    EXPECT_EQ(found(c.policy, c.around), c.want);
  }
}

TEST(cors_config_test, the_request_id_is_worth_reading) {
  const auto says = [](const cors_config& c) {
    const auto all = lint_cors(c, {.methods_known = true});
    return std::ranges::any_of(all, [](const cors_finding& f) { return f.id == "C11"; });
  };
  EXPECT_TRUE(says({.origins = {"https://a.example"}}));
  EXPECT_FALSE(says({.origins = {"https://a.example"}, .expose_headers = {"X-Request-Id"}}));
  EXPECT_FALSE(says({.origins = {"https://a.example"}, .expose_headers = {"*"}}));
}

}  // namespace
}  // namespace gatehouse
