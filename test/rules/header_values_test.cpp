#include "header_values.hpp"

#include "rules_kit.hpp"

namespace gatehouse::detail::rules {
namespace {

struct value_case {
  const char* name;
  std::string_view text;
  std::string_view want;        // as sent; empty: refused
  std::string_view suggestion;  // when refused
};

template <std::size_t N>
void expect_values(checked_value (*check)(std::string_view), const value_case (&cases)[N]) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const checked_value got = check(c.text);
    EXPECT_EQ(got.wrong.has_value(), c.want.empty());
    if (got.wrong) {
      EXPECT_EQ(got.wrong->suggestion, c.suggestion);
      EXPECT_FALSE(got.wrong->code.empty() || got.wrong->message.empty());
    } else {
      EXPECT_EQ(got.value, c.want);
    }
  }
}

constexpr std::string_view hsts = "max-age=63072000; includeSubDomains";

TEST(header_values_test, strict_transport_security) {
  constexpr value_case cases[] = {
      {"default", hsts, hsts, ""},
      {"trial", "trial", "max-age=300", ""},
      {"zero takes it back", "max-age=0", "max-age=0", ""},
      {"names in any case are spelt as the RFC does", "MAX-AGE=1;INCLUDESUBDOMAINS", "max-age=1; includeSubDomains",
       ""},
      {"closing semicolon", "max-age=1;", "max-age=1", ""},
      {"preload", "max-age=63072000; includeSubDomains; preload", "max-age=63072000; includeSubDomains; preload", ""},
      {"helmet's misspelling", "maxage=1", "", hsts},
      {"misspelt directive", "max-age=1; includeSubdomain", "", "includeSubDomains"},
      {"no max-age", "includeSubDomains", "", hsts},
      {"max-age without number", "max-age", "", hsts},
      {"negative", "max-age=-1", "", hsts},
      {"fraction", "max-age=1.5", "", hsts},
      {"quoted", "max-age=\"1\"", "", hsts},
      {"twice", "max-age=1; max-age=2", "", hsts},
      {"flag twice", "max-age=1; preload; preload", "", hsts},
      {"flag with a value", "max-age=1; includeSubDomains=1", "", "includeSubDomains"},
      {"comma", "max-age=1, includeSubDomains", "", hsts},
      {"preload for a day", "max-age=86400; includeSubDomains; preload", "",
       "max-age=63072000; includeSubDomains; preload"},
      {"preload without subdomains", "max-age=63072000; preload", "", "max-age=63072000; includeSubDomains; preload"},
      {"line break", "max-age=1\r\nX: y", "", hsts},
  };
  expect_values(check_strict_transport_security, cases);
}

TEST(header_values_test, x_frame_options) {
  constexpr value_case cases[] = {
      {"deny", "deny", "DENY", ""},
      {"sameorigin", "SameOrigin", "SAMEORIGIN", ""},
      {"same-origin is another header's spelling", "same-origin", "", "sameorigin"},
      {"allow-from", "ALLOW-FROM https://x", "", "frame-ancestors in content_security_policy"},
      {"something else", "yes", "", "deny or sameorigin"},
  };
  expect_values(check_x_frame_options, cases);
}

TEST(header_values_test, referrer_policy) {
  constexpr value_case cases[] = {
      {"one", "no-referrer", "no-referrer", ""},
      {"list", "no-referrer,strict-origin", "no-referrer, strict-origin", ""},
      {"any case", "Same-Origin", "same-origin", ""},
      {"referer", "no-referer", "", "no-referrer"},
      {"twice", "origin, origin", "", "origin"},
      {"empty element", "origin,", "",
       "no-referrer, no-referrer-when-downgrade, same-origin, origin, strict-origin, origin-when-cross-origin, "
       "strict-origin-when-cross-origin or unsafe-url"},
  };
  expect_values(check_referrer_policy, cases);
}

