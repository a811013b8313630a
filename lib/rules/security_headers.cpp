#include <gatehouse/rules/security_headers.hpp>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/authority.hpp>
#include <gatehouse/rules/policy.hpp>

#include "header_values.hpp"
#include "pending.hpp"
#include "suggest.hpp"

namespace gatehouse {
namespace {

using detail::rules::checked_value;

// Positions in blocks_: one bit for each header that is left out because the application sent it, one for HSTS.
constexpr unsigned without_csp = 1;
constexpr unsigned without_corp = 2;
constexpr unsigned without_coop = 4;
constexpr unsigned without_cache_control = 8;
constexpr unsigned with_hsts = 16;
constexpr unsigned for_same_site = 32;  // another value, not another header

/// The profiles in the order of profile_header::values.
enum class profile : std::uint8_t { api, strict, spa, helmet };
constexpr std::size_t profile_count = 4;

struct profile_name {
  std::string_view latest;
  std::string_view version;  // what `latest` stands for today
};
constexpr profile_name profiles[profile_count] = {
    {"api", "api-1"}, {"strict", "strict-1"}, {"spa", "spa-1"}, {"helmet", "helmet-8"}};

/// One header: where it is configured, what each profile sends unless it is (empty: nothing), and when it is left out.
struct profile_header {
  field id;
  const char* key;
  std::optional<std::string> security_headers_config::* configured;  // null: not configurable
  std::string_view values[profile_count];
  checked_value (*check)(std::string_view);
  unsigned left_out_by;  // 0: never; with_hsts: unless that bit is set
};

constexpr std::string_view nothing_loads =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
// What the unmodified build of a frontend needs (Vite, React): scripts and styles of its own, small assets that the
// build has put inline as data:, and the <style> elements that libraries add while they run. No script that is inline.
constexpr std::string_view own_frontend =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' "
    "data:; connect-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action "
    "'self'; frame-ancestors 'none'; object-src 'none'";
constexpr std::string_view upgrade = ";upgrade-insecure-requests";
constexpr std::string_view as_helmet =
    "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';frame-ancestors 'self';img-src "
    "'self' data:;object-src 'none';script-src 'self';script-src-attr 'none';style-src 'self' https: "
    "'unsafe-inline';upgrade-insecure-requests";
// OWASP Secure Headers Project, "headers to add", list of 2026-07-19 (Apache-2.0).
constexpr std::string_view no_features =
    "accelerometer=(), autoplay=(), camera=(), cross-origin-isolated=(), display-capture=(), encrypted-media=(), "
    "fullscreen=(), geolocation=(), gyroscope=(), keyboard-map=(), magnetometer=(), microphone=(), midi=(), "
    "payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), sync-xhr=(self), usb=(), "
    "web-share=(), xr-spatial-tracking=(), clipboard-read=(), clipboard-write=(), gamepad=(), hid=(), "
    "idle-detection=(), interest-cohort=(), serial=(), unload=()";

// spec/browser_hardening.md section 2; "helmet" is what npm's helmet 8 sends by itself. X-Content-Type-Options has one
// value and no reason to be off: without it a browser executes JSON that a page includes as a script.
using config = security_headers_config;
constexpr std::string_view two_years = "max-age=63072000; includeSubDomains";
constexpr std::string_view unstored = "no-store, max-age=0";
constexpr profile_header headers[] = {
    {field::content_security_policy,
     "content_security_policy",
     &config::content_security_policy,
     {nothing_loads, nothing_loads, own_frontend, as_helmet},
     detail::rules::check_content_security_policy,
     without_csp},
    {field::strict_transport_security,
     "strict_transport_security",
     &config::strict_transport_security,
     {two_years, two_years, two_years, "max-age=31536000; includeSubDomains"},
     detail::rules::check_strict_transport_security,
     with_hsts},
    {field::x_content_type_options, "", nullptr, {"nosniff", "nosniff", "nosniff", "nosniff"}, nullptr, 0},
    {field::x_frame_options,
     "x_frame_options",
     &config::x_frame_options,
     {"DENY", "DENY", "DENY", "SAMEORIGIN"},
     detail::rules::check_x_frame_options,
     0},
    // A page's own forms shall have an Origin: with no-referrer browsers send "null" (Fetch, append a request `Origin`
    // header, step 4).
    {field::referrer_policy,
     "referrer_policy",
     &config::referrer_policy,
     {"no-referrer", "no-referrer", "same-origin", "no-referrer"},
     detail::rules::check_referrer_policy,
     0},
    {field::cross_origin_resource_policy,
     "cross_origin_resource_policy",
     &config::cross_origin_resource_policy,
     {"same-origin", "same-origin", "same-origin", "same-origin"},
     detail::rules::check_cross_origin_resource_policy,
     without_corp},
    {field::cross_origin_opener_policy,
     "cross_origin_opener_policy",
     &config::cross_origin_opener_policy,
     {"same-origin", "same-origin", "same-origin", "same-origin"},
     detail::rules::check_cross_origin_opener_policy,
     without_coop},
    // The files of a frontend are meant to be cached; what is not says so itself.
    {field::cache_control,
     "cache_control",
     &config::cache_control,
     {unstored, unstored, "", ""},
     detail::rules::check_cache_control,
     without_cache_control},
    {field::cross_origin_embedder_policy, "", nullptr, {"", "require-corp", "", ""}, nullptr, 0},
    {field::permissions_policy, "", nullptr, {"", no_features, "", ""}, nullptr, 0},
    {field::origin_agent_cluster, "", nullptr, {"", "", "", "?1"}, nullptr, 0},
    {field::x_dns_prefetch_control, "", nullptr, {"", "off", "", "off"}, nullptr, 0},
    {field::x_permitted_cross_domain_policies, "", nullptr, {"", "none", "", "none"}, nullptr, 0},
    {field::x_download_options, "", nullptr, {"", "", "", "noopen"}, nullptr, 0},
    {field::x_xss_protection, "", nullptr, {"", "", "", "0"}, nullptr, 0},
};
constexpr std::size_t header_count = std::size(headers);

constexpr bool is_left_out(unsigned by, unsigned combination) noexcept {
  return by == with_hsts ? (combination & with_hsts) == 0 : (combination & by) != 0;
}

bool is_configured(const profile_header& h, const config& c) noexcept {
  return h.configured != nullptr && (c.*h.configured).has_value();
}

/// The value of one header, empty for none; what is wrong with it is added to `errors`.
std::string value_of(const profile_header& h, profile p, const config& c, config_errors& errors) {
  if (!is_configured(h, c)) return std::string(h.values[static_cast<std::size_t>(p)]);
  const std::string& text = *(c.*h.configured);
  if (text.empty()) return {};
  checked_value checked = h.check(text);
  if (checked.wrong) {
    errors.push_back({.key = std::string("headers.") + h.key,
                      .value = text,
                      .code = std::move(checked.wrong->code),
                      .message = std::move(checked.wrong->message),
                      .suggestion = std::move(checked.wrong->suggestion)});
  }
  return checked.value;
}

std::optional<profile> find_profile(std::string_view text) noexcept {
  for (std::size_t i = 0; i < profile_count; ++i) {
    if (text == profiles[i].latest || text == profiles[i].version) return static_cast<profile>(i);
  }
  return std::nullopt;
}

config_error unknown_profile(const std::string& text) {
  std::vector<std::string_view> known;
  for (const profile_name& p : profiles) known.insert(known.end(), {p.latest, p.version});
  const bool is_coming = text == "page";
  return {.key = "headers.profile",
          .value = text,
          .code = "unknown-profile",
          .message = is_coming ? "This version has no profile \"" + text + "\" yet." : "There is no such profile.",
          .suggestion = is_coming ? "spa" : detail::rules::suggest(text, known)};
}

bool says_something(const fields& all, field id) {
  bool found = false;
  all.for_each(id, [&found](std::string_view value) { found = found || !ascii::trim(value).empty(); });
  return found;
}

/// Of a header with one value, two lines are none: browsers would join them into something they do not know, and ignore
/// it.
bool says_one_thing(const fields& all, field id) { return all.count(id) == 1 && says_something(all, id); }

own_headers own_headers_of(const fields& all) {
  return {.content_security_policy = says_something(all, field::content_security_policy),
          .cross_origin_resource_policy = says_one_thing(all, field::cross_origin_resource_policy),
          .cross_origin_opener_policy = says_one_thing(all, field::cross_origin_opener_policy),
          .cache_control = says_something(all, field::cache_control)};
}

/// Headers that once meant protection and today do harm or nothing (spec/browser_hardening.md section 1a, last row).
bool is_obsolete(const field_line& line) noexcept {
  if (line.id == field::x_xss_protection || line.id == field::x_download_options) return true;
  if (line.id != field::other) return false;
  constexpr std::string_view names[] = {"Expect-CT", "Feature-Policy", "Public-Key-Pins",
                                        "Public-Key-Pins-Report-Only"};
  return std::ranges::any_of(names, [&line](std::string_view n) { return ascii::equal_ignoring_case(n, line.name); });
}

/// Of what the application sends where we add nothing: one line each.
void keep_one_line(response_head& head) noexcept {
  for (const field id : {field::x_frame_options, field::cross_origin_resource_policy, field::cross_origin_opener_policy,
                         field::strict_transport_security}) {
    // The value was in the head already: it is valid and there is room for it.
    if (head.fields().count(id) > 1) (void)head.set(id, *head.fields().get(id));
  }
}

}  // namespace

result<std::unique_ptr<const security_headers_policy>, config_errors> security_headers_policy::make(
    const security_headers_config& c) {
  constexpr std::string_view same_site = "same-site";
  config_errors errors;
  const std::optional<profile> chosen = find_profile(c.profile);
  if (!chosen) errors.push_back(unknown_profile(c.profile));
  std::array<std::string, header_count> values;
  for (std::size_t i = 0; i < header_count; ++i) {
    values[i] = value_of(headers[i], chosen.value_or(profile::api), c, errors);
  }
  if (!errors.empty()) return failure<config_errors>{std::move(errors)};

  const auto value_in = [&](std::size_t i, unsigned combination) -> std::string {
    const profile_header& h = headers[i];
    if (is_configured(h, c)) return values[i];
    // first_day.md: an <img> of a page on another port of localhost is another origin of the same site.
    const bool widened = h.id == field::cross_origin_resource_policy && (combination & for_same_site) != 0;
    if (widened && *chosen != profile::helmet) return std::string{same_site};
    // Where HSTS would do harm, this would, too: Safari loads the parts of http://localhost over HTTPS then.
    const bool may_upgrade = (combination & with_hsts) != 0;
    if (!may_upgrade && values[i].ends_with(upgrade)) return values[i].substr(0, values[i].size() - upgrade.size());
    return values[i];
  };
  std::unique_ptr<security_headers_policy> made(new security_headers_policy);
  made->serves_pages_ = *chosen == profile::spa || *chosen == profile::helmet;
  for (unsigned combination = 0; combination < made->blocks_.size(); ++combination) {
    std::vector<field_block::pair> pairs;
    for (std::size_t i = 0; i < header_count; ++i) {
      if (values[i].empty() || is_left_out(headers[i].left_out_by, combination)) continue;
      pairs.push_back({.id = headers[i].id,
                       .name = std::string(gatehouse::name(headers[i].id)),
                       .value = value_in(i, combination)});
    }
    made->blocks_[combination] = field_block(std::move(pairs));
  }
  return std::unique_ptr<const security_headers_policy>(std::move(made));
}

const field_block& security_headers_policy::check(own_headers own, bool strict_transport,
                                                  bool lists_origins) const noexcept {
  return blocks_[(lists_origins ? for_same_site : 0U) | (own.content_security_policy ? without_csp : 0U) |
                 (own.cross_origin_resource_policy ? without_corp : 0U) |
                 (own.cross_origin_opener_policy ? without_coop : 0U) |
                 (own.cache_control ? without_cache_control : 0U) | (strict_transport ? with_hsts : 0U)];
}

body_plan security_headers_policy::on_response(exchange& e, slot&, response_head& head) const noexcept {
  const bool secure = e.client_secure || e.connection.secure;  // of a refused head, client_ip has not judged
  // A browser that trusts our development CA would keep it for all ports and services of that name.
  const bool in_development = e.connection.channel != nullptr && e.connection.channel->development;
  const bool strict_transport = !in_development && may_send_strict_transport(secure, e.request.authority);
  // attach() removes the lines that the block overrides.
  const bool lists_origins = e.rules != nullptr && e.rules->lists_origins();
  head.attach(&check(own_headers_of(head.fields()), strict_transport, lists_origins));
  if (!strict_transport) head.remove(field::strict_transport_security);
  if (e.source != response_source::gatehouse) {
    head.remove_if(is_obsolete);
    keep_one_line(head);
  }
  return body_plan::keep();
}

bool may_send_strict_transport(bool secure, const authority& asked) noexcept {
  return secure && !asked.empty() && !asked.is_loopback();
}

pending_rule security_headers(security_headers_config c) {
  return detail::rules::pending<security_headers_policy>(rule_order::security_headers, std::move(c));
}

}  // namespace gatehouse
