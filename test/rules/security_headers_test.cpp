#include <gatehouse/rules/security_headers.hpp>

#include <gmock/gmock.h>

#include <gatehouse/rules/refusal.hpp>

#include "rules_kit.hpp"

namespace gatehouse {
namespace {

using test::name_value;
using test::sent_fields;

const security_headers_policy& with(const security_headers_config& c) {
  static std::vector<std::unique_ptr<const security_headers_policy>> kept;
  auto made = security_headers_policy::make(c);
  if (!made) std::abort();
  kept.push_back(*std::move(made));
  return *kept.back();
}

/// The fields of a response after the rule, for a client over `https` or not.
std::vector<std::string> fields_after(const security_headers_policy& policy, bool https, std::string_view host,
                                      response_source source, std::initializer_list<name_value> lines) {
  test::test_exchange x;
  x.e.client_secure = https;
  x.e.request.authority = authority::parse(host).value_or(authority{});
  x.e.source = source;
  response_head head;
  test::add_lines(head, lines);
  slot s;
  EXPECT_EQ(policy.on_response(x.e, s, head).what, body_plan::kind::keep);
  return sent_fields(head);
}

/// The default fields with `changes`: a line replaces the default of its name, a name ending in ":" removes it.
std::vector<std::string> defaults_with(std::initializer_list<std::string> changes, bool hsts = false) {
  auto out = test::api_fields_http;
  if (hsts) out.push_back(test::hsts_line);
  for (const std::string& change : changes) {
    const std::string name = change.substr(0, change.find(':') + 1);
    std::erase_if(out, [&name](const std::string& line) { return line.starts_with(name); });
  }
  for (const std::string& change : changes) {
    if (!change.ends_with(':')) out.push_back(change);
  }
  std::ranges::sort(out);
  return out;
}

struct header_case {
  const char* name;
  std::initializer_list<name_value> sent_by_upstream;
  std::vector<std::string> changes;  // against the default
};

const header_case cases[] = {
    {"nothing sent", {}, {}},
    {"other fields pass", {{"X-Own", "1"}, {"Content-Type", "text/html"}}, {"x-own: 1", "content-type: text/html"}},
    {"nosniff is overridden", {{"X-Content-Type-Options", "foo"}}, {}},
    {"nosniff twice", {{"X-Content-Type-Options", "foo"}, {"x-content-type-options", "nosniff"}}, {}},
    {"frame options are overridden", {{"X-Frame-Options", "ALLOWALL"}, {"X-Frame-Options", "SAMEORIGIN"}}, {}},
    {"referrer policy is overridden", {{"Referrer-Policy", "unsafe-url"}}, {}},
    {"HSTS over http is removed",
     {{"Strict-Transport-Security", "max-age=1"}, {"Strict-Transport-Security", "max-age=2"}},
     {}},
    {"own CSP stays",
     {{"Content-Security-Policy", "default-src 'self'"}},
     {"content-security-policy: default-src 'self'"}},
    {"two CSPs are two policies, both enforced",
     {{"Content-Security-Policy", "default-src 'self'"}, {"Content-Security-Policy", "sandbox"}},
     {"content-security-policy: default-src 'self'", "content-security-policy: sandbox"}},
    {"an empty CSP is none", {{"Content-Security-Policy", ""}}, {}},
    {"a blank CSP is none", {{"Content-Security-Policy", " \t"}}, {}},
    {"report-only CSP is not a CSP",
     {{"Content-Security-Policy-Report-Only", "default-src 'self'"}},
     {"content-security-policy-report-only: default-src 'self'"}},
    {"own caching stays", {{"Cache-Control", "public, max-age=60"}}, {"cache-control: public, max-age=60"}},
    {"empty caching is none", {{"Cache-Control", ""}}, {}},
    {"own CORP stays",
     {{"Cross-Origin-Resource-Policy", "cross-origin"}},
     {"cross-origin-resource-policy: cross-origin"}},
    {"two CORPs are none",
     {{"Cross-Origin-Resource-Policy", "cross-origin"}, {"Cross-Origin-Resource-Policy", "same-site"}},
     {}},
    {"own COOP stays", {{"Cross-Origin-Opener-Policy", "unsafe-none"}}, {"cross-origin-opener-policy: unsafe-none"}},
    {"two COOPs are none",
     {{"Cross-Origin-Opener-Policy", "unsafe-none"}, {"Cross-Origin-Opener-Policy", "unsafe-none"}},
     {}},
    {"all four own",
     {{"Content-Security-Policy", "sandbox"},
      {"Cache-Control", "private"},
      {"Cross-Origin-Resource-Policy", "same-site"},
      {"Cross-Origin-Opener-Policy", "unsafe-none"}},
     {"content-security-policy: sandbox", "cache-control: private", "cross-origin-resource-policy: same-site",
      "cross-origin-opener-policy: unsafe-none"}},
    {"obsolete ones go",
     {{"X-XSS-Protection", "1; mode=block"},
      {"expect-ct", "max-age=1"},
      {"Public-Key-Pins", "x"},
      {"Public-Key-Pins-Report-Only", "x"},
      {"FEATURE-POLICY", "x"},
      {"X-Download-Options", "noopen"}},
     {}},
    {"Permissions-Policy is not obsolete", {{"Permissions-Policy", "camera=()"}}, {"permissions-policy: camera=()"}},
};

std::vector<std::string> changed(const header_case& c, bool hsts) {
  auto out = defaults_with({}, hsts);
  for (const std::string& change : c.changes) {
    const std::string name = change.substr(0, change.find(':') + 1);
    std::erase_if(out, [&name](const std::string& line) { return line.starts_with(name); });
  }
  out.insert(out.end(), c.changes.begin(), c.changes.end());
  std::ranges::sort(out);
  return out;
}

TEST(security_headers_test, the_complete_set_over_http_and_https) {
  const auto& policy = with({});
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    for (const auto source : {response_source::handler, response_source::upstream}) {
      EXPECT_EQ(fields_after(policy, false, "api.example.com", source, c.sent_by_upstream), changed(c, false));
      EXPECT_EQ(fields_after(policy, true, "api.example.com", source, c.sent_by_upstream), changed(c, true));
    }
  }
}

struct hsts_case {
  const char* name;
  bool secure;
  std::string_view host;
  bool sent;
};
constexpr hsts_case hsts_cases[] = {
    {"https", true, "api.example.com", true},
    {"https with port", true, "api.example.com:8443", true},
    {"http", false, "api.example.com", false},
    {"localhost", true, "localhost:8443", false},
    {"name under localhost", true, "app.localhost", false},
    {"capitals", true, "LOCALHOST", false},
    {"root's dot", true, "localhost.", false},
    {"127.0.0.1", true, "127.0.0.1:8443", false},
    {"[::1]", true, "[::1]", false},
    {"no Host: it could be any name", true, "", false},
    {"unreadable Host", true, "a b", false},
    {"a public name on this machine", true, "dev.example.com", true},
    {"a name that only begins so", true, "localhost.example.com", true},
};

TEST(security_headers_test, strict_transport_only_over_https_and_never_for_loopback_names) {
  for (const auto& c : hsts_cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(may_send_strict_transport(c.secure, authority::parse(c.host).value_or(authority{})), c.sent);
    for (const std::initializer_list<name_value> own :
         {std::initializer_list<name_value>{}, {{"Strict-Transport-Security", "max-age=1"}}}) {
      EXPECT_EQ(fields_after(with({}), c.secure, c.host, response_source::upstream, own), defaults_with({}, c.sent));
    }
  }
}

TEST(security_headers_test, strict_transport_never_with_a_development_certificate) {
  for (const bool development : {false, true}) {
    const secure_channel channel{.development = development};
    test::test_exchange x;
    x.e.client_secure = true;
    x.e.connection.secure = true;
    x.e.connection.channel = &channel;
    x.e.source = response_source::upstream;
    response_head head;
    test::add_lines(head, {{"Strict-Transport-Security", "max-age=1"}});  // nor may the upstream
    slot s;
    EXPECT_EQ(with({}).on_response(x.e, s, head).what, body_plan::kind::keep);
    EXPECT_EQ(sent_fields(head), defaults_with({}, !development));
  }
}

TEST(security_headers_test, values_are_configurable_one_by_one) {
  EXPECT_EQ(
      fields_after(with({.content_security_policy = "default-src 'self'"}), false, "h", response_source::handler, {}),
      defaults_with({"content-security-policy: default-src 'self'"}));
  EXPECT_EQ(fields_after(with({.strict_transport_security = "trial"}), true, "h", response_source::handler, {}),
            defaults_with({"strict-transport-security: max-age=300"}, true));
  EXPECT_EQ(fields_after(with({.x_frame_options = "sameorigin"}), false, "h", response_source::handler, {}),
            defaults_with({"x-frame-options: SAMEORIGIN"}));
  EXPECT_EQ(fields_after(with({.cross_origin_resource_policy = "Same-Site"}), false, "h", response_source::handler, {}),
            defaults_with({"cross-origin-resource-policy: same-site"}));
  EXPECT_EQ(fields_after(with({.profile = "api-1"}), false, "h", response_source::handler, {}), defaults_with({}));
}

// Exact values: spec/browser_hardening.md section 2. "helmet" is what the package helmet 8.3.0 sends by itself, but for
// what it would break: HSTS and upgrade-insecure-requests are sent over HTTPS only.
struct profile_case {
  const char* name;
  std::vector<std::string> known_as;
  std::vector<std::string> over_https;  // sorted; over HTTP without HSTS and upgrade-insecure-requests
};
const profile_case profile_cases[] = {
    {"strict",
     {"strict", "strict-1"},
     {"cache-control: no-store, max-age=0",
      "content-security-policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "cross-origin-embedder-policy: require-corp", "cross-origin-opener-policy: same-origin",
      "cross-origin-resource-policy: same-origin",
      "permissions-policy: accelerometer=(), autoplay=(), camera=(), cross-origin-isolated=(), display-capture=(), "
      "encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), keyboard-map=(), magnetometer=(), "
      "microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), "
      "sync-xhr=(self), usb=(), web-share=(), xr-spatial-tracking=(), clipboard-read=(), clipboard-write=(), "
      "gamepad=(), hid=(), idle-detection=(), interest-cohort=(), serial=(), unload=()",
      "referrer-policy: no-referrer", "strict-transport-security: max-age=63072000; includeSubDomains",
      "x-content-type-options: nosniff", "x-dns-prefetch-control: off", "x-frame-options: DENY",
      "x-permitted-cross-domain-policies: none"}},
    {"spa",
     {"spa", "spa-1"},
     {"content-security-policy: default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src "
      "'self' data:; font-src 'self' data:; connect-src 'self'; media-src 'self'; manifest-src 'self'; worker-src "
      "'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
      "cross-origin-opener-policy: same-origin", "cross-origin-resource-policy: same-origin",
      "referrer-policy: same-origin", "strict-transport-security: max-age=63072000; includeSubDomains",
      "x-content-type-options: nosniff", "x-frame-options: DENY"}},
    {"helmet",
     {"helmet", "helmet-8"},
     {"content-security-policy: default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action "
      "'self';frame-ancestors 'self';img-src 'self' data:;object-src 'none';script-src 'self';script-src-attr "
      "'none';style-src 'self' https: 'unsafe-inline';upgrade-insecure-requests",
      "cross-origin-opener-policy: same-origin", "cross-origin-resource-policy: same-origin",
      "origin-agent-cluster: ?1", "referrer-policy: no-referrer",
      "strict-transport-security: max-age=31536000; includeSubDomains", "x-content-type-options: nosniff",
      "x-dns-prefetch-control: off", "x-download-options: noopen", "x-frame-options: SAMEORIGIN",
      "x-permitted-cross-domain-policies: none", "x-xss-protection: 0"}},
};

std::vector<std::string> without_https(std::vector<std::string> lines) {
  std::erase_if(lines, [](const std::string& line) { return line.starts_with("strict-transport-security:"); });
  for (std::string& line : lines) {
    const std::size_t at = line.find(";upgrade-insecure-requests");
    if (at != std::string::npos) line.erase(at);
  }
  return lines;
}

TEST(security_headers_test, the_other_profiles) {
  for (const auto& c : profile_cases) {
    for (const std::string& name : c.known_as) {
      SCOPED_TRACE(name);
      const auto& policy = with({.profile = name});
      const auto source = response_source::upstream;
      EXPECT_EQ(fields_after(policy, true, "api.example.com", source, {}), c.over_https);
      EXPECT_EQ(fields_after(policy, false, "api.example.com", source, {}), without_https(c.over_https));
      EXPECT_EQ(fields_after(policy, true, "localhost", source, {}), without_https(c.over_https));
      // Each once, whatever the application sends of them.
      EXPECT_EQ(fields_after(policy, true, "api.example.com", source,
                             {{"X-XSS-Protection", "1"},
                              {"X-Download-Options", "x"},
                              {"X-Frame-Options", "ALLOWALL"},
                              {"X-Frame-Options", "ALLOWALL"},
                              {"Referrer-Policy", "unsafe-url"},
                              {"Strict-Transport-Security", "max-age=1"}}),
                c.over_https);
    }
  }
}

TEST(security_headers_test, what_only_one_profile_says_replaces_the_applications) {
  EXPECT_THAT(fields_after(with({.profile = "strict"}), false, "h", response_source::handler,
                           {{"Permissions-Policy", "camera=*"},
                            {"Cross-Origin-Embedder-Policy", "unsafe-none"},
                            {"X-DNS-Prefetch-Control", "on"}}),
              testing::AllOf(testing::Contains("cross-origin-embedder-policy: require-corp"),
                             testing::Contains("x-dns-prefetch-control: off"),
                             testing::Not(testing::Contains("permissions-policy: camera=*"))));
}

TEST(security_headers_test, a_profile_and_values_of_ones_own) {
  auto want = without_https(profile_cases[2].over_https);
  want.erase(want.begin());  // its policy, of which nothing stays
  want.insert(want.begin(), "content-security-policy: default-src 'self'; upgrade-insecure-requests");
  EXPECT_EQ(fields_after(
                with({.profile = "helmet", .content_security_policy = "default-src 'self'; upgrade-insecure-requests"}),
                false, "h", response_source::handler, {}),
            want);
}

TEST(security_headers_test, listed_origins_may_embed_but_helmet_is_helmet) {
  for (const auto& [profile, value] : {std::pair{"api", "same-site"}, std::pair{"strict", "same-site"},
                                       std::pair{"spa", "same-site"}, std::pair{"helmet", "same-origin"}}) {
    const auto& block = with({.profile = profile}).check({}, false, true);
    EXPECT_NE(block.http1().find(std::string{"Cross-Origin-Resource-Policy: "} + value + "\r\n"), std::string::npos)
        << profile;
  }
}

TEST(security_headers_test, an_unknown_profile) {
  for (const auto& [written, suggestion] : {std::pair{"page", "spa"}, std::pair{"helmt", "helmet"},
                                            std::pair{"strict-2", "strict-1"}, std::pair{"API", "api"}}) {
    const auto made = security_headers_policy::make({.profile = written});
    ASSERT_FALSE(made) << written;
    EXPECT_EQ(made.error().front().code, "unknown-profile");
    EXPECT_EQ(made.error().front().suggestion, suggestion);
  }
}

TEST(security_headers_test, empty_text_adds_nothing_and_passes_one_line_of_the_applications) {
  const auto& none = with({.content_security_policy = "",
                           .strict_transport_security = "",
                           .x_frame_options = "",
                           .referrer_policy = "",
                           .cross_origin_resource_policy = "",
                           .cross_origin_opener_policy = "",
                           .cache_control = ""});
  const std::vector<std::string> nosniff_only{"x-content-type-options: nosniff"};
  EXPECT_EQ(fields_after(none, true, "h", response_source::handler, {}), nosniff_only);
  const std::initializer_list<name_value> own{
      {"X-Frame-Options", "DENY"}, {"X-Frame-Options", "SAMEORIGIN"}, {"Strict-Transport-Security", "max-age=1"}};
  EXPECT_EQ(fields_after(none, true, "h", response_source::handler, own),
            (std::vector<std::string>{"strict-transport-security: max-age=1", "x-content-type-options: nosniff",
                                      "x-frame-options: DENY"}));
  EXPECT_EQ(fields_after(none, false, "h", response_source::handler, own),
            (std::vector<std::string>{"x-content-type-options: nosniff", "x-frame-options: DENY"}));
}

TEST(security_headers_test, all_combinations_are_made_beforehand) {
  const auto& policy = with({});
  for (unsigned i = 0; i < 32; ++i) {
    const own_headers own{.content_security_policy = (i & 1) != 0,
                          .cross_origin_resource_policy = (i & 2) != 0,
                          .cross_origin_opener_policy = (i & 4) != 0,
                          .cache_control = (i & 8) != 0};
    const field_block& block = policy.check(own, (i & 16) != 0);
    EXPECT_EQ(block.has(field::content_security_policy), !own.content_security_policy);
    EXPECT_EQ(block.has(field::cross_origin_resource_policy), !own.cross_origin_resource_policy);
    EXPECT_EQ(block.has(field::cross_origin_opener_policy), !own.cross_origin_opener_policy);
    EXPECT_EQ(block.has(field::cache_control), !own.cache_control);
    EXPECT_EQ(block.has(field::strict_transport_security), (i & 16) != 0);
    EXPECT_TRUE(block.has(field::x_content_type_options) && block.has(field::x_frame_options) &&
                block.has(field::referrer_policy));
    EXPECT_EQ(&block, &policy.check(own, (i & 16) != 0));
  }
}

// spec/browser_hardening.md section 2 counts eight headers and 376 bytes; with "; " where it has ";" it is a few more.
TEST(security_headers_test, the_api_profile_is_eight_headers_and_small) {
  const field_block& all = with({}).check({}, true);
  EXPECT_EQ(all.pairs().size(), 8U);
  EXPECT_LE(all.http1().size(), 460U);
}

TEST(security_headers_test, a_refused_head_has_them_too) {
  const auto rules = test::make_policy(standard_set());
  test::test_exchange x;
  x.e.head_refused = true;
  x.e.request.authority = {};
  x.e.connection.secure = true;
  response_head head;
  (void)refuse_with_problem(x.e, reason::http_malformed_request_line, head);
  (void)rules->finalise(x.e, head);
  auto want = defaults_with({"content-type: application/problem+json", "x-request-id: " + std::string(x.e.id)});
  EXPECT_EQ(sent_fields(head), want);
}

}  // namespace
}  // namespace gatehouse
