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

constexpr std::string_view profiles[] = {"api", "api-1"};

/// One header of the profile: where it is configured, what is sent unless it is, and when it is left out.
struct profile_header {
  field id;
  const char* key;
  std::optional<std::string> security_headers_config::* configured;  // null: not configurable
  std::string_view value;
  checked_value (*check)(std::string_view);
  unsigned left_out_by;  // 0: never; with_hsts: unless that bit is set
};

// The profile "api-1": spec/browser_hardening.md section 2. X-Content-Type-Options has one value and no reason to be
// off: without it a browser executes JSON that a page includes as a script.
using config = security_headers_config;
constexpr profile_header api_1[] = {
    {field::content_security_policy, "content_security_policy", &config::content_security_policy,
     "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
     detail::rules::check_content_security_policy, without_csp},
    {field::strict_transport_security, "strict_transport_security", &config::strict_transport_security,
     "max-age=63072000; includeSubDomains", detail::rules::check_strict_transport_security, with_hsts},
    {field::x_content_type_options, "", nullptr, "nosniff", nullptr, 0},
    {field::x_frame_options, "x_frame_options", &config::x_frame_options, "DENY", detail::rules::check_x_frame_options,
     0},
    {field::referrer_policy, "referrer_policy", &config::referrer_policy, "no-referrer",
     detail::rules::check_referrer_policy, 0},
    {field::cross_origin_resource_policy, "cross_origin_resource_policy", &config::cross_origin_resource_policy,
     "same-origin", detail::rules::check_cross_origin_resource_policy, without_corp},
    {field::cross_origin_opener_policy, "cross_origin_opener_policy", &config::cross_origin_opener_policy,
     "same-origin", detail::rules::check_cross_origin_opener_policy, without_coop},
    {field::cache_control, "cache_control", &config::cache_control, "no-store, max-age=0",
     detail::rules::check_cache_control, without_cache_control},
};

constexpr bool is_left_out(unsigned by, unsigned combination) noexcept {
  return by == with_hsts ? (combination & with_hsts) == 0 : (combination & by) != 0;
}

/// The value of one header, empty for none; what is wrong with it is added to `errors`.
std::string value_of(const profile_header& h, const config& c, config_errors& errors) {
  if (h.configured == nullptr || !(c.*h.configured).has_value()) return std::string(h.value);
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

config_error unknown_profile(const std::string& text) {
  constexpr std::string_view coming[] = {"page", "spa", "strict", "helmet"};
  const bool is_coming = std::ranges::find(coming, text) != std::end(coming);
  return {.key = "headers.profile",
          .value = text,
          .code = "unknown-profile",
          .message = is_coming ? "This version has no profile \"" + text + "\" yet." : "There is no such profile.",
          .suggestion = "api"};
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
  if (std::ranges::find(profiles, c.profile) == std::end(profiles)) errors.push_back(unknown_profile(c.profile));
  std::array<std::string, std::size(api_1)> values;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = value_of(api_1[i], c, errors);
  if (!errors.empty()) return failure<config_errors>{std::move(errors)};

  std::unique_ptr<security_headers_policy> made(new security_headers_policy);
  for (unsigned combination = 0; combination < made->blocks_.size(); ++combination) {
    std::vector<field_block::pair> pairs;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i].empty() || is_left_out(api_1[i].left_out_by, combination)) continue;
      // first_day.md: an <img> of a page on another port of localhost is another origin of the same site.
      const bool widened = api_1[i].id == field::cross_origin_resource_policy && (combination & for_same_site) != 0 &&
                           !c.cross_origin_resource_policy;
      pairs.push_back({.id = api_1[i].id,
                       .name = std::string(gatehouse::name(api_1[i].id)),
                       .value = widened ? std::string{same_site} : values[i]});
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
  const bool strict_transport = may_send_strict_transport(secure, e.request.authority);
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
