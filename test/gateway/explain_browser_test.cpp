#include "explain_browser.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gatehouse/http/problem.hpp>

namespace gatehouse::program {
namespace {

loaded_config settings(const std::string& toml) {
  loaded_config out = read_config("upstream = \"http://127.0.0.1:5000\"\n" + toml, "test.toml");
  judge_config(out);
  EXPECT_EQ(out.report.errors(), 0U) << toml;
  return out;
}

std::string changes_of(const browser_explanation& e) {
  std::string out;
  for (const policy_change& c : e.changes)
    out.append(out.empty() ? "" : "; ").append(c.key).append(" = ").append(c.value);
  return out.empty() ? e.hopeless : out;
}

struct explain_case {
  const char* name;
  const char* toml;
  explain_options asked;
  browser_why why;
  reason refused;
  const char* change;  // or why there is none; empty: the page can read it
};

constexpr const char* policy = "[cors]\norigins = [\"http://localhost:3000\"]\n";
constexpr const char* page = "http://localhost:3000";

// A page of another origin, before and after the smallest change.
const explain_case cases[] = {
    {"allowed", policy, {.origin = page}, browser_why::readable_cors, reason::none, ""},
    {"allowed after a preflight",
     policy,
     {.method = "PUT", .headers = {"Content-Type: application/json"}, .origin = page},
     browser_why::readable_cors,
     reason::none,
     ""},
    {"no policy",
     "",
     {.origin = page},
     browser_why::allow_origin_missing,
     reason::none,
     "cors.origins = [\"http://localhost:3000\"]"},
    {"another port",
     policy,
     {.origin = "http://localhost:5173"},
     browser_why::allow_origin_missing,
     reason::cors_origin_not_allowed,
     "cors.origins = [\"http://localhost:3000\", \"http://localhost:5173\"]"},
    {"another port, with a preflight",
     policy,
     {.method = "DELETE", .origin = "http://localhost:5173"},
     browser_why::allow_origin_missing,
     reason::cors_origin_not_allowed,
     "cors.origins = [\"http://localhost:3000\", \"http://localhost:5173\"]"},
    {"credentials",
     policy,
     {.origin = page, .credentials = "include"},
     browser_why::allow_credentials_missing,
     reason::none,
     "cors.credentials = true"},
    {"credentials that are left out",
     policy,
     {.origin = page, .credentials = "omit"},
     browser_why::readable_cors,
     reason::none,
     ""},
    {"credentials and everybody",
     "[cors]\norigins = [\"*\"]\n",
     {.origin = page, .credentials = "include"},
     browser_why::allow_origin_wildcard,
     reason::none,
     "cors.origins = [\"http://localhost:3000\"]; cors.credentials = true"},
    {"a header",
     policy,
     {.headers = {"X-My: 1"}, .origin = page},
     browser_why::allow_origin_missing,
     reason::cors_header_not_allowed,
     "cors.request_headers = [\"content-type\", \"authorization\", \"x-requested-with\", \"x-csrf-token\", "
     "\"x-xsrf-token\", \"idempotency-key\", \"if-match\", \"if-none-match\", \"traceparent\", \"tracestate\", "
     "\"baggage\", \"sentry-trace\", \"x-my\"]"},
    {"a method",
     "[cors]\norigins = [\"http://localhost:3000\"]\nmethods = [\"GET\"]\n",
     {.method = "PUT", .origin = page},
     browser_why::allow_origin_missing,
     reason::cors_method_not_allowed,
     "cors.methods = [\"GET\", \"PUT\"]"},
    {"everything at once",
     "[cors]\norigins = [\"https://a.example\"]\nmethods = [\"GET\"]\nrequest_headers = [\"content-type\"]\n",
     {.method = "PUT", .headers = {"X-My: 1"}, .origin = page, .credentials = "include"},
     browser_why::allow_origin_missing,
     reason::cors_origin_not_allowed,
     "cors.origins = [\"https://a.example\", \"http://localhost:3000\"]; cors.methods = [\"GET\", \"PUT\"]; "
     "cors.request_headers = [\"content-type\", \"x-my\"]; cors.credentials = true"},
    {"the policy of a route",
     "[cors]\norigins = [\"http://localhost:3000\"]\n[[route]]\nmatch = \"/notes/*\"\ncors = { origins = "
     "[\"https://a.example\"] }\n",
     {.url = "/notes/7", .origin = page},
     browser_why::allow_origin_missing,
     reason::cors_origin_not_allowed,
     "route[0].cors.origins = [\"https://a.example\", \"http://localhost:3000\"]"},
    {"the headers and methods of a route's policy",
     "[[route]]\nmatch = \"/notes/*\"\n[route.cors]\norigins = [\"http://localhost:3000\"]\nmethods = "
     "[\"GET\"]\nrequest_headers = []\n",
     {.method = "DELETE", .url = "/notes/7", .headers = {"X-A: 1", "X-B: 2"}, .origin = page},
     browser_why::allow_origin_missing,
     reason::cors_method_not_allowed,
     "route[0].cors.methods = [\"GET\", \"DELETE\"]; route[0].cors.request_headers = [\"x-a\", \"x-b\"]"},
    {"null",
     policy,
     {.url = "http://localhost:8080/", .origin = "null"},
     browser_why::allow_origin_missing,
     reason::cors_origin_not_allowed,
     "no policy allows the origin null: everybody can be it"},
    {"patch",
     policy,
     {.method = "patch", .origin = page},
     browser_why::allow_origin_missing,
     reason::cors_method_not_allowed,
     "Gatehouse serves no method patch; the page must write PATCH"},
    {"a method that no page can use",
     policy,
     {.method = "TRACE", .origin = page},
     browser_why::method_forbidden,
     reason::none,
     "a page can not use this method"},
    {"a host that is not served: the page reads the refusal",
     policy,
     {.url = "http://evil.example/", .origin = page},
     browser_why::readable_cors,
     reason::http_host_not_allowed,
     ""},
    {"the gateway's own page",
     "",
     {.method = "DELETE", .url = "http://localhost:8080/x", .origin = "http://localhost:8080"},
     browser_why::readable_basic,
     reason::none,
     ""},
    {"a WebSocket",
     "[cors]\norigins = [\"http://localhost:3000\"]\n",
     {.url = "ws://localhost:8080/s", .origin = page},
     browser_why::socket_open,
     reason::none,
     ""},
    {"a WebSocket of a page that nobody listed",
     "",
     {.url = "ws://localhost:8080/s", .origin = page},
     browser_why::socket_not_switched,
     reason::csrf_websocket_origin,
     "cors.origins = [\"http://localhost:3000\"]"},
    {"a WebSocket, enforced",
     "[cors]\norigins = [\"https://a.example\"]\nenforce = true\n",
     {.url = "ws://localhost:8080/s", .origin = page},
     browser_why::socket_not_switched,
     reason::cors_origin_not_allowed,
     "cors.origins = [\"https://a.example\", \"http://localhost:3000\"]"},
};

TEST(explain_browser_test, says_what_the_browser_does_and_what_would_change_it) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto made = explain_browser(settings(c.toml), c.asked);
    ASSERT_TRUE(made);
    EXPECT_EQ(word(made->outcome.why), word(c.why));
    EXPECT_EQ(code(made->refused), code(c.refused));
    EXPECT_EQ(changes_of(*made), c.change);
    EXPECT_EQ(made->readable, std::string_view{c.change}.empty());
  }
}

