#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/http/response_head.hpp>
#include <gatehouse/rules/rule.hpp>

namespace gatehouse {

/// Per header: its value, or empty text for "add none" (what the application sends itself then passes). Absent: what
/// the profile says. Each value is checked: docs/security-headers.md.
struct security_headers_config {
  /// "api", "strict" (all that OWASP's Secure Headers Project asks for), "spa" (a frontend's build renders), "page" (an
  /// application renders pages, whose scripts have the nonce of the response) or "helmet" (as npm's helmet 8); with a
  /// version ("api-1") what it says today stays.
  std::string profile = "api";
  /// `'nonce'` in it stands for the nonce of each response: csp_nonce().
  std::optional<std::string> content_security_policy{};
  std::optional<std::string> content_security_policy_report_only{};  ///< beside the other: what it would forbid
  std::optional<std::string> strict_transport_security{};            ///< also "trial": five minutes
  std::optional<std::string> x_frame_options{};
  std::optional<std::string> referrer_policy{};
  std::optional<std::string> cross_origin_resource_policy{};
  std::optional<std::string> cross_origin_opener_policy{};
  std::optional<std::string> cross_origin_opener_policy_report_only{};
  std::optional<std::string> cross_origin_embedder_policy{};
  std::optional<std::string> cross_origin_embedder_policy_report_only{};
  std::optional<std::string> permissions_policy{};
  std::optional<std::string> origin_agent_cluster{};
  std::optional<std::string> x_dns_prefetch_control{};
  std::optional<std::string> x_permitted_cross_domain_policies{};
  std::optional<std::string> cache_control{};

  // What becomes of such a header that the application sends. Names of the headers above ("X-Frame-Options", any case);
  // those in no list: content, caching and embedding are the application's if it says something, the rest is ours.
  std::vector<std::string> override{};   ///< ours replaces the application's
  std::vector<std::string> if_absent{};  ///< the application's stays, and ours is not sent
  std::vector<std::string> remove{};     ///< neither is sent

  /// Where browsers report what the policies forbid, and what those that only report would: a path of this host
  /// ("/.gatehouse/reports", which the gateway collects) or an https URL. Empty: nowhere.
  std::string report_to{};
  /// What browsers forget with an answer of the application below 400: "cookies", "storage", "cache" and others. For
  /// the route that logs out.
  std::vector<std::string> clear_site_data{};
  friend bool operator==(const security_headers_config&, const security_headers_config&) = default;
};

/// Puts the security headers on every response there is.
///
/// Default: `app.use(security_headers());` the eight headers of the profile "api".
/// Customised: `app.use(security_headers({.cross_origin_resource_policy = "cross-origin", .cache_control = ""}));`
class security_headers_policy final : public rule {
 public:
  /// Errors: an unknown profile, one per value that its header does not allow, and one per name that is no header of
  /// these or in two lists.
  [[nodiscard]] static result<std::unique_ptr<const security_headers_policy>, config_errors> make(
      const security_headers_config& c);
  ~security_headers_policy() override;

  /// What of the constant headers is sent.
  struct choice {
    const field_block* block;
    field_block::positions omitted;  ///< of the block
  };
  /// Of a response with these lines. Pure; lives as long as the policy. `strict_transport`: it may have
  /// Strict-Transport-Security. `lists_origins`: a CORS policy does, so the profile's Cross-Origin-Resource-Policy is
  /// same-site. `forgets`: Clear-Site-Data is sent if it is configured.
  [[nodiscard]] choice check(const fields& own, bool strict_transport, bool lists_origins = false,
                             bool forgets = false) const noexcept GATEHOUSE_LIFETIME_BOUND;

  [[nodiscard]] std::string_view name() const noexcept override { return "headers"; }
  [[nodiscard]] rule_order order() const noexcept override { return rule_order::security_headers; }
  [[nodiscard]] bool serves_pages() const noexcept override;
  [[nodiscard]] body_plan on_response(exchange& e, slot& s, response_head& head) const noexcept override;

  [[nodiscard]] bool uses_csp_nonce() const noexcept override;

 private:
  struct compiled;
  explicit security_headers_policy(std::unique_ptr<const compiled> c) noexcept;
  std::unique_ptr<const compiled> compiled_;
};

/// The nonce of the response to this request, made at the first call: 24 characters (base64url), 144 random bits.
/// Belongs on the script elements of the page ("<script nonce=…>"). Empty where no policy has `'nonce'`: it would be
/// worth nothing. Lives as long as the exchange.
[[nodiscard]] std::string_view csp_nonce(exchange& e) noexcept;

/// Whether Strict-Transport-Security may be sent: over HTTPS only (RFC 6797 section 7.2), and never for a loopback
/// name, where it would capture every other port of the developer's machine (first_day.md). An unreadable Host counts
/// as loopback: not sent.
[[nodiscard]] bool may_send_strict_transport(bool secure, const authority& asked) noexcept;

[[nodiscard]] pending_rule security_headers(security_headers_config c = {});

}  // namespace gatehouse
