#include <gatehouse/rules/error_hygiene.hpp>

#include <gmock/gmock.h>

#include <gatehouse/http/problem.hpp>

#include "rules_kit.hpp"
#include "technology_fields.hpp"

namespace gatehouse {
namespace {

using test::name_value;
using test::sent_fields;
using testing::ElementsAre;
using testing::UnorderedElementsAreArray;

constexpr auto by_us = response_source::gatehouse;
constexpr auto by_handler = response_source::handler;
constexpr auto by_upstream = response_source::upstream;

struct hygiene_case {
  const char* name;
  response_source source;
  unsigned status;
  std::initializer_list<name_value> lines;
  bool replaced;
  std::vector<std::string> left;  // fields after the rule alone
};

const hygiene_case cases[] = {
    {"upstream 500",
     by_upstream,
     500,
     {{"Content-Type", "text/html"}},
     true,
     {"content-type: application/problem+json"}},
    {"upstream 503 keeps Retry-After",
     by_upstream,
     503,
     {{"Retry-After", "120"}},
     true,
     {"retry-after: 120", "content-type: application/problem+json"}},
    {"upstream 599", by_upstream, 599, {}, true, {"content-type: application/problem+json"}},
    {"what describes the content goes",
     by_upstream,
     500,
     {{"Content-Encoding", "gzip"},
      {"Content-Length", "9"},
      {"ETag", "\"1\""},
      {"Last-Modified", "x"},
      {"Accept-Ranges", "bytes"},
      {"Content-Disposition", "inline"}},
     true,
     {"content-type: application/problem+json"}},
    {"what could leak goes",
     by_upstream,
     500,
     {{"X-Exception", "java.sql"},
      {"X-Debug-Token-Link", "http://10.0.0.1"},
      {"Server", "x"},
      {"X-Powered-By", "Express"},
      {"Via", "1.1 internal"},
      {"Link", "<http://10.0.0.1>"},
      {"Cache-Control", "public"},
      {"Content-Security-Policy", "x"}},
     true,
     {"content-type: application/problem+json"}},
    {"what the page needs stays",
     by_upstream,
     500,
     {{"Access-Control-Allow-Origin", "https://a.example"},
      {"Access-Control-Allow-Credentials", "true"},
      {"Vary", "Origin"},
      {"Set-Cookie", "a=1"},
      {"Set-Cookie", "b=2"},
      {"Date", "x"}},
     true,
     {"access-control-allow-origin: https://a.example", "access-control-allow-credentials: true", "vary: Origin",
      "set-cookie: a=1", "set-cookie: b=2", "date: x", "content-type: application/problem+json"}},
    {"upstream 499", by_upstream, 499, {{"Content-Type", "text/plain"}}, false, {"content-type: text/plain"}},
    {"upstream 404",
     by_upstream,
     404,
     {{"Content-Type", "text/plain"}, {"ETag", "\"1\""}},
     false,
     {"content-type: text/plain", "etag: \"1\""}},
    {"upstream event stream",
     by_upstream,
     200,
     {{"Content-Type", "text/event-stream"}},
     false,
     {"content-type: text/event-stream"}},
    {"upstream gRPC",
     by_upstream,
     500,
     {{"Content-Type", "application/grpc"}},
     false,
     {"content-type: application/grpc"}},
    {"upstream gRPC, subtype and capitals",
     by_upstream,
     503,
     {{"Content-Type", "Application/GRPC+proto"}},
     false,
     {"content-type: Application/GRPC+proto"}},
    {"handler 500 is its author's",
     by_handler,
     500,
     {{"Content-Type", "text/plain"}},
     false,
     {"content-type: text/plain"}},
    {"our own 502",
     by_us,
     502,
     {{"Content-Type", "application/problem+json"}},
     false,
     {"content-type: application/problem+json"}},
    {"technology of an upstream goes",
     by_upstream,
     200,
     {{"Server", "nginx/1.22"},
      {"x-powered-by", "Express"},
      {"Via", "1.1 cache"},
      {"X-AspNet-Version", "4"},
      {"x-runtime-own", "1"}},
     false,
     {"x-runtime-own: 1"}},
    {"technology of a handler goes", by_handler, 200, {{"Server", "mine"}, {"X-POWERED-BY-PLESK", "1"}}, false, {}},
    {"WebSocket",
     by_upstream,
     101,
     {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}},
     false,
     {"upgrade: websocket", "connection: Upgrade"}},
};

TEST(error_hygiene_test, replaces_an_upstreams_5xx_and_nothing_else) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto rules = test::make_policy({error_hygiene()});
    test::test_exchange x;
    x.e.source = c.source;
    response_head head;
    head.status(static_cast<status>(c.status));
    test::add_lines(head, c.lines);
    const body_plan plan = rules->finalise(x.e, head);
    EXPECT_EQ(plan.what, c.replaced ? body_plan::kind::replace : body_plan::kind::keep);
    EXPECT_THAT(sent_fields(head), UnorderedElementsAreArray(c.left));
    EXPECT_EQ(number(head.status()), c.status);
    EXPECT_EQ(x.e.why, c.replaced ? reason::upstream_error_replaced : reason::none);
    if (!c.replaced) continue;
    EXPECT_EQ(plan.why, reason::upstream_error_replaced);
    EXPECT_NE(plan.content.find("\"status\":" + std::to_string(c.status)), std::string_view::npos);
    EXPECT_NE(plan.content.find("urn:uuid:" + std::string(x.e.id)), std::string_view::npos);
  }
}