TEST(explain_browser_test, a_change_comes_with_what_check_would_say_of_it) {
  const auto made = explain_browser(settings("[cors]\norigins = [\"http://localhost:3000\"]\ncredentials = true\n"),
                                    {.origin = "https://app.github.io", .credentials = "include"});
  ASSERT_TRUE(made);
  std::vector<std::string> codes;
  for (const config_problem& p : made->findings) codes.push_back(p.what.code);
  EXPECT_EQ(codes, (std::vector<std::string>{"cors-c03", "cors-c04"}));
}

TEST(explain_browser_test, says_what_an_own_page_has_to_send) {
  const auto made = explain_browser(
      settings("[csrf]\ntoken_keys = [\"kX3v9QpL0sZt7RmY2wBc5NdF8hJg1aUe\"]\nrequire_token = true\n"),
      {.method = "POST",
       .url = "http://localhost:8080/notes",
       .headers = {"Cookie: sid=1"},
       .origin = "http://localhost:8080"});
  ASSERT_TRUE(made);
  EXPECT_EQ(code(made->refused), "csrf.token");
  EXPECT_NE(to_words(*made).find("  fix     the page fetches a token"), std::string::npos) << to_words(*made);
}

struct mistake_case {
  const char* name;
  explain_options asked;
};

TEST(explain_browser_test, what_is_no_request) {
  const mistake_case mistakes[] = {
      {"no origin", {.origin = "localhost:3000"}},      {"an origin with a path", {.origin = "http://localhost:3000/"}},
      {"no URL", {.url = "http://[/", .origin = page}}, {"no credentials mode", {.origin = page, .credentials = "yes"}},
      {"no address", {.from = "here", .origin = page}},
  };
  for (const auto& c : mistakes) {
    SCOPED_TRACE(c.name);
    const auto made = explain_browser(settings(""), c.asked);
    ASSERT_FALSE(made);
    ASSERT_EQ(made.error().size(), 1U);
    EXPECT_FALSE(made.error().front().message.empty());
  }
}

TEST(explain_browser_test, words_move_no_cursor) {
  const auto made = explain_browser(settings(policy), {.url = "/a\x1b[2J", .headers = {"X-\x1b: 1"}, .origin = page});
  ASSERT_TRUE(made);
  EXPECT_EQ(to_words(*made).find('\x1b'), std::string::npos);
  EXPECT_EQ(to_json(*made).find('\x1b'), std::string::npos);
}

// https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header : what the browser says is by the public suffix list.
TEST(explain_browser_test, says_of_which_site_the_page_is) {
  struct row {
    const char* name;
    const char* page;
    const char* url;
    std::string_view site;
  };
  constexpr row rows[] = {
      {"two names below one", "https://app.example.com", "https://api.example.com/notes", "same-site"},
      {"strangers on shared hosting", "https://one.github.io", "https://two.github.io/notes", "cross-site"},
      {"another scheme", "http://app.example.com", "https://api.example.com/notes", "cross-site"},
      {"itself", "https://api.example.com", "https://api.example.com/notes", "same-origin"},
      {"a socket", "https://app.example.com", "wss://api.example.com/notes", "same-site"},
  };
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    const auto e = explain_browser(settings("[cors]\norigins = [\"https://app.example.com\"]\n"),
                                   {.url = r.url, .origin = r.page});
    ASSERT_TRUE(e);
    ASSERT_FALSE(e->exchanges.empty());
    std::string_view site;
    for (const auto& [name, value] : e->exchanges.front().request.headers) {
      if (name == "Sec-Fetch-Site") site = value;
    }
    EXPECT_EQ(site, r.site);
  }
}

}  // namespace
}  // namespace gatehouse::program
