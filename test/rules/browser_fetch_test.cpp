#include <gatehouse/rules/browser.hpp>

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "browser_kit.hpp"

namespace gatehouse {
namespace {

using test::run_browser;

constexpr const char* page = "http://localhost:3000";
constexpr const char* api = "http://localhost:5000/notes";

browser_response answer(int status, header_list headers = {}) {
  return {.status = status, .headers = std::move(headers)};
}
browser_response allowing(std::string origin, header_list more = {}) {
  more.insert(more.begin(), {"Access-Control-Allow-Origin", std::move(origin)});
  return answer(200, std::move(more));
}

// ------------------------------------------------------------------------------------------------ without preflight

struct check_case {
  const char* name;
  fetch_credentials credentials;
  header_list headers;
  browser_why why;
};

constexpr auto same_origin = fetch_credentials::same_origin;
constexpr auto include = fetch_credentials::include;
constexpr auto omit = fetch_credentials::omit;

// https://fetch.spec.whatwg.org/#concept-cors-check
const check_case check_cases[] = {
    {"the very origin", same_origin, {{"Access-Control-Allow-Origin", page}}, browser_why::readable_cors},
    {"any", same_origin, {{"access-control-allow-origin", "*"}}, browser_why::readable_cors},
    {"any, without credentials", omit, {{"Access-Control-Allow-Origin", "*"}}, browser_why::readable_cors},
    {"none", same_origin, {}, browser_why::allow_origin_missing},
    {"empty", same_origin, {{"Access-Control-Allow-Origin", ""}}, browser_why::allow_origin_mismatch},
    {"another port",
     same_origin,
     {{"Access-Control-Allow-Origin", "http://localhost:3001"}},
     browser_why::allow_origin_mismatch},
    {"a trailing slash",
     same_origin,
     {{"Access-Control-Allow-Origin", "http://localhost:3000/"}},
     browser_why::allow_origin_mismatch},
    {"capitals",
     same_origin,
     {{"Access-Control-Allow-Origin", "http://LOCALHOST:3000"}},
     browser_why::allow_origin_mismatch},
    {"null", same_origin, {{"Access-Control-Allow-Origin", "null"}}, browser_why::allow_origin_mismatch},
    {"a list",
     same_origin,
     {{"Access-Control-Allow-Origin", "http://localhost:3000, http://a.example"}},
     browser_why::allow_origin_several},
    {"two lines",
     same_origin,
     {{"Access-Control-Allow-Origin", page}, {"Access-Control-Allow-Origin", page}},
     browser_why::allow_origin_several},
    {"* twice",
     same_origin,
     {{"Access-Control-Allow-Origin", "*"}, {"Access-Control-Allow-Origin", "*"}},
     browser_why::allow_origin_several},
    {"credentials",
     include,
     {{"Access-Control-Allow-Origin", page}, {"Access-Control-Allow-Credentials", "true"}},
     browser_why::readable_cors},
    {"credentials that are not allowed",
     include,
     {{"Access-Control-Allow-Origin", page}},
     browser_why::allow_credentials_missing},
    {"credentials: True",
     include,
     {{"Access-Control-Allow-Origin", page}, {"Access-Control-Allow-Credentials", "True"}},
     browser_why::allow_credentials_missing},
    {"credentials: true twice",
     include,
     {{"Access-Control-Allow-Origin", page},
      {"Access-Control-Allow-Credentials", "true"},
      {"Access-Control-Allow-Credentials", "true"}},
     browser_why::allow_credentials_missing},
    {"credentials and any",
     include,
     {{"Access-Control-Allow-Origin", "*"}, {"Access-Control-Allow-Credentials", "true"}},
     browser_why::allow_origin_wildcard},
};

TEST(browser_fetch_test, cors_check) {
  for (const auto& c : check_cases) {
    SCOPED_TRACE(c.name);
    for (const int status : {200, 304, 401, 404, 429, 500, 502}) {  // the status has no say
      const auto run = run_browser({.page = page, .url = api, .credentials = c.credentials, .cookie = "sid=1"},
                                   {answer(status, c.headers)});
      EXPECT_EQ(run.outcome.why, c.why);
      EXPECT_EQ(run.outcome.readable(), c.why == browser_why::readable_cors);
      EXPECT_EQ(run.outcome.status, c.why == browser_why::readable_cors ? status : 0);
      EXPECT_EQ(run.sent, std::vector<std::string>{
                              std::string{"GET http://localhost:5000/notes | Origin: http://localhost:3000"} +
                              (c.credentials == include ? " | Cookie: sid=1" : "")});
    }
  }
}

TEST(browser_fetch_test, a_request_of_the_own_origin_is_not_checked) {
  const auto run = run_browser(
      {.page = page, .url = "/x", .method = "put", .headers = {{"Authorization", "x"}}, .cookie = "sid=1"},
      {answer(404, {{"X-One", "1"}, {"Set-Cookie", "a=b"}, {"x-one", "2"}, {"ETag", "\"1\""}})});
  EXPECT_EQ(run.outcome.type, fetch_result::basic);
  EXPECT_EQ(run.sent,
            std::vector<std::string>{
                "PUT http://localhost:3000/x | Origin: http://localhost:3000 | Cookie: sid=1 | Authorization: x"});
  EXPECT_EQ(run.outcome.headers, (header_list{{"etag", "\"1\""}, {"x-one", "1, 2"}}));
  EXPECT_TRUE(run.outcome.timing_allowed);
  EXPECT_EQ(run.words, "method-normalized same-origin request-sent timing-allowed readable-basic");
}

// ---------------------------------------------------------------------------------------------------- with preflight

struct preflight_case {
  const char* name;
  const char* method;
  header_list headers;
  fetch_credentials credentials;
  header_list allowed;
  browser_why why;
};

const preflight_case preflight_cases[] = {
    {"a listed method", "PUT", {}, omit, {{"Access-Control-Allow-Methods", "GET, PUT"}}, browser_why::readable_cors},
    {"in two lines",
     "PUT",
     {},
     omit,
     {{"Access-Control-Allow-Methods", "GET"}, {"Access-Control-Allow-Methods", "PUT"}},
     browser_why::readable_cors},
    {"empty elements", "PUT", {}, omit, {{"Access-Control-Allow-Methods", ",, PUT ,"}}, browser_why::readable_cors},
    {"any method", "PUT", {}, omit, {{"Access-Control-Allow-Methods", "*"}}, browser_why::readable_cors},
    {"any method does not count with credentials",
     "PUT",
     {},
     include,
     {{"Access-Control-Allow-Methods", "*"}},
     browser_why::method_not_allowed},
    {"no method", "PUT", {}, omit, {}, browser_why::method_not_allowed},
    {"lower case", "PUT", {}, omit, {{"Access-Control-Allow-Methods", "put"}}, browser_why::method_not_allowed},
    {"patch is not PATCH",
     "patch",
     {},
     omit,
     {{"Access-Control-Allow-Methods", "PATCH"}},
     browser_why::method_not_allowed},
    {"no list", "PUT", {}, omit, {{"Access-Control-Allow-Methods", "GET PUT"}}, browser_why::allow_methods_invalid},
    {"quotes", "PUT", {}, omit, {{"Access-Control-Allow-Methods", "\"PUT\""}}, browser_why::allow_methods_invalid},
    {"a safelisted method need not be listed",
     "POST",
     {{"X-A", "1"}},
     omit,
     {{"Access-Control-Allow-Methods", "PUT"}, {"Access-Control-Allow-Headers", "x-a"}},
     browser_why::readable_cors},
    {"a listed header, any case",
     "GET",
     {{"X-A", "1"}},
     omit,
     {{"Access-Control-Allow-Headers", "X-a"}},
     browser_why::readable_cors},
    {"one that is missing",
     "GET",
     {{"X-A", "1"}, {"X-B", "1"}},
     omit,
     {{"Access-Control-Allow-Headers", "x-b"}},
     browser_why::header_not_allowed},
    {"any header", "GET", {{"X-A", "1"}}, omit, {{"Access-Control-Allow-Headers", "*"}}, browser_why::readable_cors},
    {"any header does not count with credentials",
     "GET",
     {{"X-A", "1"}},
     include,
     {{"Access-Control-Allow-Headers", "*"}},
     browser_why::header_not_allowed},
    {"any header but Authorization",
     "GET",
     {{"Authorization", "1"}},
     omit,
     {{"Access-Control-Allow-Headers", "*"}},
     browser_why::authorization_not_allowed},
    {"Authorization by name",
     "GET",
     {{"Authorization", "1"}, {"X-A", "1"}},
     omit,
     {{"Access-Control-Allow-Headers", "*, authorization"}},
     browser_why::readable_cors},
    {"no names",
     "GET",
     {{"X-A", "1"}},
     omit,
     {{"Access-Control-Allow-Headers", "x-a;x-b"}},
     browser_why::allow_headers_invalid},
    {"JSON",
     "POST",
     {{"Content-Type", "application/json"}},
     include,
     {{"Access-Control-Allow-Headers", "content-type"}},
     browser_why::readable_cors},
};

TEST(browser_fetch_test, preflight_check) {
  for (const auto& c : preflight_cases) {
    SCOPED_TRACE(c.name);
    header_list allowed = c.allowed;
    allowed.insert(allowed.end(),
                   {{"Access-Control-Allow-Origin", page}, {"Access-Control-Allow-Credentials", "true"}});
    const browser_response last = answer(
        500, {{"Access-Control-Allow-Origin", page}, {"Access-Control-Allow-Credentials", "true"}});
    const auto run = run_browser(
        {.page = page, .url = api, .method = c.method, .headers = c.headers, .credentials = c.credentials},
        {answer(204, allowed), last});
    EXPECT_EQ(run.outcome.why, c.why);
    EXPECT_EQ(run.sent.size(), c.why == browser_why::readable_cors ? 2U : 1U);
  }
}

TEST(browser_fetch_test, a_preflight_asks_for_the_method_and_the_unsafe_headers_without_credentials) {
  const auto run = run_browser({.page = page,
                                .url = api,
                                .method = "DELETE",
                                .headers = {{"X-Request", "1"}, {"Authorization", "Bearer x"}, {"Accept", "text/html"}},
                                .credentials = include,
                                .cookie = "sid=1"},
                               {allowing(page, {{"Access-Control-Allow-Credentials", "true"},
                                                {"Access-Control-Allow-Methods", "DELETE"},
                                                {"Access-Control-Allow-Headers", "x-request, authorization"}}),
                                allowing(page, {{"Access-Control-Allow-Credentials", "true"}})});
  EXPECT_EQ(run.sent, (std::vector<std::string>{"OPTIONS http://localhost:5000/notes | Origin: http://localhost:3000 | "
                                                "Access-Control-Request-Method: DELETE | "
                                                "Access-Control-Request-Headers: authorization,x-request",
                                                "DELETE http://localhost:5000/notes | Origin: http://localhost:3000 | "
                                                "Cookie: sid=1 | Authorization: Bearer x"}));
  EXPECT_EQ(
      run.words,
      "method-not-safelisted header-not-safelisted preflight-sent cors-check-passed preflight-passed request-sent "
      "cors-check-passed timing-hidden readable-cors");
}

TEST(browser_fetch_test, only_a_status_from_200_to_299_answers_a_preflight) {
  for (const int status : {200, 204, 299}) {
    const auto run = run_browser(
        {.page = page, .url = api, .method = "PUT"},
        {answer(status, {{"Access-Control-Allow-Origin", "*"}, {"Access-Control-Allow-Methods", "PUT"}}),
         allowing("*")});
    EXPECT_TRUE(run.outcome) << status;
  }
  for (const int status : {301, 302, 304, 307, 401, 403, 404, 405, 429, 500, 502, 503}) {
    const auto run = run_browser({.page = page, .url = api, .method = "PUT"},
                                 {answer(status, {{"Access-Control-Allow-Origin", "*"},
                                                  {"Access-Control-Allow-Methods", "PUT"},
                                                  {"Location", "/elsewhere"}}),
                                  allowing("*")});
    EXPECT_EQ(run.outcome.why, browser_why::preflight_status) << status;
    EXPECT_EQ(run.sent.size(), 1U) << status;
  }
}

// ------------------------------------------------------------------------------------------------- what can be read

struct exposed_case {
  const char* name;
  fetch_credentials credentials;
  header_list expose;
  header_list read;
};

const exposed_case exposed_cases[] = {
    {"nothing", omit, {}, {{"content-type", "text/plain"}}},
    {"one", omit, {{"Access-Control-Expose-Headers", "ETAG"}}, {{"content-type", "text/plain"}, {"etag", "\"1\""}}},
    {"two lines",
     omit,
     {{"Access-Control-Expose-Headers", "etag"}, {"Access-Control-Expose-Headers", "x-one"}},
     {{"content-type", "text/plain"}, {"etag", "\"1\""}, {"x-one", "1"}}},
    {"never cookies", omit, {{"Access-Control-Expose-Headers", "set-cookie"}}, {{"content-type", "text/plain"}}},
    {"no list exposes nothing",
     omit,
     {{"Access-Control-Expose-Headers", "etag x-one"}},
     {{"content-type", "text/plain"}}},
    {"a star with credentials is a name",
     include,
     {{"Access-Control-Expose-Headers", "*"}},
     {{"content-type", "text/plain"}}},
};

TEST(browser_fetch_test, exposed_headers) {
  for (const auto& c : exposed_cases) {
    SCOPED_TRACE(c.name);
    header_list headers{{"Content-Type", "text/plain"},
                        {"ETag", "\"1\""},
                        {"X-One", "1"},
                        {"Set-Cookie", "a=b"},
                        {"Access-Control-Allow-Origin", page},
                        {"Access-Control-Allow-Credentials", "true"}};
    headers.insert(headers.end(), c.expose.begin(), c.expose.end());
    const auto run = run_browser({.page = page, .url = api, .credentials = c.credentials}, {answer(200, headers)});
    EXPECT_EQ(run.outcome.headers, c.read);
  }
}

TEST(browser_fetch_test, a_star_exposes_everything_but_cookies) {
  const auto run = run_browser(
      {.page = page, .url = api},
      {allowing("*", {{"Access-Control-Expose-Headers", "*"}, {"X-One", "1"}, {"Set-Cookie", "a=b"}})});
  EXPECT_EQ(
      run.outcome.headers,
      (header_list{{"access-control-allow-origin", "*"}, {"access-control-expose-headers", "*"}, {"x-one", "1"}}));
}

struct timing_case {
  const char* name;
  const char* value;
  bool allowed;
};

// https://fetch.spec.whatwg.org/#concept-tao-check
const timing_case timing_cases[] = {
    {"none", nullptr, false},
    {"any", "*", true},
    {"the origin", "http://localhost:3000", true},
    {"among others", "http://a.example , http://localhost:3000", true},
    {"another", "http://a.example", false},
    {"a trailing slash", "http://localhost:3000/", false},
};

TEST(browser_fetch_test, timing) {
  for (const auto& c : timing_cases) {
    SCOPED_TRACE(c.name);
    header_list more;
    if (c.value != nullptr) more.emplace_back("Timing-Allow-Origin", c.value);
    EXPECT_EQ(run_browser({.page = page, .url = api}, {allowing("*", more)}).outcome.timing_allowed, c.allowed);
  }
}

// -------------------------------------------------------------------------------------------------------- redirects

browser_response redirect(int status, std::string to, std::string origin = "*") {
  return answer(status, {{"Access-Control-Allow-Origin", std::move(origin)}, {"Location", std::move(to)}});
}

TEST(browser_fetch_test, origin_is_null_after_a_hop_between_two_other_origins) {
  const auto run = run_browser({.page = page, .url = api},
                               {redirect(302, "http://localhost:6000/x", page), allowing("null")});
  EXPECT_EQ(run.sent, (std::vector<std::string>{"GET http://localhost:5000/notes | Origin: http://localhost:3000",
                                                "GET http://localhost:6000/x | Origin: null"}));
  EXPECT_TRUE(run.outcome);
  EXPECT_TRUE(run.outcome.redirected);
  EXPECT_EQ(run.outcome.url, "http://localhost:6000/x");
}

TEST(browser_fetch_test, a_redirect_from_the_own_origin_does_not_taint) {
  const auto run = run_browser({.page = page, .url = "/x"}, {redirect(302, api), allowing(page)});
  EXPECT_EQ(run.sent, (std::vector<std::string>{"GET http://localhost:3000/x",
                                                "GET http://localhost:5000/notes | Origin: http://localhost:3000"}));
  EXPECT_TRUE(run.outcome);
}

TEST(browser_fetch_test, a_redirect_back_to_the_own_origin_is_still_checked) {
  const auto run = run_browser({.page = page, .url = api}, {redirect(302, "http://localhost:3000/x"), answer(200)});
  EXPECT_EQ(run.sent[1], "GET http://localhost:3000/x | Origin: null");
  EXPECT_EQ(run.outcome.why, browser_why::allow_origin_missing);
}

TEST(browser_fetch_test, each_hop_has_its_preflight) {
  const browser_response allows = allowing("*", {{"Access-Control-Allow-Methods", "PUT"}});
  const auto run = run_browser({.page = page, .url = api, .method = "PUT"},
                               {allows, redirect(308, "/other"), allows, allowing("*")});
  EXPECT_EQ(run.words,
            "method-not-safelisted preflight-sent cors-check-passed preflight-passed request-sent cors-check-passed "
            "redirect-followed "
            "method-not-safelisted preflight-sent cors-check-passed preflight-passed request-sent cors-check-passed "
            "timing-hidden readable-cors");
}

TEST(browser_fetch_test, the_redirect_itself_is_checked) {
  EXPECT_EQ(run_browser({.page = page, .url = api}, {answer(302, {{"Location", "/x"}})}).outcome.why,
            browser_why::allow_origin_missing);
}

struct method_change_case {
  int status;
  const char* method;
  const char* becomes;
};

TEST(browser_fetch_test, what_redirects_make_of_methods) {
  const method_change_case cases[] = {{301, "POST", "GET"},  {302, "POST", "GET"},  {303, "POST", "GET"},
                                      {303, "PUT", "GET"},   {301, "PUT", "PUT"},   {302, "PATCH", "PATCH"},
                                      {303, "HEAD", "HEAD"}, {307, "POST", "POST"}, {308, "POST", "POST"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(std::to_string(c.status) + ' ' + c.method);
    const bool keeps = std::string_view{c.method} == c.becomes;
    fetch asked{.page = page, .url = "/x", .method = c.method, .headers = {{"Content-Language", "en"}, {"X-A", "1"}}};
    if (std::string_view{c.method} != "HEAD") asked.body = "text";
    browser_fetch f(asked);
    f.receives(answer(c.status, {{"Location", "/y"}}));
    ASSERT_NE(f.sends(), nullptr);
    EXPECT_EQ(f.sends()->method, c.becomes);
    EXPECT_EQ(f.sends()->has_body, keeps && asked.body);
    std::string value;
    EXPECT_EQ(get_combined(f.sends()->headers, "content-type", value), keeps && asked.body);
    EXPECT_EQ(get_combined(f.sends()->headers, "content-language", value), keeps);
    EXPECT_TRUE(get_combined(f.sends()->headers, "x-a", value));
  }
}

TEST(browser_fetch_test, authorization_does_not_go_to_another_origin) {
  const fetch asked{.page = page, .url = "/x", .headers = {{"Authorization", "Bearer x"}}};
  EXPECT_EQ(run_browser(asked, {answer(302, {{"Location", "/y"}})}).sent[1],
            "GET http://localhost:3000/y | Authorization: Bearer x");
  EXPECT_EQ(run_browser(asked, {answer(302, {{"Location", api}})}).sent[1],
            "GET http://localhost:5000/notes | Origin: http://localhost:3000");
}

TEST(browser_fetch_test, credentials_of_mode_same_origin_end_at_another_origin) {
  const fetch asked{.page = page, .url = "/x", .cookie = "sid=1"};
  const auto run = run_browser(asked, {redirect(302, api), redirect(302, "http://localhost:3000/y"), allowing("null")});
  EXPECT_EQ(run.sent, (std::vector<std::string>{"GET http://localhost:3000/x | Cookie: sid=1",
                                                "GET http://localhost:5000/notes | Origin: http://localhost:3000",
                                                "GET http://localhost:3000/y | Origin: null"}));
}

struct redirect_case {
  const char* name;
  fetch_redirect mode;
  const char* location;
  browser_why why;
};

TEST(browser_fetch_test, redirects_that_are_not_followed) {
  const redirect_case cases[] = {
      {"mode error", fetch_redirect::error, "/x", browser_why::redirect_refused},
      {"mode manual", fetch_redirect::manual, "/x", browser_why::opaque_redirect},
      {"no Location", fetch_redirect::follow, nullptr, browser_why::readable_cors},
      {"no URL", fetch_redirect::follow, "http://[/", browser_why::redirect_invalid},
      {"not HTTP", fetch_redirect::follow, "data:text/plain,x", browser_why::redirect_not_http},
      {"userinfo", fetch_redirect::follow, "http://user@localhost:5000/x", browser_why::redirect_with_userinfo},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    header_list headers;
    if (c.location != nullptr) headers.emplace_back("Location", c.location);
    browser_response r = allowing("*", headers);
    r.status = 302;
    const auto run = run_browser({.page = page, .url = api, .redirect = c.mode}, {r});
    EXPECT_EQ(run.outcome.why, c.why);
    EXPECT_EQ(run.sent.size(), 1U);
  }
}

TEST(browser_fetch_test, twenty_redirects_and_no_more) {
  browser_fetch f({.page = page, .url = "/x"});
  int sent = 0;
  for (; f.sends() != nullptr; ++sent) f.receives(answer(302, {{"Location", "/x"}}));
  EXPECT_EQ(sent, 21);
  EXPECT_EQ(f.outcome().why, browser_why::redirect_too_many);
}

// ---------------------------------------------------------------------------------------- what is never sent, modes

struct mistake_case {
  const char* name;
  fetch asked;
  browser_why why;
};

TEST(browser_fetch_test, mistakes_of_the_page_send_nothing) {
  const mistake_case cases[] = {
      {"no origin", {.page = "localhost", .url = api}, browser_why::url_invalid},
      {"no URL", {.page = page, .url = "http://["}, browser_why::url_invalid},
      {"relative from an opaque page", {.page = "null", .url = "/x"}, browser_why::url_invalid},
      {"userinfo", {.page = page, .url = "http://user@localhost/"}, browser_why::url_with_userinfo},
      {"no method", {.page = page, .url = api, .method = "A B"}, browser_why::method_invalid},
      {"TRACE", {.page = page, .url = api, .method = "trace"}, browser_why::method_forbidden},
      {"a header name that is none",
       {.page = page, .url = api, .headers = {{"X A", "1"}}},
       browser_why::header_invalid},
      {"a value with a line end",
       {.page = page, .url = api, .headers = {{"X-A", "1\r\nX-B: 2"}}},
       browser_why::header_invalid},
      {"GET with a body", {.page = page, .url = api, .body = "x"}, browser_why::body_with_get},
      {"PUT in mode no-cors",
       {.page = page, .url = api, .method = "PUT", .mode = fetch_mode::no_cors},
       browser_why::method_not_for_no_cors},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto run = run_browser(c.asked, {});
    EXPECT_EQ(run.outcome.why, c.why);
    EXPECT_EQ(run.outcome.type, fetch_result::type_error);
    EXPECT_TRUE(run.sent.empty());
  }
}

TEST(browser_fetch_test, headers_that_a_page_can_not_set_are_left_out) {
  const auto run = run_browser(
      {.page = page, .url = "/x", .headers = {{"Cookie", "a=b"}, {"Origin", "http://evil.example"}, {"X-A", " 1\t"}}},
      {answer(200)});
  EXPECT_EQ(run.sent, std::vector<std::string>{"GET http://localhost:3000/x"});
  EXPECT_EQ(run.words, "header-forbidden header-forbidden same-origin request-sent timing-allowed readable-basic");
}

TEST(browser_fetch_test, mode_no_cors_sends_without_asking_and_reads_nothing) {
  const auto run = run_browser({.page = page,
                                .url = api,
                                .method = "POST",
                                .headers = {{"Content-Type", "application/json"}, {"X-A", "1"}},
                                .credentials = include,
                                .mode = fetch_mode::no_cors,
                                .body = "{}",
                                .cookie = "sid=1"},
                               {answer(200, {{"X-One", "1"}})});
  EXPECT_EQ(run.sent, std::vector<std::string>{"POST http://localhost:5000/notes | Origin: http://localhost:3000 | "
                                               "Cookie: sid=1 | Content-Type: text/plain;charset=UTF-8"});
  EXPECT_EQ(run.outcome.type, fetch_result::opaque);
  EXPECT_EQ(run.outcome.status, 0);
  EXPECT_TRUE(run.outcome.headers.empty());
  EXPECT_TRUE(run.outcome.url.empty());
}

TEST(browser_fetch_test, resource_policy_keeps_opaque_answers) {
  const auto with = [](const char* to, const char* policy) {
    return run_browser({.page = page, .url = to, .mode = fetch_mode::no_cors},
                       {answer(200, {{"Cross-Origin-Resource-Policy", policy}})})
        .outcome.why;
  };
  EXPECT_EQ(with(api, "same-origin"), browser_why::resource_policy);
  EXPECT_EQ(with(api, "same-site"), browser_why::opaque) << "another port of the same host";
  EXPECT_EQ(with("http://127.0.0.1:5000/", "same-site"), browser_why::resource_policy);
  EXPECT_EQ(with("http://127.0.0.1:5000/", "cross-origin"), browser_why::opaque);
  EXPECT_EQ(with("http://127.0.0.1:5000/", "same-origin, same-origin"), browser_why::opaque) << "nonsense is no policy";
  EXPECT_EQ(with("/x", "same-origin"), browser_why::readable_basic);
}

TEST(browser_fetch_test, mode_same_origin_reaches_no_other) {
  EXPECT_EQ(run_browser({.page = page, .url = api, .mode = fetch_mode::same_origin}, {}).outcome.why,
            browser_why::mode_same_origin);
}

TEST(browser_fetch_test, a_page_of_https_does_not_fetch_http) {
  EXPECT_EQ(run_browser({.page = "https://a.example", .url = "http://b.example/"}, {}).outcome.why,
            browser_why::mixed_content);
  EXPECT_EQ(run_browser({.page = "https://a.example", .url = "http://localhost:1/"}, {allowing("*")}).outcome.why,
            browser_why::readable_cors);
}

TEST(browser_fetch_test, an_opaque_page_is_null) {
  const auto run = run_browser({.page = "null", .url = api}, {allowing("null")});
  EXPECT_EQ(run.sent, std::vector<std::string>{"GET http://localhost:5000/notes | Origin: null"});
  EXPECT_TRUE(run.outcome);
}

TEST(browser_fetch_test, sec_fetch_site) {
  const auto site = [](const char* from, const char* to) {
    browser_fetch f({.page = from, .url = to});
    std::string value;
    return get_combined(f.sends()->headers, "sec-fetch-site", value) ? value : "none";
  };
  EXPECT_EQ(site(page, "/x"), "same-origin");
  EXPECT_EQ(site(page, api), "same-site");
  EXPECT_EQ(site(page, "http://127.0.0.1/"), "cross-site");
  EXPECT_EQ(site("http://a.example", "https://a.example"), "cross-site") << "schemes count";
  EXPECT_EQ(site("http://a.example", "http://b.example"), "none") << "only to URLs that can be trusted";
  EXPECT_EQ(site("null", api), "cross-site");
}

TEST(browser_fetch_test, the_explanation_names_each_step_with_its_clause) {
  const auto run = run_browser({.page = page, .url = api}, {allowing("http://localhost:3001")});
  EXPECT_EQ(run.outcome.explanation(),
            "method and headers are CORS-safelisted: it is sent without asking first [no-preflight, "
            "https://fetch.spec.whatwg.org/#concept-main-fetch]\n"
            "the request is sent: GET http://localhost:5000/notes without credentials [request-sent, "
            "https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch]\n"
            "Access-Control-Allow-Origin is not, byte for byte, the origin that asks: Access-Control-Allow-Origin: "
            "http://localhost:3001, asked for http://localhost:3000 [allow-origin-mismatch, "
            "https://fetch.spec.whatwg.org/#concept-cors-check]\n");
}

}  // namespace
}  // namespace gatehouse
