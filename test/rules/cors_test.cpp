// What requests get and what their answers say: spec/cors.md section 1, row by row (R1 to R49 in the names).
#include <gmock/gmock.h>

#include <gatehouse/rules/refusal.hpp>

#include "cors_kit.hpp"
#include "malloc_counter.hpp"

namespace gatehouse {
namespace {

using test::asked;
using test::name_value;
using testing::ElementsAreArray;
using testing::IsEmpty;

using lines = std::vector<std::string>;

constexpr std::string_view app = "https://app.example.com";
const cors_config plain{
    .origins = {std::string{app}}, .methods = {"PUT", "DELETE"}, .request_headers = {"Content-Type", "x-a"}};
const cors_config with_credentials{
    .origins = {std::string{app}}, .credentials = true, .expose_headers = {"ETag", "X-B"}};
const cors_config anybody{.origins = {"*"}};
const cors_config enforcing{.origins = {std::string{app}}, .enforce = true};
const cors_config watching{.origins = {std::string{app}}, .report_only = true};
const cors_config passing{.upstream_headers = "pass"};
const cors_config minimal{.origins = {std::string{app}},
                          .methods = {"PUT", "DELETE"},
                          .request_headers = {"Content-Type", "x-a"},
                          .disclose = "minimal"};
const cors_config minimal_for_any_header{
    .origins = {std::string{app}}, .request_headers = {"*", "Authorization"}, .disclose = "minimal"};
const cors_config stepwise{.origins = {std::string{app}},
                           .credentials = true,
                           .methods = {"PUT", "DELETE"},
                           .request_headers = {"Content-Type", "x-a"},
                           .disclose = "stepwise"};
const cors_config stepwise_watching{.origins = {std::string{app}}, .disclose = "stepwise", .report_only = true};
const cors_config with_200{.origins = {std::string{app}},
                           .methods = {"PUT", "DELETE"},
                           .request_headers = {"Content-Type", "x-a"},
                           .preflight_status = 200};
const cors_config private_network{.origins = {std::string{app}},
                                  .methods = {"PUT", "DELETE"},
                                  .request_headers = {"Content-Type", "x-a"},
                                  .allow_private_network = true};

/// One request, what stands behind, and everything of the answer.
struct row {
  const char* name;
  const cors_config& policy;
  asked request;
  std::vector<name_value> behind{};  // what the upstream sends, if it is asked
  unsigned status = 200;             // of the answer
  lines fields{};                    // all of them
  reason why = reason::none;         // of the refusal, or what the log has
  bool reaches = true;               // the upstream
};

asked preflight(std::string_view origin, std::string_view method, std::vector<std::string_view> headers = {}) {
  asked a{.method = "OPTIONS", .lines = {{"Origin", origin}, {"Access-Control-Request-Method", method}}};
  for (const auto h : headers) a.lines.emplace_back("Access-Control-Request-Headers", h);
  return a;
}

const std::string acao = "access-control-allow-origin: https://app.example.com";
const std::string acac = "access-control-allow-credentials: true";
const std::string vary = "vary: Origin";
const std::string vary3 = "vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
const std::string no_store = "cache-control: no-store, max-age=0";
const std::string problem = "content-type: application/problem+json";
const std::string methods3 = "access-control-allow-methods: GET, HEAD, POST, PUT, DELETE";
const std::string headers2 = "access-control-allow-headers: content-type, x-a";
const std::string age = "access-control-max-age: 600";

const lines refused_preflight{no_store, problem, vary3};
const lines allowed_preflight{headers2, methods3, acao, age, vary3};
const lines lists_with_credentials{acac, headers2, methods3, acao, age, vary3};

asked from_public_page(std::string_view asks = "true") {
  asked a = preflight(app, "PUT");
  a.lines.emplace_back("Access-Control-Request-Private-Network", asks);
  return a;
}

const row rows[] = {
    // ------------------------------------------------------------ 1a: what it is
    {"R1 a preflight", plain, preflight(app, "PUT"), {}, 204, allowed_preflight, reason::none, false},
    {"R1 OPTIONS without Origin is the application's",
     plain,
     {.method = "OPTIONS", .lines = {{"Access-Control-Request-Method", "PUT"}}},
     {},
     200,
     {vary}},
    {"R1 OPTIONS without a method asked for is the application's",
     plain,
     {.method = "OPTIONS", .lines = {{"Origin", app}}},
     {},
     200,
     {acao, vary}},
    {"R1 another method is no preflight",
     plain,
     {.method = "POST", .lines = {{"Origin", app}, {"Access-Control-Request-Method", "PUT"}}},
     {},
     200,
     {acao, vary}},
    {"R2 a denied preflight never reaches the upstream",
     plain,
     preflight("https://evil.net", "PUT"),
     {},
     403,
     refused_preflight,
     reason::cors_origin_not_allowed,
     false},
    {"R2 the API does CORS itself where that is asked for",
     passing,
     preflight("https://evil.net", "PUT"),
     {{"Access-Control-Allow-Origin", "https://evil.net"}},
     200,
     {"access-control-allow-origin: https://evil.net"}},
    {"R4 our own origin is not blocked: the browser says so",
     enforcing,
     {.method = "POST", .lines = {{"Origin", "https://api.example.com"}, {"Sec-Fetch-Site", "same-origin"}}},
     {},
     200,
     {vary}},
    {"R4 our own origin is not blocked: it is where the request was sent",
     enforcing,
     {.method = "POST", .lines = {{"Origin", "http://api.example.com"}}},
     {},
     200,
     {vary}},
    {"R4 our own name over another scheme is another origin",
     enforcing,
     {.method = "POST", .lines = {{"Origin", "https://api.example.com"}}},
     {},
     403,
     {no_store, problem, vary},
     reason::cors_origin_not_allowed,
     false},
    {"R4 our own name on another port is another origin",
     enforcing,
     {.method = "POST", .lines = {{"Origin", "http://api.example.com:81"}}},
     {},
     403,
     {no_store, problem, vary},
     reason::cors_origin_not_allowed,
     false},
    {"R4 same-site is not same-origin",
     enforcing,
     {.method = "POST", .lines = {{"Origin", "https://evil.example.com"}, {"Sec-Fetch-Site", "same-site"}}},
     {},
     403,
     {no_store, problem, vary},
     reason::cors_origin_not_allowed,
     false},
    {"R5 enforce refuses an upgrade from another origin",
     enforcing,
     {.lines = {{"Origin", "https://evil.net"}, {"Connection", "upgrade"}, {"Upgrade", "websocket"}}},
     {},
     403,
     {no_store, problem, vary},
     reason::cors_origin_not_allowed,
     false},
    {"R5 and lets one from a listed origin through",
     enforcing,
     {.lines = {{"Origin", app}, {"Connection", "upgrade"}, {"Upgrade", "websocket"}}},
     {},
     200,
     {acao, vary}},
    // ------------------------------------------------------------ 1b: the origin
    {"R6 compared with its case",
     plain,
     {.lines = {{"Origin", "https://App.example.com"}}},
     {},
     200,
     {vary},
     reason::cors_invalid_origin},
    {"R8 what is behind an origin is looked at",
     plain,
     {.lines = {{"Origin", "https://app.example.com/aaaa"}}},
     {},
     200,
     {vary},
     reason::cors_invalid_origin},
    {"R9 two lines of it",
     plain,
     {.lines = {{"Origin", app}, {"Origin", app}}},
     {},
     200,
     {vary},
     reason::cors_multiple_origins},
    {"R9 two lines of it are refused by enforce",
     enforcing,
     {.lines = {{"Origin", app}, {"Origin", "https://evil.net"}}},
     {},
     400,
     {no_store, problem, vary},
     reason::cors_multiple_origins,
     false},
    {"R9 two lines of it in a preflight",
     plain,
     {.method = "OPTIONS", .lines = {{"Origin", app}, {"Origin", app}, {"Access-Control-Request-Method", "PUT"}}},
     {},
     400,
     refused_preflight,
     reason::cors_multiple_origins,
     false},
    {"R10 null is nobody's", plain, {.lines = {{"Origin", "null"}}}, {}, 200, {vary}, reason::cors_origin_not_allowed},
    {"R10 * covers null", anybody, {.lines = {{"Origin", "null"}}}, {}, 200, {"access-control-allow-origin: *"}},
    {"R13 anybody, without credentials",
     anybody,
     {.lines = {{"Origin", "https://x.example"}}},
     {},
     200,
     {"access-control-allow-origin: *"}},
    {"R13 anybody: the same for who did not ask across origins",
     anybody,
     {},
     {},
     200,
     {"access-control-allow-origin: *"}},
    // ------------------------------------------------------------ 1c: preflights
    {"R20 methods have a case",
     plain,
     preflight(app, "put"),
     {},
     403,
     refused_preflight,
     reason::cors_method_not_allowed,
     false},
    {"R20 a method that is not listed",
     plain,
     preflight(app, "PATCH"),
     {},
     403,
     refused_preflight,
     reason::cors_method_not_allowed,
     false},
    {"R20 a safelisted one need not be",
     plain,
     preflight(app, "POST"),
     {},
     204,
     allowed_preflight,
     reason::none,
     false},
    {"R20 a method that nobody has",
     plain,
     preflight(app, "PURGE"),
     {},
     403,
     refused_preflight,
     reason::cors_method_not_allowed,
     false},
    {"R20 no method", plain, preflight(app, ""), {}, 403, refused_preflight, reason::cors_invalid_preflight, false},
    {"R20 what is no method",
     plain,
     preflight(app, "PUT, DELETE"),
     {},
     403,
     refused_preflight,
     reason::cors_invalid_preflight,
     false},
    {"R21 CONNECT",
     plain,
     preflight(app, "CONNECT"),
     {},
     403,
     refused_preflight,
     reason::cors_method_not_allowed,
     false},
    {"R21 TRACE", plain, preflight(app, "TRACE"), {}, 403, refused_preflight, reason::cors_method_not_allowed, false},
    {"R22 the whole lists, not what was asked for",
     plain,
     preflight(app, "PUT", {"x-a"}),
     {},
     204,
     allowed_preflight,
     reason::none,
     false},
    {"R22 minimal: the method that was asked for",
     minimal,
     preflight(app, "DELETE"),
     {},
     204,
     {"access-control-allow-methods: DELETE", acao, age, vary3},
     reason::none,
     false},
    {"R22 minimal: also a safelisted one",
     minimal,
     preflight(app, "POST", {"x-a"}),
     {},
     204,
     {"access-control-allow-headers: x-a", "access-control-allow-methods: POST", acao, age, vary3},
     reason::none,
     false},
    {"R22 minimal: the names that were asked for, as configured and each once",
     minimal,
     preflight(app, "PUT", {"X-A,,x-a", "Content-Type , x-A"}),
     {},
     204,
     {headers2, "access-control-allow-methods: PUT", acao, age, vary3},
     reason::none,
     false},
    {"R22 minimal: nothing to who fails",
     minimal,
     preflight(app, "PUT", {"x-a,x-evil"}),
     {},
     403,
     refused_preflight,
     reason::cors_header_not_allowed,
     false},
    {"R22 minimal: any name is not said back as it was sent",
     minimal_for_any_header,
     preflight(app, "PUT", {"x-whatever,authorization"}),
     {},
     204,
     {"access-control-allow-headers: authorization, *", "access-control-allow-methods: PUT", acao, age, vary3},
     reason::none,
     false},
    {"R23 any order, case and number",
     plain,
     preflight(app, "PUT", {"X-A,content-type,,x-a ,\tContent-Type"}),
     {},
     204,
     allowed_preflight,
     reason::none,
     false},
    {"R23 an empty list", plain, preflight(app, "PUT", {""}), {}, 204, allowed_preflight, reason::none, false},
    {"R24 several lines",
     plain,
     preflight(app, "PUT", {"content-type", "x-a"}),
     {},
     204,
     allowed_preflight,
     reason::none,
     false},
    {"R24 the second line is looked at",
     plain,
     preflight(app, "PUT", {"x-a", "x-evil"}),
     {},
     403,
     refused_preflight,
     reason::cors_header_not_allowed,
     false},
    {"R25 a name that begins so",
     plain,
     preflight(app, "PUT", {"x-ab"}),
     {},
     403,
     refused_preflight,
     reason::cors_header_not_allowed,
     false},
    {"R25 what is no name",
     plain,
     preflight(app, "PUT", {"x a"}),
     {},
     403,
     refused_preflight,
     reason::cors_invalid_preflight,
     false},
    {"R29 200 for old clients", with_200, preflight(app, "PUT"), {}, 200, allowed_preflight, reason::none, false},
    {"R29 who fails gets 403 all the same",
     with_200,
     preflight(app, "PATCH"),
     {},
     403,
     refused_preflight,
     reason::cors_method_not_allowed,
     false},
    {"R30 stepwise: what is allowed",
     stepwise,
     preflight(app, "PUT"),
     {},
     204,
     lists_with_credentials,
     reason::none,
     false},
    {"R30 stepwise: the lists, in which the method is not",
     stepwise,
     preflight(app, "PATCH"),
     {},
     204,
     lists_with_credentials,
     reason::cors_method_not_allowed,
     false},
    {"R30 stepwise: the lists, in which the field is not",
     stepwise,
     preflight(app, "PUT", {"x-evil"}),
     {},
     204,
     lists_with_credentials,
     reason::cors_header_not_allowed,
     false},
    {"R30 stepwise: nothing to another origin",
     stepwise,
     preflight("https://evil.net", "PATCH"),
     {},
     403,
     refused_preflight,
     reason::cors_origin_not_allowed,
     false},
    {"R30 stepwise: nothing where it is no preflight that browsers send",
     stepwise,
     preflight(app, "PU T"),
     {},
     403,
     refused_preflight,
     reason::cors_invalid_preflight,
     false},
    {"R30 stepwise, only watched: the API answers",
     stepwise_watching,
     preflight(app, "PURGE"),
     {},
     200,
     {},
     reason::cors_method_not_allowed},
    {"R30 nothing is told to who fails",
     plain,
     preflight(app, "PUT", {"x-evil"}),
     {},
     403,
     refused_preflight,
     reason::cors_header_not_allowed,
     false},
    {"R32 private networks: no such field",
     plain,
     {.method = "OPTIONS",
      .lines = {{"Origin", app},
                {"Access-Control-Request-Method", "PUT"},
                {"Access-Control-Request-Private-Network", "true"}}},
     {},
     204,
     allowed_preflight,
     reason::none,
     false},
    {"R32 private networks: where that is allowed",
     private_network,
     from_public_page(),
     {},
     204,
     {headers2, methods3, acao, "access-control-allow-private-network: true", age, vary3},
     reason::none,
     false},
    {"R32 private networks: not to who does not ask",
     private_network,
     preflight(app, "PUT"),
     {},
     204,
     allowed_preflight,
     reason::none,
     false},
    {"R32 private networks: not to who asks otherwise",
     private_network,
     from_public_page("yes"),
     {},
     204,
     allowed_preflight,
     reason::none,
     false},
    {"R32 private networks: not to another origin",
     private_network,
     {.method = "OPTIONS",
      .lines = {{"Origin", "https://evil.net"},
                {"Access-Control-Request-Method", "PUT"},
                {"Access-Control-Request-Private-Network", "true"}}},
     {},
     403,
     refused_preflight,
     reason::cors_origin_not_allowed,
     false},
    {"R35 a preflight to anybody",
     anybody,
     preflight("https://x.example", "PUT"),
     {},
     204,
     {"access-control-allow-headers: content-type, authorization, x-requested-with, x-csrf-token, x-xsrf-token, "
      "idempotency-key, if-match, if-none-match, traceparent, tracestate, baggage, sentry-trace",
      "access-control-allow-methods: GET, HEAD, POST, PUT, PATCH, DELETE", "access-control-allow-origin: *", age,
      "vary: Access-Control-Request-Method, Access-Control-Request-Headers"},
     reason::none,
     false},
    // ------------------------------------------------------------ 1d: answers
    {"R33 allowed", plain, {.lines = {{"Origin", app}}}, {}, 200, {acao, vary}},
    {"R33 denied: the status stays",
     plain,
     {.lines = {{"Origin", "https://evil.net"}}},
     {},
     200,
     {vary},
     reason::cors_origin_not_allowed},
    {"R34 credentials and exposed fields",
     with_credentials,
     {.lines = {{"Origin", app}}},
     {},
     200,
     {acac, acao, "access-control-expose-headers: etag, x-b", vary}},
    {"R34 none of them to others",
     with_credentials,
     {.lines = {{"Origin", "https://evil.net"}}},
     {},
     200,
     {vary},
     reason::cors_origin_not_allowed},
    {"R35 Vary without Origin, too", plain, {}, {}, 200, {vary}},
    {"R36 Vary is merged",
     plain,
     {.lines = {{"Origin", app}}},
     {{"Vary", "Accept-Encoding"}, {"Vary", "accept, ORIGIN"}},
     200,
     {acao, "vary: Accept-Encoding, accept, ORIGIN"}},
    {"R36 Vary: * stays", plain, {.lines = {{"Origin", app}}}, {{"Vary", "*"}}, 200, {acao, "vary: *"}},
    {"R36 Vary is not the request's", plain, {.lines = {{"Origin", app}, {"Vary", "X-Evil"}}}, {}, 200, {acao, vary}},
    {"R39 the upstream's own are removed",
     plain,
     {.lines = {{"Origin", app}}},
     {{"Access-Control-Allow-Origin", "*"},
      {"access-control-allow-CREDENTIALS", "true"},
      {"Access-Control-Allow-Private-Network", "true"},
      {"Timing-Allow-Origin", "*"},
      {"ETag", "\"1\""}},
     200,
     {acao, "etag: \"1\"", vary}},
    {"R39 also when the origin is denied",
     plain,
     {.lines = {{"Origin", "https://evil.net"}}},
     {{"Access-Control-Allow-Origin", "https://evil.net"}, {"Access-Control-Allow-Origin", "*"}},
     200,
     {vary},
     reason::cors_origin_not_allowed},
    {"R39 pass: they stay",
     passing,
     {.lines = {{"Origin", "https://evil.net"}}},
     {{"Access-Control-Allow-Origin", "*"}},
     200,
     {"access-control-allow-origin: *"}},
    {"R46 report_only changes nothing",
     watching,
     {.lines = {{"Origin", "https://evil.net"}}},
     {{"Access-Control-Allow-Origin", "*"}},
     200,
     {"access-control-allow-origin: *"},
     reason::cors_origin_not_allowed},
    {"R46 report_only answers no preflight",
     watching,
     preflight(app, "PUT"),
     {{"Access-Control-Allow-Origin", "*"}},
     200,
     {"access-control-allow-origin: *"}},
    {"R46 report_only refuses no preflight",
     watching,
     preflight("https://evil.net", "PUT"),
     {},
     200,
     {},
     reason::cors_origin_not_allowed},
    {"enforce: another origin is refused",
     enforcing,
     {.lines = {{"Origin", "https://evil.net"}}},
     {},
     403,
     {no_store, problem, vary},
     reason::cors_origin_not_allowed,
     false},
    {"enforce: who sends no Origin is no page", enforcing, {.method = "POST"}, {}, 200, {vary}},
    {"enforce: a listed one", enforcing, {.method = "DELETE", .lines = {{"Origin", app}}}, {}, 200, {acao, vary}},
};

/// The life of an exchange with this rule alone; `head` is what is sent.
bool live(const policy& rules, exchange& e, response_head& head, const std::vector<name_value>& behind = {},
          status answered = status::ok) {
  head.clear();
  e.rules = &rules;
  std::size_t at = 0;
  const step s = rules.request(e, at);
  bool reached = false;
  if (s.what() == step::kind::refuse) {
    (void)refuse_with_problem(e, s.why(), head);
  } else if (s.what() == step::kind::answer) {
    head.status(s.answered());
    e.source = response_source::gatehouse;
  } else {
    reached = true;
    head.status(answered);
    e.source = response_source::upstream;
    for (const auto& [name, value] : behind) EXPECT_TRUE(head.append(name, value).has_value());
  }
  (void)rules.finalise(e, head);
  return reached;
}

reason logged(const exchange& e) {
  if (e.why != reason::none) return e.why;
  return e.would_refuse != reason::none ? e.would_refuse : e.denied.why;
}

TEST(cors_test, answers_as_the_table_says) {
  test::test_exchange x;
  response_head head;
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    const auto rules = test::make_policy({cors(r.policy)});
    x.reset();
    test::put(r.request, x.e);
    EXPECT_EQ(live(*rules, x.e, head, r.behind), r.reaches);
    EXPECT_EQ(number(head.status()), r.status);
    EXPECT_THAT(test::sent_fields(head), ElementsAreArray(r.fields));
    EXPECT_EQ(code(logged(x.e)), code(r.why));
  }
}

// R38, R41: what an allowed origin may read does not depend on what was answered.
TEST(cors_test, every_status_is_readable) {
  const auto rules = test::make_policy({cors(with_credentials)});
  test::test_exchange x;
  response_head head;
  for (const unsigned code :
       {101U, 200U, 204U, 206U, 301U, 302U, 304U, 307U, 400U, 401U, 404U, 405U, 413U, 429U, 500U, 502U, 503U, 504U}) {
    SCOPED_TRACE(code);
    x.reset();
    test::put({.lines = {{"Origin", app}}}, x.e);
    EXPECT_TRUE(live(*rules, x.e, head, {}, static_cast<status>(code)));
    EXPECT_THAT(test::sent_fields(head),
                ElementsAreArray(lines{acac, acao, "access-control-expose-headers: etag, x-b", vary}));
  }
}

// R38: also what an earlier rule or the parser refused.
TEST(cors_test, refusals_before_the_rule_are_readable) {
  const auto rules = test::make_policy(
      {host_check({.hosts = {"other.example"}}), cors({.origins = {std::string{app}}})});
  test::test_exchange x;
  response_head head;
  test::put({.lines = {{"Origin", app}}}, x.e);
  EXPECT_FALSE(live(*rules, x.e, head));
  EXPECT_EQ(head.status(), status::misdirected_request);
  EXPECT_THAT(test::sent_fields(head), ElementsAreArray(lines{acao, no_store, problem, vary}));
}

TEST(cors_test, of_heads_that_were_refused_only_those_that_were_too_long) {
  struct refused {
    reason why;
    bool readable;
  };
  const auto rules = test::make_policy({cors({.origins = {std::string{app}}})});
  test::test_exchange x;
  response_head head;
  for (const auto& [why, readable] : {refused{reason::limit_target_too_long, true},
                                      {reason::limit_head_too_large, true},
                                      {reason::limit_too_many_fields, true},
                                      {reason::http_invalid_field_name, false},
                                      {reason::http_duplicate_field, false},
                                      {reason::http_conflicting_length, false}}) {
    SCOPED_TRACE(code(why));
    x.reset();
    x.e.rules = rules.get();
    x.e.head_refused = true;
    test::put({.lines = {{"Origin", app}}}, x.e);
    (void)refuse_with_problem(x.e, why, head);
    (void)rules->finalise(x.e, head);
    EXPECT_THAT(test::sent_fields(head),
                ElementsAreArray(readable ? lines{acao, no_store, problem, vary} : lines{no_store, problem}));
  }
}

// R20: what the route has is what may be asked for.
TEST(cors_test, methods_are_those_of_the_route) {
  const auto policy = test::make_cors({.origins = {std::string{app}}});
  const auto allowed = [&](std::string_view method, method_set of_route) {
    asked a = preflight(app, method);
    a.route_methods = of_route;
    return test::decide(*policy, a).allowed();
  };
  const method_set two{method::get, method::put};
  EXPECT_TRUE(allowed("PUT", two));
  EXPECT_FALSE(allowed("DELETE", two));
  EXPECT_TRUE(allowed("POST", two));  // safelisted: the route answers 405, and the page may read that
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
    EXPECT_TRUE(allowed(method, {})) << method;
  EXPECT_FALSE(allowed("OPTIONS", {}));
  EXPECT_TRUE(allowed("OPTIONS", {method::options}));
}

// R26
TEST(cors_test, any_header_is_not_authorization) {
  const auto any = test::make_cors({.origins = {std::string{app}}, .request_headers = {"*"}});
  EXPECT_TRUE(test::decide(*any, preflight(app, "PUT", {"x-whatever,x-else"})).allowed());
  EXPECT_FALSE(test::decide(*any, preflight(app, "PUT", {"Authorization"})).allowed());
  EXPECT_FALSE(test::decide(*any, preflight(app, "PUT", {"x y"})).allowed());
  const auto both = test::make_cors({.origins = {std::string{app}}, .request_headers = {"*", "Authorization"}});
  EXPECT_TRUE(test::decide(*both, preflight(app, "PUT", {"authorization"})).allowed());
}

// R25: the budget is the configuration's, not the request's.
TEST(cors_test, hostile_lists_are_refused_within_the_budget) {
  const auto policy = test::make_cors(plain);
  const std::string commas(1024 * 1024, ',');
  const std::string spaces(1024 * 1024, ' ');
  std::string same;
  while (same.size() < 64 * 1024) same += "x-a,";
  for (const std::string& list : {commas, spaces, same}) {
    const cors_decision d = test::decide(*policy, preflight(app, "PUT", {list}));
    EXPECT_EQ(d.why, reason::cors_invalid_preflight);
  }
  EXPECT_TRUE(test::decide(*policy, preflight(app, "PUT", {std::string(200, ',')})).allowed());
  const std::string long_method(64 * 1024, 'P');
  EXPECT_EQ(test::decide(*policy, preflight(app, long_method)).why, reason::cors_invalid_preflight);
  const std::string long_origin = "https://" + std::string(64 * 1024, 'a');
  EXPECT_EQ(test::decide(*policy, {.lines = {{"Origin", long_origin}}}).why, reason::cors_invalid_origin);
}

// R42
TEST(cors_test, timing_is_told_to_the_same_origins) {
  const auto rules = test::make_policy({cors({.origins = {std::string{app}}, .timing = true})});
  test::test_exchange x;
  response_head head;
  test::put({.lines = {{"Origin", app}}}, x.e);
  live(*rules, x.e, head);
  EXPECT_THAT(test::sent_fields(head),
              ElementsAreArray(lines{acao, "timing-allow-origin: https://app.example.com", vary}));
  x.reset();
  live(*rules, x.e, head);
  EXPECT_THAT(test::sent_fields(head), ElementsAreArray(lines{vary}));
}

TEST(cors_test, nobody_means_nobody) {
  const auto rules = test::make_policy({cors_even_for_nobody({})});
  test::test_exchange x;
  response_head head;
  test::put({.lines = {{"Origin", app}}}, x.e);
  EXPECT_TRUE(live(*rules, x.e, head, {{"Access-Control-Allow-Origin", "*"}}));
  EXPECT_THAT(test::sent_fields(head), ElementsAreArray(lines{vary}));
  x.reset();
  test::put(preflight(app, "PUT"), x.e);
  EXPECT_FALSE(live(*rules, x.e, head));
  EXPECT_EQ(head.status(), status::forbidden);
}

TEST(cors_test, embedding_is_opened_to_the_site_where_origins_are_listed) {
  test::test_exchange x;
  response_head head;
  const auto corp = [&](std::vector<pending_rule> all) {
    const auto rules = test::make_policy(all);
    x.reset();
    live(*rules, x.e, head);
    for (const std::string& line : test::sent_fields(head)) {
      if (line.starts_with("cross-origin-resource-policy: ")) return line.substr(30);
    }
    return std::string{};
  };
  EXPECT_EQ(corp({security_headers()}), "same-origin");
  EXPECT_EQ(corp({security_headers(), cors({.origins = {std::string{app}}})}), "same-site");
  EXPECT_EQ(corp({security_headers(), cors({.origins = {"*"}})}), "same-origin");
  EXPECT_EQ(corp({security_headers(), cors(watching)}), "same-origin");
  EXPECT_EQ(corp({security_headers(), cors_even_for_nobody({})}), "same-origin");
  EXPECT_EQ(corp({security_headers({.cross_origin_resource_policy = "cross-origin"}), cors(plain)}), "cross-origin");
}

void expect_no_allocation(const cors_config& c);

TEST(cors_test, costs_no_allocation) {
  for (const auto& c : {with_credentials, minimal, minimal_for_any_header, stepwise, private_network}) {
    SCOPED_TRACE(c.disclose);
    expect_no_allocation(c);
  }
}

void expect_no_allocation(const cors_config& c) {
  const auto rules = test::make_policy({cors(c)});
  test::test_exchange x;
  response_head head;
  const std::vector<asked> all{{.lines = {{"Origin", app}}},
                               {.lines = {{"Origin", "https://evil.net"}}},
                               {.lines = {{"Origin", "http://app.example.com:81"}}},
                               {},
                               preflight(app, "PUT", {"content-type, x-requested-with"}),
                               preflight(app, "PUT", {"x-evil"})};
  const std::vector<name_value> behind{{"Vary", "Accept"}, {"Access-Control-Allow-Origin", "*"}};
  // The first round is not counted: a sanitizer allocates where it meets a class for the first time.
  for (const bool counted : {false, true}) {
    for (const asked& a : all) {
      x.reset();
      test::put(a, x.e);
      const test::malloc_counter here;
      live(*rules, x.e, head, behind);
      const auto allocations = here.count();
      if (counted) {
        EXPECT_EQ(allocations, 0U);
      }
    }
  }
}

}  // namespace
}  // namespace gatehouse