TEST(header_values_test, cross_origin_policies) {
  constexpr value_case resource[] = {
      {"same-site", "same-site", "same-site", ""},
      {"misspelt", "same-orgin", "", "same-origin"},
      {"a list", "same-site, same-origin", "", "same-origin, same-site or cross-origin"},
      {"another header's value", "unsafe-none", "", "same-origin, same-site or cross-origin"},
  };
  expect_values(check_cross_origin_resource_policy, resource);
  constexpr value_case opener[] = {
      {"default", "same-origin", "same-origin", ""},
      {"popups", "same-origin-allow-popups", "same-origin-allow-popups", ""},
      {"no opener", "noopener-allow-popups", "noopener-allow-popups", ""},
      {"none", "unsafe-none", "unsafe-none", ""},
      {"misspelt", "same-origin-allow-popup", "", "same-origin-allow-popups"},
  };
  expect_values(check_cross_origin_opener_policy, opener);
}

TEST(header_values_test, cache_control) {
  constexpr value_case cases[] = {
      {"list", "public, max-age=60", "public, max-age=60", ""},
      {"quoted fields", "private=\"set-cookie\"", "private=\"set-cookie\"", ""},
      {"a cache's own directive", "x-own=1", "x-own=1", ""},
      {"misspelt", "nostore", "", "no-store"},
      {"semicolon", "no-store; max-age=0", "", "no-store, max-age=0"},
      {"empty element", "no-store,,max-age=0", "", "no-store, max-age=0"},
      {"line break", "no-store\r\nX: y", "", "no-store, max-age=0"},
  };
  expect_values(check_cache_control, cases);
}

TEST(header_values_test, content_security_policy) {
  constexpr std::string_view safe = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  constexpr value_case cases[] = {
      {"default", safe, safe, ""},
      {"several sources",
       "default-src 'self' https://a.example data:", "default-src 'self' https://a.example data:", ""},
      {"closing semicolon", "default-src 'none';", "default-src 'none';", ""},
      {"spaces around", " default-src 'none' ", "default-src 'none'", ""},
      {"directive without value", "default-src 'none'; sandbox; upgrade-insecure-requests",
       "default-src 'none'; sandbox; upgrade-insecure-requests", ""},
      {"unquoted self", "default-src self", "", "'self'"},
      {"unquoted nonce", "default-src nonce-abc", "", "'nonce-abc'"},
      {"unquoted hash", "default-src 'none'; script-src sha256-abc", "", "'sha256-abc'"},
      {"a host called none-such is no keyword", "default-src none-such.example", "default-src none-such.example", ""},
      {"misspelt directive", "default-src 'none'; scirpt-src 'self'", "", "script-src"},
      {"a nonce for each response", "default-src 'none'; script-src 'nonce'", "default-src 'none'; script-src 'nonce'",
       ""},
      {"its placeholder without quotes", "default-src nonce", "", "'nonce'"},
      {"the same nonce for all", "default-src 'NONCE-abcdefgh'", "", "'nonce', for which each response gets its own"},
      {"a nonce for pictures", "default-src 'none'; img-src 'nonce'", "", "'self'"},
      {"a nonce for attributes", "default-src 'none'; script-src-attr 'nonce'", "", "'self'"},
      {"camel case", "defaultSrc 'none'", "", "default-src"},
      {"twice", "default-src 'none'; default-src 'self'", "", "all sources in one default-src"},
      {"comma", "default-src 'none', script-src 'self'", "", "spaces between the sources"},
      {"no default-src", "script-src 'self'", "", "default-src 'none'; script-src 'self'"},
      {"nothing", ";", "", safe},
      {"line break", "default-src 'none'\r\nX: y", "", safe},
      {"not ASCII", "default-src 'none' \xc3\xa4", "", safe},
      {"tab", "default-src\t'none'", "", safe},
  };
  expect_values(check_content_security_policy, cases);
}

TEST(header_values_test, content_security_policy_report_only_forbids_nothing_and_may_miss_defaults) {
  const value_case cases[] = {
      {"no default-src", "script-src 'self'", "script-src 'self'", ""},
      {"no source", "require-trusted-types-for 'script'", "require-trusted-types-for 'script'", ""},
      {"nothing", " ; ", "", "default-src 'self'"},
      {"unquoted self", "script-src self", "", "'self'"},
  };
  expect_values(check_content_security_policy_report_only, cases);
}

