#include <gatehouse/rules/security_headers.hpp>

#include <set>
#include <tuple>

#include <gmock/gmock.h>

#include <gatehouse/rules/refusal.hpp>

#include "malloc_counter.hpp"
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
    {"page",
     {"page", "page-1"},
     {"content-security-policy: default-src 'none'; script-src 'none'; style-src 'self'; img-src 'self'; font-src "
      "'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
      "require-trusted-types-for 'script'; upgrade-insecure-requests",
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
    for (const char* upgrade : {";upgrade-insecure-requests", "; upgrade-insecure-requests"}) {
      const std::size_t at = line.find(upgrade);
      if (at != std::string::npos) line.erase(at);
    }
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
  auto want = without_https(profile_cases[3].over_https);
  want.erase(want.begin());  // its policy, of which nothing stays
  want.insert(want.begin(), "content-security-policy: default-src 'self'; upgrade-insecure-requests");
  EXPECT_EQ(fields_after(
                with({.profile = "helmet", .content_security_policy = "default-src 'self'; upgrade-insecure-requests"}),
                false, "h", response_source::handler, {}),
            want);
}

TEST(security_headers_test, listed_origins_may_embed_but_helmet_is_helmet) {
  for (const auto& [profile, value] :
       {std::pair{"api", "same-site"}, std::pair{"strict", "same-site"}, std::pair{"spa", "same-site"},
        std::pair{"page", "same-site"}, std::pair{"helmet", "same-origin"}}) {
    const fields none;
    const auto chosen = with({.profile = profile}).check(none, false, true);
    EXPECT_NE(chosen.block->http1().find(std::string{"Cross-Origin-Resource-Policy: "} + value + "\r\n"),
              std::string::npos)
        << profile;
  }
}

TEST(security_headers_test, an_unknown_profile) {
  for (const auto& [written, suggestion] : {std::pair{"pages", "page"}, std::pair{"helmt", "helmet"},
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

TEST(security_headers_test, blocks_are_made_beforehand) {
  const auto& policy = with({});
  for (unsigned i = 0; i < 32; ++i) {
    response_head own;
    if ((i & 1) != 0) test::add_lines(own, {{"Content-Security-Policy", "sandbox"}});
    if ((i & 2) != 0) test::add_lines(own, {{"Cross-Origin-Resource-Policy", "same-site"}});
    if ((i & 4) != 0) test::add_lines(own, {{"Cross-Origin-Opener-Policy", "unsafe-none"}});
    if ((i & 8) != 0) test::add_lines(own, {{"Cache-Control", "private"}});
    const auto chosen = policy.check(own.fields(), (i & 16) != 0);
    const auto sends = [&chosen](field id) { return (chosen.block->find(id) & ~chosen.omitted) != 0; };
    EXPECT_EQ(sends(field::content_security_policy), (i & 1) == 0);
    EXPECT_EQ(sends(field::cross_origin_resource_policy), (i & 2) == 0);
    EXPECT_EQ(sends(field::cross_origin_opener_policy), (i & 4) == 0);
    EXPECT_EQ(sends(field::cache_control), (i & 8) == 0);
    EXPECT_EQ(sends(field::strict_transport_security), (i & 16) != 0);
    EXPECT_TRUE(sends(field::x_content_type_options) && sends(field::x_frame_options) && sends(field::referrer_policy));
    EXPECT_EQ(chosen.block, policy.check(own.fields(), (i & 16) != 0).block);
  }
}

// spec/browser_hardening.md section 2 counts eight headers and 376 bytes; with "; " where it has ";" it is a few more.
TEST(security_headers_test, the_api_profile_is_eight_headers_and_small) {
  const fields none;
  const auto all = with({}).check(none, true);
  EXPECT_EQ(all.omitted, 0U);
  EXPECT_EQ(all.block->pairs().size(), 8U);
  EXPECT_LE(all.block->http1().size(), 460U);
}

struct own_value_case {
  const char* name;
  security_headers_config config;
  std::initializer_list<name_value> sent_by_upstream;
  std::vector<std::string> changes;  // against the default
};
const own_value_case own_value_cases[] = {
    {"headers that the profile does not have",
     {.cross_origin_embedder_policy = "credentialless",
      .permissions_policy = "camera=()",
      .origin_agent_cluster = "?1",
      .x_dns_prefetch_control = "ON",
      .x_permitted_cross_domain_policies = "master-only"},
     {{"Permissions-Policy", "camera=*"}, {"Origin-Agent-Cluster", "?0"}},
     {"cross-origin-embedder-policy: credentialless", "origin-agent-cluster: ?1", "permissions-policy: camera=()",
      "x-dns-prefetch-control: on", "x-permitted-cross-domain-policies: master-only"}},
    {"report-only beside enforced",
     {.content_security_policy_report_only = "script-src 'self'",
      .cross_origin_opener_policy_report_only = "same-origin",
      .cross_origin_embedder_policy_report_only = "require-corp"},
     {},
     {"content-security-policy-report-only: script-src 'self'",
      "cross-origin-embedder-policy-report-only: require-corp", "cross-origin-opener-policy-report-only: same-origin"}},
    {"a report-only policy of the application stays",
     {.content_security_policy_report_only = "script-src 'self'"},
     {{"Content-Security-Policy-Report-Only", "img-src 'none'"}},
     {"content-security-policy-report-only: img-src 'none'"}},
    {"override what is the application's by default",
     {.override = {"Content-Security-Policy", "cache-control"}},
     {{"Content-Security-Policy", "default-src *"}, {"Cache-Control", "public"}, {"Cache-Control", "max-age=1"}},
     {}},
    {"if_absent: the application's stays",
     {.if_absent = {"X-Frame-Options"}},
     {{"X-Frame-Options", "SAMEORIGIN"}},
     {"x-frame-options: SAMEORIGIN"}},
    {"if_absent: two lines of one value are none",
     {.if_absent = {"X-Frame-Options"}},
     {{"X-Frame-Options", "SAMEORIGIN"}, {"X-Frame-Options", "SAMEORIGIN"}},
     {}},
    {"remove: neither ours nor the application's",
     {.remove = {"Cross-Origin-Opener-Policy", "Permissions-Policy"}},
     {{"Cross-Origin-Opener-Policy", "same-origin"}, {"Permissions-Policy", "camera=()"}},
     {"cross-origin-opener-policy:"}},
    {"none of ours, and one line of the application's",
     {.x_frame_options = ""},
     {{"X-Frame-Options", "DENY"},
      {"X-Frame-Options", "SAMEORIGIN"},
      {"Cross-Origin-Embedder-Policy", "a"},
      {"Cross-Origin-Embedder-Policy", "b"}},
     {"x-frame-options: DENY", "cross-origin-embedder-policy: a"}},
    {"reports over plain HTTP: only what browsers know there",
     {.cross_origin_embedder_policy = "require-corp", .report_to = "/.gatehouse/reports"},
     {},
     {"content-security-policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
      "report-uri /.gatehouse/reports",
      "cross-origin-embedder-policy: require-corp"}},
    {"logging out",
     {.clear_site_data = {"cookies", "storage"}},
     {{"Clear-Site-Data", "\"cache\""}},
     {"clear-site-data: \"cookies\", \"storage\""}},
};

const own_value_case report_cases[] = {
    {"reports: one block for all that can report",
     {.cross_origin_embedder_policy = "require-corp", .report_to = "/.gatehouse/reports"},
     {},
     {"content-security-policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
      "report-uri /.gatehouse/reports; report-to gatehouse",
      "cross-origin-embedder-policy: require-corp; report-to=\"gatehouse\"",
      "cross-origin-opener-policy: same-origin; report-to=\"gatehouse\"",
      "reporting-endpoints: gatehouse=\"/.gatehouse/reports\""}},
    {"reports: beside the application's own endpoints and policy",
     {.report_to = "https://r.example.com/x?y=1"},
     {{"Reporting-Endpoints", "mine=\"/r\""}, {"Content-Security-Policy", "default-src 'self'; report-to mine"}},
     {"content-security-policy: default-src 'self'; report-to mine",
      "cross-origin-opener-policy: same-origin; report-to=\"gatehouse\"", "reporting-endpoints: mine=\"/r\"",
      "reporting-endpoints: gatehouse=\"https://r.example.com/x?y=1\""}},
    {"reports: a policy that has a place of its own",
     {.content_security_policy = "default-src 'self'; Report-URI /mine", .report_to = "/r"},
     {},
     {"content-security-policy: default-src 'self'; Report-URI /mine",
      "cross-origin-opener-policy: same-origin; report-to=\"gatehouse\"", "reporting-endpoints: gatehouse=\"/r\""}},
};

void expect_changes(const own_value_case& c, bool https) {
  SCOPED_TRACE(c.name);
  auto want = defaults_with({}, https);
  for (const std::string& change : c.changes) {
    const std::string name = change.substr(0, change.find(':') + 1);
    std::erase_if(want, [&name](const std::string& line) { return line.starts_with(name); });
  }
  std::ranges::copy_if(c.changes, std::back_inserter(want), [](const std::string& l) { return !l.ends_with(':'); });
  std::ranges::sort(want);
  EXPECT_EQ(fields_after(with(c.config), https, "h", response_source::upstream, c.sent_by_upstream), want);
}

TEST(security_headers_test, values_and_modes) {
  for (const auto& c : own_value_cases) expect_changes(c, false);
}

TEST(security_headers_test, reports_over_https) {
  for (const auto& c : report_cases) expect_changes(c, true);
}

TEST(security_headers_test, a_site_is_forgotten_only_when_the_application_has_logged_out) {
  const auto& policy = with({.clear_site_data = {"*"}});
  for (const auto& [source, status, sent] : {std::tuple{response_source::upstream, status::ok, true},
                                             std::tuple{response_source::handler, status::see_other, true},
                                             std::tuple{response_source::handler, status::not_modified, true},
                                             std::tuple{response_source::upstream, status::forbidden, false},
                                             std::tuple{response_source::upstream, status::bad_gateway, false},
                                             std::tuple{response_source::gatehouse, status::no_content, false},
                                             std::tuple{response_source::gatehouse, status::forbidden, false}}) {
    test::test_exchange x;
    x.e.source = source;
    response_head head;
    head.status(status);
    slot s;
    (void)policy.on_response(x.e, s, head);
    EXPECT_EQ(head.has(field::clear_site_data), sent) << static_cast<int>(source) << ' ' << number(status);
  }
}

struct mistake_case {
  const char* name;
  security_headers_config config;
  std::vector<std::string> want;  // key, code, suggestion
};
const mistake_case mistakes[] = {
    {"no header of these", {.override = {"X-Frame-Optoins"}}, {"headers.override[0] unknown-header X-Frame-Options"}},
    {"nosniff stays", {.remove = {"X-Content-Type-Options"}}, {"headers.remove[0] unknown-header"}},
    {"said twice",
     {.override = {"Cache-Control"}, .if_absent = {"cache-control"}},
     {"headers.if_absent[0] duplicate-header one list for each header"}},
    {"plain HTTP gets no reports",
     {.report_to = "http://a.example/r"},
     {"headers.report_to not-an-endpoint /.gatehouse/reports"}},
    {"another host without a scheme",
     {.report_to = "//a.example/r"},
     {"headers.report_to not-an-endpoint /.gatehouse/reports"}},
    {"no host", {.report_to = "https:///r"}, {"headers.report_to not-an-endpoint /.gatehouse/reports"}},
    {"text that ends the policy",
     {.report_to = "/r; script-src *"},
     {"headers.report_to not-an-endpoint /.gatehouse/reports"}},
    {"text that ends the quotes", {.report_to = "/r\"x"}, {"headers.report_to not-an-endpoint /.gatehouse/reports"}},
    {"a type of data",
     {.clear_site_data = {"cookies", "cookie"}},
     {"headers.clear_site_data[1] unknown-value cookies"}},
    {"all at once",
     {.profile = "x",
      .content_security_policy = "default-src 'nonce-abcdefgh'",
      .content_security_policy_report_only = "img-src 'nonce'",
      .cross_origin_embedder_policy = "corp",
      .origin_agent_cluster = "1",
      .x_dns_prefetch_control = "no",
      .x_permitted_cross_domain_policies = "nothing"},
     {"headers.profile unknown-profile",
      "headers.content_security_policy fixed-nonce 'nonce', for which each response gets its own",
      "headers.content_security_policy_report_only misplaced-nonce 'self'",
      "headers.cross_origin_embedder_policy unknown-value", "headers.origin_agent_cluster unknown-value",
      "headers.x_dns_prefetch_control unknown-value", "headers.x_permitted_cross_domain_policies unknown-value"}},
};

TEST(security_headers_test, all_mistakes_at_once) {
  for (const auto& c : mistakes) {
    SCOPED_TRACE(c.name);
    const auto made = security_headers_policy::make(c.config);
    ASSERT_FALSE(made);
    std::vector<std::string> got;
    for (const config_error& e : made.error()) got.push_back(e.key + ' ' + e.code + ' ' + e.suggestion);
    ASSERT_EQ(got.size(), c.want.size()) << testing::PrintToString(got);
    for (const std::string& want : c.want) {
      EXPECT_TRUE(std::ranges::any_of(got, [&want](const std::string& g) { return g.starts_with(want); }))
          << want << " in " << testing::PrintToString(got);
    }
  }
}

constexpr char page_policy[] =
    "default-src 'none'; script-src 'nonce-NONCE' 'strict-dynamic'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "require-trusted-types-for 'script'";
constexpr char page_policy_without[] =
    "default-src 'none'; script-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for "
    "'script'";

struct nonce_case {
  const char* name;
  security_headers_config config;
  std::initializer_list<name_value> sent_by_upstream;
  std::vector<std::string> policies;  // Content-Security-Policy and -Report-Only lines, NONCE for the nonce
  std::vector<std::string> caching;
};
const nonce_case nonce_cases[] = {
    {"a page", {.profile = "page"}, {{"Content-Type", "text/html; charset=utf-8"}}, {page_policy}, {"no-store"}},
    {"whatever the case", {.profile = "page"}, {{"Content-Type", "TEXT/HTML"}}, {page_policy}, {"no-store"}},
    {"a picture in which scripts run",
     {.profile = "page"},
     {{"Content-Type", "image/svg+xml"}},
     {page_policy},
     {"no-store"}},
    {"XML", {.profile = "page"}, {{"Content-Type", "application/xml"}}, {page_policy}, {"no-store"}},
    {"data",
     {.profile = "page"},
     {{"Content-Type", "application/json"}, {"Cache-Control", "max-age=60"}},
     {page_policy_without},
     {"max-age=60"}},
    {"a script is cached as the application says",
     {.profile = "page"},
     {{"Content-Type", "text/javascript"}},
     {page_policy_without},
     {}},
    {"no type is no page", {.profile = "page"}, {}, {page_policy_without}, {}},
    {"a page is never stored",
     {.profile = "page"},
     {{"Content-Type", "text/html"}, {"Cache-Control", "public, max-age=60"}, {"Cache-Control", "immutable"}},
     {page_policy},
     {"no-store"}},
    {"who stores nothing already is left alone",
     {.profile = "page"},
     {{"Content-Type", "text/html"}, {"Cache-Control", "private, No-Store"}},
     {page_policy},
     {"private, No-Store"}},
    {"nor by the caches of a CDN, which obey others",
     {.profile = "page"},
     {{"Content-Type", "text/html"},
      {"CDN-Cache-Control", "max-age=600"},
      {"surrogate-control", "max-age=600"},
      {"Cloudflare-CDN-Cache-Control", "max-age=600"}},
     {page_policy},
     {"no-store"}},
    {"nor between commas in quotes",
     {.profile = "page"},
     {{"Content-Type", "text/html"}, {"Cache-Control", "x=\"a, no-store, b\", max-age=60"}},
     {page_policy},
     {"no-store"}},
    {"no-store in quotes is none",
     {.profile = "page"},
     {{"Content-Type", "text/html"}, {"Cache-Control", "x=\"no-store\""}},
     {page_policy},
     {"no-store"}},
    {"our own caching says so",
     {.profile = "page", .cache_control = "no-store, max-age=0"},
     {{"Content-Type", "text/html"}},
     {page_policy},
     {"no-store, max-age=0"}},
    {"our own caching does not",
     {.profile = "page", .cache_control = "max-age=9"},
     {{"Content-Type", "text/html"}},
     {page_policy},
     {"no-store"}},
    {"the application's own policy, and its caching",
     {.profile = "page"},
     {{"Content-Type", "text/html"}, {"Content-Security-Policy", "default-src 'self'"}, {"Cache-Control", "max-age=1"}},
     {"default-src 'self'"},
     {"max-age=1"}},
    {"overridden",
     {.profile = "page", .override = {"Content-Security-Policy"}},
     {{"Content-Type", "text/html"},
      {"Content-Security-Policy", "default-src 'self'"},
      {"Content-Security-Policy", "sandbox"}},
     {page_policy},
     {"no-store"}},
    {"removed", {.profile = "page", .remove = {"content-security-policy"}}, {{"Content-Type", "text/html"}}, {}, {}},
    {"in two directives and a hash",
     {.content_security_policy =
          "default-src 'none';script-src 'sha256-abc=' 'NONCE' 'strict-dynamic' ; style-src 'nonce'"},
     {{"Content-Type", "text/html"}},
     {"default-src 'none'; script-src 'sha256-abc=' 'nonce-NONCE' 'strict-dynamic'; style-src 'nonce-NONCE'"},
     {"no-store, max-age=0"}},
    {"and without nonce",
     {.content_security_policy =
          "default-src 'none';script-src 'sha256-abc=' 'NONCE' 'strict-dynamic' ; style-src 'nonce'"},
     {{"Content-Type", "text/css"}},
     {"default-src 'none'; script-src 'sha256-abc=' 'strict-dynamic'; style-src 'none'"},
     {"no-store, max-age=0"}},
    {"only reported, beside an enforced one without",
     {.content_security_policy = "default-src 'self'", .content_security_policy_report_only = "script-src 'nonce'"},
     {{"Content-Type", "text/html"}},
     {"script-src 'nonce-NONCE'", "default-src 'self'"},
     {"no-store, max-age=0"}},
    {"with reports",
     {.content_security_policy = "default-src 'none'; script-src 'nonce'", .report_to = "/r"},
     {{"Content-Type", "text/html"}},
     {"default-src 'none'; script-src 'nonce-NONCE'; report-uri /r"},
     {"no-store, max-age=0"}},
};

std::vector<std::string> values_of(const std::vector<std::string>& lines, std::string_view name) {
  std::vector<std::string> out;
  for (const std::string& line : lines) {
    if (line.starts_with(name)) out.push_back(line.substr(line.find(": ") + 2));
  }
  return out;
}

TEST(security_headers_test, nonces) {
  for (const auto& c : nonce_cases) {
    SCOPED_TRACE(c.name);
    const auto rules = test::make_policy({security_headers(c.config)});
    const bool removed = std::string_view{c.name} == "removed";
    EXPECT_EQ(rules->uses_csp_nonce(), !removed);
    test::test_exchange x;
    x.e.rules = rules.get();
    x.e.source = response_source::upstream;
    const std::string nonce{csp_nonce(x.e)};
    EXPECT_EQ(nonce.size(), removed ? 0U : 24U);
    EXPECT_EQ(csp_nonce(x.e), nonce) << "the same for the whole exchange";
    response_head head;
    test::add_lines(head, c.sent_by_upstream);
    (void)rules->finalise(x.e, head);
    const auto sent = sent_fields(head);
    auto policies = values_of(sent, "content-security-policy");
    for (std::string& p : policies) {
      for (std::size_t at = 0; !removed && (at = p.find(nonce)) != std::string::npos;)
        p.replace(at, nonce.size(), "NONCE");
    }
    EXPECT_EQ(policies, c.policies);
    EXPECT_EQ(values_of(sent, "cache-control:"), c.caching);
    for (const std::string& line : sent) EXPECT_EQ(line.find("max-age=600"), std::string::npos) << line;
  }
}

TEST(security_headers_test, each_response_has_its_own_nonce) {
  const auto rules = test::make_policy({security_headers({.profile = "page"})});
  std::set<std::string> seen;
  test::test_exchange x;
  for (int i = 0; i < 1000; ++i) {
    x.e.clear();
    x.e.rules = rules.get();
    seen.emplace(csp_nonce(x.e));
  }
  EXPECT_EQ(seen.size(), 1000U);
  const auto without = test::make_policy({security_headers()});
  x.e.clear();
  x.e.rules = without.get();
  EXPECT_EQ(csp_nonce(x.e), "") << "it would be worth nothing";
}

TEST(security_headers_test, a_nonce_and_lines_of_the_applications_take_no_heap) {
  const auto rules = test::make_policy(
      {security_headers({.profile = "page", .if_absent = {"X-Frame-Options"}, .report_to = "/r"})});
  test::test_exchange x;
  const test::malloc_counter here;
  for (int i = 0; i < 10; ++i) {
    x.e.clear();
    x.e.rules = rules.get();
    x.e.source = response_source::upstream;
    response_head head;
    test::add_lines(head,
                    {{"Content-Type", "text/html"}, {"X-Frame-Options", "SAMEORIGIN"}, {"Cache-Control", "public"}});
    (void)rules->finalise(x.e, head);
    EXPECT_FALSE(x.e.csp_nonce.empty());
  }
  EXPECT_EQ(here.count(), 0U);
}

TEST(security_headers_test, without_memory_no_script_runs) {
  const auto rules = test::make_policy({security_headers({.profile = "page"})});
  test::test_exchange x;
  x.e.rules = rules.get();
  while (x.e.memory.allocate(64) != nullptr) {
  }
  response_head head;
  test::add_lines(head, {{"Content-Type", "text/html"}});
  (void)rules->finalise(x.e, head);
  EXPECT_EQ(values_of(sent_fields(head), "content-security-policy:"), std::vector<std::string>{page_policy_without});
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