struct type_case {
  const char* name;
  response_source source;
  bool has_content;
  unsigned status;
  std::initializer_list<name_value> lines;
  std::vector<std::string> left;
  bool untyped;
};

const type_case types[] = {
    {"none", by_upstream, true, 200, {}, {"content-type: application/octet-stream"}, true},
    {"none, of an error below 500", by_upstream, true, 404, {}, {"content-type: application/octet-stream"}, true},
    {"none, of a handler", by_handler, true, 200, {}, {"content-type: application/octet-stream"}, true},
    {"none, and no content", by_upstream, false, 200, {}, {}, false},
    {"none, of our own", by_us, true, 200, {}, {}, false},
    {"blank", by_upstream, true, 200, {{"Content-Type", ""}}, {"content-type: application/octet-stream"}, true},
    {"parameters only",
     by_upstream,
     true,
     200,
     {{"Content-Type", "; charset=utf-8"}},
     {"content-type: application/octet-stream"},
     true},
    {"no slash", by_upstream, true, 200, {{"Content-Type", "text"}}, {"content-type: application/octet-stream"}, true},
    {"no subtype",
     by_upstream,
     true,
     200,
     {{"Content-Type", "text/"}},
     {"content-type: application/octet-stream"},
     true},
    {"no type", by_upstream, true, 200, {{"Content-Type", "/html"}}, {"content-type: application/octet-stream"}, true},
    {"two slashes",
     by_upstream,
     true,
     200,
     {{"Content-Type", "text/html/x"}},
     {"content-type: application/octet-stream"},
     true},
    {"two in one line",
     by_upstream,
     true,
     200,
     {{"Content-Type", "text/plain, text/html"}},
     {"content-type: application/octet-stream"},
     true},
    {"any", by_upstream, true, 200, {{"Content-Type", "*/*"}}, {"content-type: application/octet-stream"}, true},
    {"unknown",
     by_upstream,
     true,
     200,
     {{"Content-Type", "Unknown/Unknown; q=1"}},
     {"content-type: application/octet-stream"},
     true},
    {"application/unknown",
     by_upstream,
     true,
     200,
     {{"Content-Type", "application/unknown"}},
     {"content-type: application/octet-stream"},
     true},
    {"a type", by_upstream, true, 200, {{"Content-Type", "text/html"}}, {"content-type: text/html"}, false},
    {"a type with parameters",
     by_upstream,
     true,
     200,
     {{"Content-Type", "multipart/form-data; boundary=\"a/b;c\""}},
     {"content-type: multipart/form-data; boundary=\"a/b;c\""},
     false},
    {"a type nobody knows", by_upstream, true, 200, {{"Content-Type", "x-a/x-b"}}, {"content-type: x-a/x-b"}, false},
};

TEST(error_hygiene_test, names_the_type_of_content_that_has_none) {
  const auto rules = test::make_policy({error_hygiene()});
  for (const auto& c : types) {
    SCOPED_TRACE(c.name);
    test::test_exchange x;
    x.e.source = c.source;
    x.e.has_content = c.has_content;
    response_head head;
    head.status(static_cast<status>(c.status));
    test::add_lines(head, c.lines);
    EXPECT_EQ(rules->finalise(x.e, head).what, body_plan::kind::keep);
    EXPECT_THAT(sent_fields(head), UnorderedElementsAreArray(c.left));
    EXPECT_EQ(x.e.was_untyped, c.untyped);
  }
}

