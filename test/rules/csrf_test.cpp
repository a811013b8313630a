// Who may make a browser send what: spec/browser_hardening.md sections 3b, 3d and 3f, row by row.
#include <gatehouse/rules/csrf.hpp>

#include <gmock/gmock.h>

#include <gatehouse/rules/cors.hpp>

#include "malloc_counter.hpp"
#include "rules_kit.hpp"

namespace gatehouse {
namespace {

using test::name_value;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using ground = csrf_verdict::ground;
using standing = origin_standing;

std::unique_ptr<const csrf_policy> make(const csrf_config& c) {
  auto made = csrf_policy::make(c);
  if (!made) {
    for (const auto& e : made.error()) ADD_FAILURE() << e.key << " = " << e.value << ": " << e.message;
    std::abort();
  }
  return *std::move(made);
}

const csrf_config plain{};
const csrf_config trusting{.trusted_origins = {"https://trusted.example"}};
const csrf_config strict{.strict = true, .strict_header = "X-Requested-With"};
const csrf_config unsafe{.unsafe_get = true};
const csrf_config off{.dangerously_off = true};
const csrf_config named{.public_origins = {"https://www.example.com"}};
const csrf_config exempting{.exempt = {"POST /bypass/", "POST /no-trailing", "PUT /put-only", "GET /socket"}};

struct asked {
  std::string_view method = "POST";
  std::vector<name_value> lines{};
  std::string_view path = "/";
  std::string_view host = "api.example.com";
  bool upgrade = false;
};
struct row {
  const char* name;
  const csrf_config& policy;
  asked request;
  csrf_surroundings around{};
  ground on;
  reason why = reason::none;
  csrf_remedy remedy = csrf_remedy::none;
};

constexpr csrf_surroundings https{.secure = true};
constexpr csrf_surroundings http{};
constexpr csrf_surroundings with(standing s, bool certificate = false) {
  return {.secure = true, .client_certificate = certificate, .standing = s};
}
constexpr reason cross = reason::csrf_cross_origin;
constexpr reason socket = reason::csrf_websocket_origin;
constexpr reason malformed = reason::csrf_malformed_provenance;
constexpr csrf_remedy list = csrf_remedy::list_origin;
constexpr csrf_remedy credentials = csrf_remedy::allow_credentials;

asked post(std::vector<name_value> lines) { return {.lines = std::move(lines)}; }
asked get(std::vector<name_value> lines) { return {.method = "GET", .lines = std::move(lines)}; }
asked handshake(std::vector<name_value> lines, std::string_view host = "api.example.com") {
  return {.method = "GET", .lines = std::move(lines), .host = host, .upgrade = true};
}
asked at(std::string_view method, std::string_view path) {
  return {.method = method, .lines = {{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.net"}}, .path = path};
}

const name_value same_origin{"Sec-Fetch-Site", "same-origin"};
const name_value same_site{"Sec-Fetch-Site", "same-site"};
const name_value cross_site{"Sec-Fetch-Site", "cross-site"};
const name_value evil{"Origin", "https://evil.net"};
const name_value own{"Origin", "https://api.example.com"};
const name_value null{"Origin", "null"};
const name_value cookie{"Cookie", "session=1"};
const name_value json{"Content-Type", "application/json"};

const row rows[] = {
    // ------------------------------------------------------------ 3d: Sec-Fetch-Site
    {"POST, same-origin", plain, post({same_origin}), https, ground::same_origin},
    {"POST, none: the user typed or opened it", plain, post({{"Sec-Fetch-Site", "none"}}), https, ground::user},
    {"POST, cross-site", plain, post({cross_site}), https, ground::refused, cross},
    {"POST, same-site", plain, post({same_site}), https, ground::refused, cross},
    {"POST, no Sec-Fetch-Site, no Origin", plain, post({}), https, ground::no_browser},
    {"POST, no Sec-Fetch-Site, own Origin", plain, post({own}), https, ground::same_origin},
    {"POST, no Sec-Fetch-Site, another Origin", plain, post({evil}), https, ground::refused, cross, list},
    {"POST, no Sec-Fetch-Site, null", plain, post({null}), https, ground::refused, cross},
    {"GET, cross-site", plain, get({cross_site, evil}), https, ground::safe_method},
    {"HEAD, cross-site", plain, {.method = "HEAD", .lines = {cross_site}}, https, ground::safe_method},
    {"OPTIONS, cross-site", plain, {.method = "OPTIONS", .lines = {cross_site}}, https, ground::safe_method},
    {"PUT, cross-site", plain, {.method = "PUT", .lines = {cross_site}}, https, ground::refused, cross},
    {"an empty Sec-Fetch-Site is none", plain, post({{"Sec-Fetch-Site", ""}, evil}), https, ground::refused, cross,
     list},
    // ------------------------------------------------------------ 3d: trusted origins
    {"trusted", trusting, post({{"Origin", "https://trusted.example"}}), https, ground::trusted},
    {"trusted, cross-site", trusting, post({cross_site, {"Origin", "https://trusted.example"}}), https,
     ground::trusted},
    {"another one", trusting, post({evil}), https, ground::refused, cross, list},
    {"another one, cross-site", trusting, post({cross_site, evil}), https, ground::refused, cross, list},
    {"the http: variant of a trusted one", trusting, post({cross_site, {"Origin", "http://trusted.example"}}), https,
     ground::refused, cross, list},
    {"a trusted one, with cookies", trusting, post({cross_site, {"Origin", "https://trusted.example"}, cookie}), https,
     ground::trusted},
    // ------------------------------------------------------------ 3d: exemptions are exact
    {"exempt", exempting, at("POST", "/bypass/"), https, ground::exempt},
    {"not exempt", exempting, at("POST", "/api/"), https, ground::refused, cross, list},
    {"without its slash at the end (CVE-2025-47910)", exempting, at("POST", "/bypass"), https, ground::refused, cross,
     list},
    {"below it", exempting, at("POST", "/bypass/x"), https, ground::refused, cross, list},
    {"with a slash more", exempting, at("POST", "/no-trailing/"), https, ground::refused, cross, list},
    {"in capitals", exempting, at("POST", "/No-Trailing"), https, ground::refused, cross, list},
    {"with an escape", exempting, at("POST", "/no%2Dtrailing"), https, ground::refused, cross, list},
    {"by a way around", exempting, at("POST", "/foo/../bypass/"), https, ground::refused, cross, list},
    {"with two slashes", exempting, at("POST", "//no-trailing"), https, ground::refused, cross, list},
    {"of another method", exempting, at("POST", "/put-only"), https, ground::refused, cross, list},
    {"of its method", exempting, at("PUT", "/put-only"), https, ground::exempt},
    // ------------------------------------------------------------ 3f: what attackers try
    {"same-site subdomain", plain, post({same_site, {"Origin", "https://evil.example.com"}}), https, ground::refused,
     cross, list},
    {"sandboxed frame", plain, post({cross_site, null, cookie}), https, ground::refused, cross},
    {"userinfo", plain, post({{"Origin", "https://evil@api.example.com"}}), https, ground::refused, malformed},
    {"name as a prefix", plain, post({{"Origin", "https://api.example.com.evil"}}), https, ground::refused, cross,
     list},
    {"name as a suffix", plain, post({{"Origin", "https://evilapi.example.com"}}), https, ground::refused, cross, list},
    {"another port", plain, post({{"Origin", "https://api.example.com:8443"}}), https, ground::refused, cross, list},
    {"the default port, written", plain, {.lines = {own}, .host = "api.example.com:443"}, https, ground::same_origin},
    {"scheme downgrade", plain, post({{"Origin", "http://api.example.com"}}), https, ground::refused, cross,
     csrf_remedy::public_origin},
    {"scheme upgrade: TLS ends in front of us, or not", plain, post({own}), http, ground::refused, cross,
     csrf_remedy::public_origin},
    {"a path in Origin", plain, post({{"Origin", "https://api.example.com/"}}), https, ground::refused, malformed},
    {"no scheme", plain, post({{"Origin", "api.example.com"}}), https, ground::refused, malformed},
    {"scheme in capitals", plain, post({{"Origin", "HTTPS://api.example.com"}}), https, ground::refused, malformed},
    {"two Origins", plain, post({own, evil}), https, ground::refused, malformed},
    {"two Sec-Fetch-Sites", plain, post({same_origin, cross_site}), https, ground::refused, malformed},
    {"two of them in one line", plain, post({{"Sec-Fetch-Site", "same-origin, cross-site"}}), https, ground::refused,
     malformed},
    {"Sec-Fetch-Site in capitals", plain, post({{"Sec-Fetch-Site", "Same-Origin"}, evil}), https, ground::refused,
     cross, list},
    {"a Sec-Fetch-Site that nobody knows", plain, post({{"Sec-Fetch-Site", "own"}, own}), https, ground::refused, cross,
     csrf_remedy::public_origin},
    {"a method in lower case is none that is safe",
     plain,
     {.method = "get", .lines = {cross_site, evil}},
     https,
     ground::refused,
     cross,
     list},
    {"text/plain that is JSON", plain, post({cross_site, evil, cookie, {"Content-Type", "text/plain"}}), https,
     ground::refused, cross, list},
    {"sendBeacon", plain, post({cross_site, evil, {"Sec-Fetch-Mode", "no-cors"}}), https, ground::refused, cross, list},
    {"login: there is no cookie yet", plain, post({cross_site, evil}), https, ground::refused, cross, list},
    {"a forwarded host is not asked", plain, post({{"X-Forwarded-Host", "evil.net"}, evil}), https, ground::refused,
     cross, list},
    {"a method override is not asked: it is POST", plain, post({{"X-HTTP-Method-Override", "GET"}, cross_site, evil}),
     https, ground::refused, cross, list},
    {"a read that an override makes a change", plain, get({{"X-HTTP-Method-Override", "DELETE"}, cross_site, evil}),
     https, ground::refused, cross, list},
    {"the same of our own page", plain, get({{"X-Method-Override", "DELETE"}, same_origin}), https,
     ground::same_origin},
    {"own request that went through another origin", plain,
     post({same_origin, null, {"Sec-Fetch-Mode", "cors"}, cookie}), https, ground::refused, cross},
    {"own form under Referrer-Policy: no-referrer", plain, post({same_origin, null, {"Sec-Fetch-Mode", "navigate"}}),
     https, ground::same_origin},
    {"GET that changes something", unsafe, get({cross_site}), https, ground::refused, cross},
    {"a link to it", unsafe, get({{"Sec-Fetch-Site", "none"}}), https, ground::user},
    {"no guard", off, post({cross_site, evil, cookie}), https, ground::off},
    {"our own origin, as it is configured", named, post({{"Origin", "https://www.example.com"}}), http,
     ground::same_origin},
    {"then not where it was sent", named, post({own}), https, ground::refused, cross, list},
    // ------------------------------------------------------------ pages that CORS lists
    {"listed", plain, post({same_site, evil, json}), with(standing::listed), ground::listed},
    {"listed, with a cookie", plain, post({same_site, evil, cookie}), with(standing::listed), ground::refused, cross,
     credentials},
    {"listed, with a client certificate", plain, post({same_site, evil}), with(standing::listed, true), ground::refused,
     cross, credentials},
    {"listed, Basic", plain, post({evil, {"Authorization", "Basic eA=="}}), with(standing::listed), ground::refused,
     cross, credentials},
    {"listed, basic in lower case", plain, post({evil, {"Authorization", "basic eA=="}}), with(standing::listed),
     ground::refused, cross, credentials},
    {"listed, Negotiate", plain, post({evil, {"Authorization", "Negotiate eA=="}}), with(standing::listed),
     ground::refused, cross, credentials},
    {"listed, Bearer is what the page itself says", plain, post({evil, {"Authorization", "Bearer x"}}),
     with(standing::listed), ground::listed},
    {"listed with credentials, with a cookie", plain, post({cross_site, evil, cookie}),
     with(standing::listed_with_credentials), ground::listed},
    {"anybody, and it had to ask: JSON", plain, post({cross_site, evil, json}), with(standing::any), ground::listed},
    {"anybody, and it had to ask: PUT",
     plain,
     {.method = "PUT", .lines = {cross_site, evil}},
     with(standing::any),
     ground::listed},
    {"anybody, and it did not have to: a form", plain,
     post({cross_site, evil, {"Content-Type", "application/x-www-form-urlencoded"}}), with(standing::any),
     ground::refused, cross, list},
    {"anybody, no Content-Type", plain, post({cross_site, evil}), with(standing::any), ground::refused, cross, list},
    {"anybody, JSON, with a cookie", plain, post({cross_site, evil, json, cookie}), with(standing::any),
     ground::refused, cross, list},
    {"anybody is not what is no origin", plain, post({{"Origin", "what?"}, json}), with(standing::any), ground::refused,
     malformed},
    // ------------------------------------------------------------ nothing says where it comes from
    {"a program with a cookie", plain, post({cookie}), https, ground::no_browser},
    {"strict: nothing ambient", strict, post({{"Authorization", "Bearer x"}}), https, ground::no_browser},
    {"strict: a cookie", strict, post({cookie}), https, ground::refused, reason::csrf_no_provenance},
    {"strict: a client certificate", strict, post({}), with(standing::unlisted, true), ground::refused,
     reason::csrf_no_provenance},
    {"strict: a cookie and the field", strict, post({cookie, {"X-Requested-With", "fetch"}}), https,
     ground::same_origin},
    {"strict: a cookie and our own Referer", strict, post({cookie, {"Referer", "https://api.example.com/a?b"}}), https,
     ground::same_origin},
    {"strict: another's Referer", strict, post({cookie, {"Referer", "https://evil.net/https://api.example.com/"}}),
     https, ground::refused, reason::csrf_no_provenance},
    {"strict: a Referer with userinfo", strict, post({cookie, {"Referer", "https://api.example.com@evil.net/"}}), https,
     ground::refused, reason::csrf_no_provenance},
    {"strict: the field does not help a page", strict, post({cookie, cross_site, evil, {"X-Requested-With", "x"}}),
     https, ground::refused, cross, list},
    // ------------------------------------------------------------ WebSocket
    {"handshake, own", plain, handshake({own, cookie}), https, ground::same_origin},
    {"handshake, another", plain, handshake({evil, cookie}), https, ground::refused, socket, list},
    {"handshake, another, no cookie", plain, handshake({evil}), https, ground::refused, socket, list},
    {"handshake, sibling", plain, handshake({{"Origin", "https://evil.example.com"}, cookie}), https, ground::refused,
     socket, list},
    {"handshake, null", plain, handshake({null}), https, ground::refused, socket},
    {"handshake, no Origin", plain, handshake({}), https, ground::no_browser},
    {"handshake, no Origin, a cookie", plain, handshake({cookie}), https, ground::refused, socket},
    {"handshake, Sec-Fetch-Site does not help", plain, handshake({same_origin, evil}), https, ground::refused, socket,
     list},
    {"handshake, our host under another scheme", plain, handshake({own}), http, ground::refused, socket,
     csrf_remedy::public_origin},
    {"handshake, what is no origin", plain, handshake({{"Origin", "what?"}}), https, ground::refused, malformed},
    {"handshake, listed", plain, handshake({evil}), with(standing::listed), ground::listed},
    {"handshake, listed, a cookie", plain, handshake({evil, cookie}), with(standing::listed), ground::refused, socket,
     credentials},
    {"handshake, listed with credentials, a cookie", plain, handshake({evil, cookie}),
     with(standing::listed_with_credentials), ground::listed},
    {"handshake, listed, a cookie of this machine's", plain,
     handshake({{"Origin", "http://localhost:3000"}, cookie}, "localhost:8080"), with(standing::listed),
     ground::listed},
    {"handshake, anybody: it never had to ask", plain, handshake({evil, json}), with(standing::any), ground::refused,
     socket, list},
    {"handshake, trusted", trusting, handshake({{"Origin", "https://trusted.example"}, cookie}), https,
     ground::trusted},
    {"handshake, exempt",
     exempting,
     {.method = "GET", .lines = {evil}, .path = "/socket", .upgrade = true},
     https,
     ground::exempt},
};

void put(const asked& a, exchange& e) {
  e.request.method_text = a.method;
  e.request.verb = parse_method(a.method);
  e.request.path = e.request.target = a.path;
  e.request.authority = *authority::parse(a.host);
  e.request.upgrade_websocket = a.upgrade;
  for (const auto& [name, value] : a.lines) {
    EXPECT_TRUE(e.request.fields.append(find_field(name), name, value).has_value());
  }
}

TEST(csrf_test, decides_every_row) {
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    test::test_exchange x;
    put(r.request, x.e);
    const csrf_verdict v = make(r.policy)->check(x.e.request, r.around);
    EXPECT_EQ(v.on, r.on);
    EXPECT_EQ(v.why, r.why);
    EXPECT_EQ(v.remedy, r.remedy);
    EXPECT_EQ(v.passes(), r.why == reason::none);
  }
}

/// What a whole policy answers, and what its response says to caches.
struct whole {
  step::kind what;
  reason why;
  std::vector<std::string> sent;
  std::size_t allocations;
};
whole run(const std::vector<pending_rule>& wanted, const asked& a) {
  const auto policy = test::make_policy(wanted);
  test::test_exchange x;
  put(a, x.e);
  response_head head;
  head.status(status::ok);
  const test::malloc_counter count;
  std::size_t at = 0;
  const step s = policy->request(x.e, at);
  x.e.source = response_source::handler;
  (void)policy->finalise(x.e, head);
  const std::size_t allocations = count.count();
  return {.what = s.what(), .why = s.why(), .sent = test::sent_fields(head), .allocations = allocations};
}

TEST(csrf_test, is_on_by_default_and_tells_caches) {
  const whole refused = run(standard_set(), post({cross_site, evil}));
  EXPECT_EQ(refused.what, step::kind::refuse);
  EXPECT_EQ(refused.why, reason::csrf_cross_origin);
  EXPECT_THAT(refused.sent, Contains("vary: Sec-Fetch-Site, Origin"));
  EXPECT_EQ(refused.allocations, 0U);
  const whole passed = run(standard_set(), post({same_origin}));
  EXPECT_EQ(passed.what, step::kind::pass);
  EXPECT_EQ(passed.allocations, 0U);
  // No cache answers POST, and of GET nothing was asked.
  EXPECT_THAT(passed.sent, Not(Contains(testing::StartsWith("vary:"))));
  EXPECT_THAT(run(standard_set(), get({cross_site})).sent, Not(Contains(testing::StartsWith("vary:"))));
  EXPECT_THAT(run(test::standard_set_with(csrf_guard(unsafe)), get({{"Sec-Fetch-Site", "none"}})).sent,
              Contains("vary: Sec-Fetch-Site, Origin"));
}

TEST(csrf_test, asks_the_cors_policy) {
  auto rules = standard_set();
  rules.push_back(cors({.origins = {"https://evil.net"}}));
  EXPECT_EQ(run(rules, post({cross_site, evil, json})).what, step::kind::pass);
  EXPECT_EQ(run(rules, post({cross_site, evil, json, cookie})).why, reason::csrf_cross_origin);
  EXPECT_EQ(run(rules, post({cross_site, {"Origin", "https://other.net"}, json})).why, reason::csrf_cross_origin);
  rules.push_back(cors({.origins = {"https://evil.net"}, .credentials = true}));
  EXPECT_EQ(run(rules, post({cross_site, evil, json, cookie})).what, step::kind::pass);
  rules.push_back(cors({.origins = {"*"}}));
  EXPECT_EQ(run(rules, post({cross_site, evil, json})).what, step::kind::pass);
  EXPECT_EQ(run(rules, post({cross_site, evil})).why, reason::csrf_cross_origin);
}

TEST(csrf_test, watches_only_where_it_is_told_to) {
  const auto policy = test::make_policy(test::standard_set_with(csrf_guard({.report_only = true})));
  test::test_exchange x;
  put(post({cross_site, evil}), x.e);
  std::size_t at = 0;
  EXPECT_EQ(policy->request(x.e, at).what(), step::kind::pass);
  EXPECT_EQ(x.e.would_refuse, reason::csrf_cross_origin);
}

std::vector<std::string> mistakes(const csrf_config& c) {
  const auto made = csrf_policy::make(c);
  return made ? std::vector<std::string>{} : test::summaries(made.error());
}

struct wrong {
  const char* name;
  csrf_config config;
  std::vector<std::string> said;  // key|value|code|suggestion
};
const wrong wrongs[] = {
    {"origins that are some",
     {.trusted_origins = {"https://example.com", "https://example.com:8080", "http://example.com"}},
     {}},
    {"any origin",
     {.trusted_origins = {"*"}},
     {"csrf.trusted_origins[0]|*|any-origin|each origin by its own name, such as https://app.example.com"}},
    {"null",
     {.trusted_origins = {"null"}},
     {"csrf.trusted_origins[0]|null|any-origin|each origin by its own name, such as https://app.example.com"}},
    {"a pattern",
     {.trusted_origins = {"https://*.example.com"}},
     {"csrf.trusted_origins[0]|https://*.example.com|wildcard-place|"}},
    {"a path is no exemption", {.exempt = {"/pay"}}, {"csrf.exempt[0]|/pay|not-an-exemption|POST /pay"}},
    {"a method alone is none", {.exempt = {"POST"}}, {"csrf.exempt[0]|POST|not-an-exemption|POST /webhooks/pay"}},
    {"a method in lower case", {.exempt = {"post /pay"}}, {"csrf.exempt[0]|post /pay|unknown-method|POST /pay"}},
    {"OPTIONS is never judged", {.exempt = {"OPTIONS /pay"}}, {"csrf.exempt[0]|OPTIONS /pay|unknown-method|POST /pay"}},
    {"patterns",
     {.exempt = {"POST /pay/*", "POST /pay?x", "POST /:id"}},
     {"csrf.exempt[0]|POST /pay/*|pattern-in-exemption|each path by itself",
      "csrf.exempt[1]|POST /pay?x|pattern-in-exemption|each path by itself",
      "csrf.exempt[2]|POST /:id|pattern-in-exemption|each path by itself"}},
    {"a path that is refused anyway", {.exempt = {"POST /a/../b"}}, {"csrf.exempt[0]|POST /a/../b|not-a-path|"}},
    {"a field that everybody may send",
     {.strict = true, .strict_header = "Accept"},
     {"csrf.strict_header|Accept|forgeable-header|X-Requested-With"}},
    {"a field that nobody can send",
     {.strict = true, .strict_header = "Cookie"},
     {"csrf.strict_header|Cookie|forgeable-header|X-Requested-With"}},
    {"no field", {.strict = true, .strict_header = "a b"}, {"csrf.strict_header|a b|not-a-header|X-Requested-With"}},
    {"a field that nothing asks for", {.strict_header = "X-A"}, {"csrf.strict_header|X-A|needs-strict|strict = true"}},
    {"our own origin",
     {.public_origins = {"api.example.com"}},
     {"public_origin[0]|api.example.com|missing-scheme|https://api.example.com"}},
};
TEST(csrf_test, says_what_is_wrong) {
  for (const wrong& w : wrongs) {
    SCOPED_TRACE(w.name);
    EXPECT_EQ(mistakes(w.config), w.said);
  }
}

}  // namespace
}  // namespace gatehouse
