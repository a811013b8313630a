#include <gatehouse/rules/security_headers.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/base/assert.hpp>
#include <gatehouse/http/authority.hpp>
#include <gatehouse/http/grammar.hpp>
#include <gatehouse/http/media_type.hpp>
#include <gatehouse/rules/policy.hpp>

#include "pending.hpp"
#include "security_headers_compiled.hpp"

namespace gatehouse {
namespace {

using positions = field_block::positions;

bool says_something(const fields& all, field id) {
  bool found = false;
  all.for_each(id, [&found](std::string_view value) { found = found || !ascii::trim(value).empty(); });
  return found;
}

/// Of a header with one value, two lines are none: browsers would join them into something they do not know, and ignore
/// it.
bool says_one_thing(const fields& all, field id) { return all.count(id) == 1 && says_something(all, id); }

/// Headers that once meant protection and today do harm or nothing (spec/browser_hardening.md section 1a, last row).
bool is_obsolete(const field_line& line) noexcept {
  if (line.id == field::x_xss_protection || line.id == field::x_download_options) return true;
  if (line.id != field::other) return false;
  constexpr std::string_view names[] = {"Expect-CT", "Feature-Policy", "Public-Key-Pins",
                                        "Public-Key-Pins-Report-Only"};
  return std::ranges::any_of(names, [&line](std::string_view n) { return ascii::equal_ignoring_case(n, line.name); });
}

/// Whether a browser shows the response as a document, in which scripts run: HTML and what is made of XML.
bool is_document(const fields& response) noexcept {
  const auto type = response.get(field::content_type);
  if (!type) return false;
  const std::string_view essence = media_type_essence(*type);
  constexpr std::string_view whole[] = {"text/html", "application/xml", "text/xml"};
  constexpr std::string_view suffix = "+xml";
  return std::ranges::any_of(whole, [essence](std::string_view w) { return ascii::equal_ignoring_case(w, essence); }) ||
         (essence.size() > suffix.size() &&
          ascii::equal_ignoring_case(essence.substr(essence.size() - suffix.size()), suffix));
}

bool is_stored_nowhere(const fields& response) noexcept {
  bool found = false;
  response.for_each(field::cache_control, [&found](std::string_view list) {
    if (list.find('"') != std::string_view::npos) return;  // a comma may stand in quotes: better stored nowhere
    (void)grammar::for_each_element(list, [&found](std::string_view directive) {
      found = found || ascii::equal_ignoring_case(directive, "no-store");
      return true;
    });
  });
  return found;
}

/// What shared caches obey instead of Cache-Control (RFC 9213, and what came before it).
bool tells_shared_caches(const field_line& line) noexcept {
  constexpr std::string_view names[] = {"CDN-Cache-Control", "Surrogate-Control"};
  constexpr std::string_view targeted = "-cdn-cache-control";  // Cloudflare-CDN-Cache-Control and its like
  if (line.id != field::other) return false;
  const std::string_view end = line.name.substr(line.name.size() - std::min(line.name.size(), targeted.size()));
  return ascii::equal_ignoring_case(end, targeted) ||
         std::ranges::any_of(names, [&line](std::string_view n) { return ascii::equal_ignoring_case(n, line.name); });
}

/// A nonce is known to whoever reads the page: the next one must have another, so none is kept. What the application
/// says of caching is then not obeyed.
void forbid_storing(response_head& head, positions& omitted, const detail::rules::compiled_headers& c) noexcept {
  head.remove_if(tells_shared_caches);
  if (is_stored_nowhere(head.fields())) return;
  if ((c.cache_control & ~omitted) != 0 && c.stores_nothing) return;  // ours says so
  omitted |= c.cache_control;
  (void)head.set(field::cache_control, "no-store");  // there is room: our own line is not sent
}

/// Puts the nonce of the response into one policy, in place of its line without nonces. Where the exchange has no
/// memory left, that line stays, and no script runs.
void splice(exchange& e, const detail::rules::csp_template& policy, field id, positions at, response_head& head,
            positions& omitted) noexcept {
  if (!policy.has_nonce() || (at & ~omitted) == 0) return;
  const std::string_view value = policy.with_nonce(e.memory, csp_nonce(e));
  if (!value.empty() && head.set(id, value)) omitted |= at;
}

}  // namespace

struct security_headers_policy::compiled : detail::rules::compiled_headers {};

security_headers_policy::security_headers_policy(std::unique_ptr<const compiled> c) noexcept
    : compiled_(std::move(c)) {}
security_headers_policy::~security_headers_policy() = default;

result<std::unique_ptr<const security_headers_policy>, config_errors> security_headers_policy::make(
    const security_headers_config& c) {
  config_errors errors;
  auto made = std::make_unique<const compiled>(compiled{detail::rules::compile_headers(c, errors)});
  if (!errors.empty()) return failure<config_errors>{std::move(errors)};
  return std::unique_ptr<const security_headers_policy>(new security_headers_policy(std::move(made)));
}

security_headers_policy::choice security_headers_policy::check(const fields& own, bool strict_transport,
                                                               bool lists_origins, bool forgets) const noexcept {
  const compiled& c = *compiled_;
  positions omitted = (strict_transport ? 0 : c.strict_transport | c.reporting_endpoints) |
                      (forgets ? 0 : c.clear_site_data);
  for (const auto& header : c.if_absent) {
    const bool stays = header.one_line ? says_one_thing(own, header.id) : says_something(own, header.id);
    if (stays) omitted |= header.at;
  }
  return {.block = &c.blocks[(strict_transport ? 1U : 0U) | (lists_origins ? 2U : 0U)], .omitted = omitted};
}

body_plan security_headers_policy::on_response(exchange& e, slot&, response_head& head) const noexcept {
  const compiled& c = *compiled_;
  const bool secure = e.client_secure || e.connection.secure;  // of a refused head, client_ip has not judged
  // A browser that trusts our development CA would keep it for all ports and services of that name.
  const bool in_development = e.connection.channel != nullptr && e.connection.channel->development;
  const bool strict_transport = !in_development && may_send_strict_transport(secure, e.request.authority);
  const bool lists_origins = e.rules != nullptr && e.rules->lists_origins();
  const bool ours = e.source == response_source::gatehouse;
  // A logout that failed, and our refusal of one, leave the user logged in.
  const bool forgets = !ours && number(head.status()) < 400;
  choice chosen = check(head.fields(), strict_transport, lists_origins, forgets);
  if (c.has_nonce && is_document(head.fields())) {
    const unsigned at = strict_transport ? 1 : 0;
    const bool policies = ((c.policy | c.report_only_policy) & ~chosen.omitted) != 0;
    splice(e, c.policies[at], field::content_security_policy, c.policy, head, chosen.omitted);
    splice(e, c.report_only_policies[at], field::content_security_policy_report_only, c.report_only_policy, head,
           chosen.omitted);
    if (policies) forbid_storing(head, chosen.omitted, c);
  }
  head.attach(chosen.block, chosen.omitted);  // removes the lines that it overrides
  if (!strict_transport) head.remove(field::strict_transport_security);
  if (!ours) {
    for (const field id : c.removed) head.remove(id);
    head.remove_if(is_obsolete);
    for (const field id : c.kept_single) {
      // The value was in the head already: it is valid and there is room for it.
      if (head.fields().count(id) > 1) (void)head.set(id, *head.fields().get(id));
    }
  }
  return body_plan::keep();
}

bool security_headers_policy::serves_pages() const noexcept { return compiled_->serves_pages; }
bool security_headers_policy::uses_csp_nonce() const noexcept { return compiled_->has_nonce; }

// https://www.w3.org/TR/CSP3/#security-nonces : at least 128 bits, new for each response.
std::string_view csp_nonce(exchange& e) noexcept {
  if (!e.csp_nonce.empty()) return e.csp_nonce;
  if (e.rules == nullptr || !e.rules->uses_csp_nonce()) return {};
  GATEHOUSE_ASSERT(e.random != nullptr);
  static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<std::uint8_t, exchange::csp_nonce_size> bytes;
  e.random->fill(bytes);
  std::ranges::transform(bytes, e.csp_nonce_text.begin(), [](std::uint8_t b) { return alphabet[b & 63U]; });
  e.csp_nonce = {e.csp_nonce_text.data(), e.csp_nonce_text.size()};
  return e.csp_nonce;
}

bool may_send_strict_transport(bool secure, const authority& asked) noexcept {
  return secure && !asked.empty() && !asked.is_loopback();
}

pending_rule security_headers(security_headers_config c) {
  return detail::rules::pending<security_headers_policy>(rule_order::security_headers, std::move(c));
}

}  // namespace gatehouse