TEST(error_hygiene_test, pass_leaves_the_body_and_still_strips_technology) {
  const auto rules = test::make_policy({error_hygiene({.upstream_5xx = "pass"})});
  test::test_exchange x;
  x.e.source = by_upstream;
  response_head head;
  head.status(status::internal_server_error);
  test::add_lines(head, {{"Content-Type", "text/html"}, {"Server", "x"}, {"X-Own", "1"}});
  EXPECT_EQ(rules->finalise(x.e, head).what, body_plan::kind::keep);
  EXPECT_THAT(sent_fields(head), ElementsAre("content-type: text/html", "x-own: 1"));
}

TEST(error_hygiene_test, without_memory_the_upstreams_words_stay_inside_all_the_same) {
  const auto rules = test::make_policy({error_hygiene()});
  test::test_exchange x;
  (void)x.e.memory.allocate(x.e.memory.left());
  x.e.source = by_upstream;
  response_head head;
  head.status(status::internal_server_error);
  const body_plan plan = rules->finalise(x.e, head);
  EXPECT_EQ(plan.what, body_plan::kind::replace);
  EXPECT_EQ(plan.content, R"({"type":"about:blank","title":"The service failed."})");
}

TEST(error_hygiene_test, a_replaced_error_is_not_cacheable_by_the_upstreams_word) {
  const auto rules = test::make_policy(standard_set());
  test::test_exchange x;
  x.e.source = by_upstream;
  response_head head;
  head.status(status::bad_gateway);
  test::add_lines(head, {{"Cache-Control", "public, max-age=3600"}, {"Content-Security-Policy", "default-src *"}});
  (void)rules->finalise(x.e, head);
  auto want = test::api_fields_http;
  want.push_back("content-type: application/problem+json");
  want.push_back("x-request-id: " + std::string(x.e.id));
  EXPECT_THAT(sent_fields(head), UnorderedElementsAreArray(want));
}

TEST(error_hygiene_test, every_technology_field_is_found_in_any_case_and_near_names_are_not) {
  for (const std::string_view name : detail::rules::technology_fields) {
    std::string upper(name);
    for (char& c : upper) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    }
    EXPECT_TRUE(names_technology(find_field(upper), upper)) << upper;
    EXPECT_FALSE(names_technology(field::other, upper + "x")) << upper;
    EXPECT_FALSE(names_technology(field::other, upper.substr(1))) << upper;
  }
  for (const field known : {field::server, field::x_powered_by, field::via})
    EXPECT_TRUE(names_technology(known, name(known)));
  for (const char* made_up : {"X-Runtime", "x-backend-server", "X-BACKEND", "X-Debug-Token", "x-debug-token-link"}) {
    EXPECT_TRUE(names_technology(find_field(made_up), made_up)) << made_up;
  }
  for (const char* near : {"X-Runtime-Own", "X-Backends", "X-Debug-Tokens", "X-Debug"}) {
    EXPECT_FALSE(names_technology(find_field(near), near)) << near;
  }
  for (const char* needed : {"Content-Type", "Set-Cookie", "X-Request-Id", "RateLimit", "ETag", "Location", ""}) {
    EXPECT_FALSE(names_technology(find_field(needed), needed)) << needed;
  }
}

// A technology field that became a known name would slip through: names_technology looks up unknown names only.
TEST(error_hygiene_test, no_technology_field_is_a_known_name) {
  for (const std::string_view name : detail::rules::technology_fields)
    EXPECT_EQ(find_field(name), field::other) << name;
}

TEST(error_hygiene_test, a_wrong_choice_names_the_right_one) {
  constexpr const char* all_5xx = "replace, replace_leaks or pass";
  for (const auto& [written, suggested] :
       {std::pair{"replce", "replace"}, {"Pass", "pass"}, {"", all_5xx}, {"hide", all_5xx}}) {
    const auto made = error_hygiene_policy::make({.upstream_5xx = written});
    ASSERT_FALSE(made);
    EXPECT_THAT(test::summaries(made.error()),
                ElementsAre(std::string("errors.upstream_5xx|") + written + "|unknown-value|" + suggested));
  }
  // Of a 4xx there is no `replace`: clients act on what these say.
  for (const auto& [written, suggested] :
       {std::pair{"replace", "replace_leaks or pass"}, {"leaks", "replace_leaks or pass"}}) {
    const auto made = error_hygiene_policy::make({.upstream_4xx = written});
    ASSERT_FALSE(made);
    EXPECT_THAT(test::summaries(made.error()),
                ElementsAre(std::string("errors.upstream_4xx|") + written + "|unknown-value|" + suggested));
  }
}