// https://www.w3.org/TR/permissions-policy-1/#serialization
TEST(header_values_test, permissions_policy) {
  const value_case cases[] = {
      {"nobody", "camera=()", "camera=()", ""},
      {"spaces and tabs", " camera=( ) ,\t usb=(self)", "camera=(), usb=(self)", ""},
      {"everybody", "camera=*", "camera=*", ""},
      {"one token", "camera=self", "camera=self", ""},
      {"an origin", "geolocation=(self \"https://a.example:8443\")", "geolocation=(self \"https://a.example:8443\")",
       ""},
      {"all below", "usb=(\"https://*.a.example\")", "usb=(\"https://*.a.example\")", ""},
      {"with reports", "usb=();report-to=gatehouse", "usb=();report-to=gatehouse", ""},
      {"a feature that is new", "quantum-teleport=()", "quantum-teleport=()", ""},
      {"twice: the last counts", "usb=(self), usb=()", "usb=()", ""},
      {"Feature-Policy's form", "camera 'none'; usb 'self'", "", "camera=(), geolocation=(self)"},
      {"nothing", "", "", "camera=(), geolocation=(self)"},
      {"not closed", "camera=(", "", "camera=(), geolocation=(self)"},
      {"misspelt", "camara=()", "", "camera"},
      {"no list", "camera", "", "camera=(self \"https://app.example.com\")"},
      {"an origin without quotes", "usb=(https://a.example)", "", "usb=(self \"https://app.example.com\")"},
      {"a path", "usb=(\"https://a.example/x\")", "", "usb=(self \"https://app.example.com\")"},
      {"self in quotes is a host", "usb=(\"self\")", "", "usb=(self \"https://app.example.com\")"},
      {"line break", "usb=()\r\nX: y", "", "camera=(), geolocation=(self)"},
  };
  expect_values(check_permissions_policy, cases);
}

TEST(header_values_test, words) {
  const value_case embedder[] = {{"as it is", "require-corp", "require-corp", ""},
                                 {"case", "Credentialless", "credentialless", ""},
                                 {"unknown", "corp", "", "require-corp, credentialless or unsafe-none"}};
  expect_values(check_cross_origin_embedder_policy, embedder);
  const value_case cluster[] = {{"yes", "?1", "?1", ""}, {"no", "?0", "?0", ""}, {"a word", "true", "", "?1 or ?0"}};
  expect_values(check_origin_agent_cluster, cluster);
  const value_case prefetch[] = {{"off", "OFF", "off", ""}, {"unknown", "of", "", "off"}};
  expect_values(check_x_dns_prefetch_control, prefetch);
  const value_case adobe[] = {{"none", "none", "none", ""},
                              {"unknown", "master", "", "none, master-only, by-content-type or all"}};
  expect_values(check_x_permitted_cross_domain_policies, adobe);
}

TEST(security_headers_config_test, every_wrong_value_is_reported_at_once) {
  const auto made = security_headers_policy::make({.profile = "apis",
                                                   .content_security_policy = "default-src self",
                                                   .strict_transport_security = "max-age",
                                                   .x_frame_options = "x",
                                                   .referrer_policy = "none",
                                                   .cross_origin_resource_policy = "x",
                                                   .cross_origin_opener_policy = "x",
                                                   .cache_control = "nostore"});
  ASSERT_FALSE(made);
  std::vector<std::string> keys;
  for (const auto& e : made.error()) keys.push_back(e.key + " " + e.code);
  EXPECT_EQ(keys, (std::vector<std::string>{
                      "headers.profile unknown-profile", "headers.content_security_policy unquoted-keyword",
                      "headers.strict_transport_security invalid-value", "headers.x_frame_options unknown-value",
                      "headers.referrer_policy unknown-value", "headers.cross_origin_resource_policy unknown-value",
                      "headers.cross_origin_opener_policy unknown-value", "headers.cache_control unknown-value"}));
  EXPECT_EQ(made.error().front().suggestion, "api");
}

}  // namespace
}  // namespace gatehouse::detail::rules