TEST(error_hygiene_test, all_mistakes_are_found_at_once) {
  const auto made = error_hygiene_policy::make(
      {.upstream_5xx = "x-y-z",
       .upstream_4xx = "x-y-z",
       .keep_headers = {"Server", "X-Powerd-By", "a b", "SERVER", "ETag", "X-Backend-Server", "Server-Timing"}});
  ASSERT_FALSE(made);
  EXPECT_THAT(test::summaries(made.error()),
              ElementsAre("errors.upstream_5xx|x-y-z|unknown-value|replace, replace_leaks or pass",
                          "errors.upstream_4xx|x-y-z|unknown-value|replace_leaks or pass",
                          "errors.keep_headers[1]|X-Powerd-By|not-removed|X-Powered-By",
                          "errors.keep_headers[2]|a b|invalid-field-name|", "errors.keep_headers[3]|SERVER|duplicate|",
                          "errors.keep_headers[4]|ETag|not-removed|"));
}

TEST(error_hygiene_test, kept_fields_pass_and_others_do_not) {
  const auto rules = test::make_policy(
      {error_hygiene({.keep_headers = {"server", "X-Backend-Server", "Server-Timing"}})});
  for (const auto source : {by_upstream, by_handler}) {
    test::test_exchange x;
    x.e.source = source;
    response_head head;
    test::add_lines(head, {{"Server", "mine"},
                           {"X-Backend-Server", "a1"},
                           {"X-Backend-Host", "a2"},
                           {"Server-Timing", "db;dur=5"},
                           {"Via", "1.1 x"},
                           {"X-Powered-By", "x"}});
    (void)rules->finalise(x.e, head);
    EXPECT_THAT(sent_fields(head),
                UnorderedElementsAreArray({"server: mine", "x-backend-server: a1", "server-timing: db;dur=5"}));
  }
  // Of a replaced answer nothing is kept but what a page needs.
  test::test_exchange x;
  x.e.source = by_upstream;
  response_head head;
  head.status(status::internal_server_error);
  test::add_lines(head, {{"Server", "mine"}});
  (void)rules->finalise(x.e, head);
  EXPECT_THAT(sent_fields(head), ElementsAre("content-type: application/problem+json"));
}

TEST(error_hygiene_test, times_of_an_api_are_not_told_and_those_of_pages_are) {
  struct timing_case {
    const char* profile;
    response_source source;
    bool told;
  };
  for (const auto& c : {timing_case{"api", by_upstream, false},
                        {"strict", by_upstream, false},
                        {"spa", by_upstream, true},
                        {"helmet", by_upstream, true},
                        {"api", by_handler, true}}) {
    SCOPED_TRACE(c.profile);
    const auto rules = test::make_policy(test::standard_set_with(security_headers({.profile = c.profile})));
    test::test_exchange x;
    x.e.source = c.source;
    x.e.rules = rules.get();
    response_head head;
    test::add_lines(head, {{"Server-Timing", "db;dur=5"}, {"SourceMap", "/x.map"}, {"X-SourceMap", "/x.map"}});
    (void)rules->finalise(x.e, head);
    EXPECT_EQ(head.fields().has(field::server_timing), c.told);
    EXPECT_FALSE(head.fields().get("SourceMap") || head.fields().get("X-SourceMap"));
  }
}

/// What becomes of content that comes in these pieces.
struct seen_case {
  const char* name;
  error_hygiene_config config;
  unsigned status;
  std::initializer_list<name_value> lines;
  std::vector<std::string> pieces;
  bool whole;            // else the last piece is one too many
  std::size_t inspects;  // 0: content is not held at all
  std::size_t shown;     // pieces, until the rule knows enough; the end counts as one
  const char* replaced;  // by this document; null: not at all
  reason why;
  leak leaked;
};

constexpr std::size_t leaks_limit = std::size_t{128} * 1024;
constexpr const char* bland_500 = R"({"type":"about:blank","title":"Internal Server Error","status":500)";
constexpr const char* bland_404 = R"({"type":"about:blank","title":"Not Found","status":404)";
const error_hygiene_config leaks_of_both{.upstream_5xx = "replace_leaks", .upstream_4xx = "replace_leaks"};
const std::string trace = "Traceback (most recent call last):\n";
const std::string room(400, ' ');

const seen_case seen_cases[] = {
    {"a 500 that leaks",
     leaks_of_both,
     500,
     {{"Content-Type", "text/html"}},
     {"Sorry. ", trace},
     true,
     leaks_limit,
     3,
     bland_500,
     reason::upstream_leak_replaced,
     leak::stack_frame},
    {"a 500 that leaks early",
     leaks_of_both,
     500,
     {},
     {trace + room, "more"},
     true,
     leaks_limit,
     1,
     bland_500,
     reason::upstream_leak_replaced,
     leak::stack_frame},
    {"a 500 that leaks across pieces",
     leaks_of_both,
     500,
     {},
     {"Traceback (most rec", "ent call last):"},
     true,
     leaks_limit,
     3,
     bland_500,
     reason::upstream_leak_replaced,
     leak::stack_frame},
    {"a 500 that does not",
     leaks_of_both,
     500,
     {{"Content-Type", "text/html"}},
     {"Sorry."},
     true,
     leaks_limit,
     2,
     nullptr,
     reason::none,
     leak::none},
    {"a problem document that does not",
     leaks_of_both,
     500,
     {{"Content-Type", "application/problem+json"}},
     {R"({"title":"t","path":"/x"})"},
     true,
     leaks_limit,
     2,
     nullptr,
     reason::none,
     leak::none},
    {"a 404 that leaks",
     leaks_of_both,
     404,
     {{"Content-Type", "text/html"}},
     {trace},
     true,
     leaks_limit,
     2,
     bland_404,
     reason::upstream_leak_replaced,
     leak::stack_frame},
    {"a 404 that does not",
     leaks_of_both,
     404,
     {{"Content-Type", "text/html"}},
     {"No."},
     true,
     leaks_limit,
     2,
     nullptr,
     reason::none,
     leak::none},
    {"a 404, unless asked for",
     {.upstream_5xx = "replace_leaks"},
     404,
     {},
     {trace},
     true,
     0,
     0,
     nullptr,
     reason::none,
     leak::none},
    {"a 200", leaks_of_both, 200, {}, {trace}, true, 0, 0, nullptr, reason::none, leak::none},
    {"one that is too long",
     leaks_of_both,
     500,
     {},
     {"a", "b"},
     false,
     leaks_limit,
     2,
     bland_500,
     reason::upstream_leak_replaced,
     leak::unreadable},
    {"one that is compressed",
     leaks_of_both,
     500,
     {{"Content-Encoding", "gzip"}},
     {"x"},
     true,
     0,
     0,
     bland_500,
     reason::upstream_leak_replaced,
     leak::unreadable},
    {"one that is not",
     leaks_of_both,
     500,
     {{"Content-Encoding", "Identity"}},
     {"x"},
     true,
     leaks_limit,
     2,
     nullptr,
     reason::none,
     leak::none},
    {"one in UTF-16",
     leaks_of_both,
     404,
     {{"Content-Type", "text/html; charset=\"UTF-16LE\""}},
     {"x"},
     true,
     0,
     0,
     bland_404,
     reason::upstream_leak_replaced,
     leak::unreadable},
    {"gRPC",
     leaks_of_both,
     500,
     {{"Content-Type", "application/grpc"}},
     {trace},
     true,
     0,
     0,
     nullptr,
     reason::none,
     leak::none},
    {"an event stream that is refused",
     leaks_of_both,
     404,
     {{"Content-Type", "text/event-stream"}},
     {trace},
     true,
     0,
     0,
     nullptr,
     reason::none,
     leak::none},

    {"an event stream that fails: it might never end",
     leaks_of_both,
     500,
     {{"Content-Type", "text/event-stream"}},
     {"x"},
     true,
     0,
     0,
     bland_500,
     reason::upstream_leak_replaced,
     leak::unreadable},

    {"a problem document under replace",
     {},
     500,
     {{"Content-Type", "application/problem+json; charset=utf-8"}},
     {R"({"type":"/e","title":"Out of )",
      R"(stock","detail":"3 are left.","trace":"Traceback (most recent call last):","path":"/notes"})"},
     true,
     std::size_t{16} * 1024,
     3,
     R"({"type":"/e","title":"Out of stock","status":500,"detail":"3 are left.")",
     reason::upstream_error_replaced,
     leak::none},
    {"one that leaks",
     {},
     500,
     {{"Content-Type", "application/problem+json"}},
     {R"({"title":"t","detail":"connect ECONNREFUSED 10.0.0.7:5432"})"},
     true,
     std::size_t{16} * 1024,
     2,
     bland_500,
     reason::upstream_error_replaced,
     leak::private_address},
    {"one that is none",
     {},
     500,
     {{"Content-Type", "application/problem+json"}},
     {"{\"title\":"},
     true,
     std::size_t{16} * 1024,
     2,
     bland_500,
     reason::upstream_error_replaced,
     leak::none},
    {"one that is too long",
     {},
     500,
     {{"Content-Type", "application/problem+json"}},
     {"{", "}"},
     false,
     std::size_t{16} * 1024,
     2,
     bland_500,
     reason::upstream_error_replaced,
     leak::unreadable},
    {"one that is compressed, under replace",
     {},
     500,
     {{"Content-Type", "application/problem+json"}, {"Content-Encoding", "br"}},
     {"{}"},
     true,
     0,
     0,
     bland_500,
     reason::upstream_error_replaced,
     leak::none},
    {"one under pass",
     {.upstream_5xx = "pass"},
     500,
     {{"Content-Type", "application/problem+json"}},
     {trace},
     true,
     0,
     0,
     nullptr,
     reason::none,
     leak::none},
};

TEST(error_hygiene_test, content_is_looked_at_and_replaced_for_what_it_says) {
  for (const auto& c : seen_cases) {
    SCOPED_TRACE(c.name);
    const auto rules = test::make_policy({error_hygiene(c.config)});
    test::test_exchange x;
    x.e.source = by_upstream;
    x.e.has_content = true;
    response_head head;
    head.status(static_cast<status>(c.status));
    test::add_lines(head, c.lines);
    EXPECT_EQ(rules->inspects(x.e, head), c.inspects);
    std::size_t shown = 0;
    if (c.inspects != 0) {
      std::string so_far;
      bool more = true;
      for (std::size_t i = 0; more && i <= c.pieces.size(); ++i) {
        const bool end = i == c.pieces.size();
        if (end && !c.whole) break;
        if (!end) so_far += c.pieces[i];
        const bool too_long = !c.whole && i + 1 == c.pieces.size();
        more = rules->inspect(x.e, {.all = so_far, .whole = end, .too_long = too_long});
        ++shown;
      }
      EXPECT_FALSE(more);
    }
    EXPECT_EQ(shown, c.shown);
    const body_plan plan = rules->finalise(x.e, head);
    EXPECT_EQ(plan.what == body_plan::kind::replace, c.replaced != nullptr);
    EXPECT_EQ(x.e.why, c.why);
    EXPECT_EQ(describe(x.e.leaked), describe(c.leaked));
    EXPECT_EQ(number(head.status()), c.status);
    if (c.replaced == nullptr) continue;
    EXPECT_EQ(plan.content, c.replaced + (",\"instance\":\"urn:uuid:" + std::string(x.e.id) + "\"}"));
    EXPECT_EQ(head.fields().get(field::content_type), "application/problem+json");
  }
}

TEST(error_hygiene_test, a_head_without_content_has_nothing_to_look_at) {
  const auto rules = test::make_policy({error_hygiene(leaks_of_both)});
  for (const bool is_head : {true, false}) {
    test::test_exchange x;
    x.e.source = by_upstream;
    x.e.has_content = is_head;
    if (is_head) x.e.request.verb = method::head;
    response_head head;
    head.status(status::internal_server_error);
    test::add_lines(head, {{"Content-Type", "text/html"}, {"Content-Encoding", "gzip"}, {"Server", "x"}});
    EXPECT_EQ(rules->inspects(x.e, head), 0U);
    EXPECT_EQ(rules->finalise(x.e, head).what, body_plan::kind::keep);
    EXPECT_THAT(sent_fields(head), UnorderedElementsAreArray({"content-type: text/html", "content-encoding: gzip"}));
  }
}

}  // namespace
}  // namespace gatehouse
