#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gatehouse/http/response_head.hpp>
#include <gatehouse/rules/rule.hpp>

namespace gatehouse {

/// Per header: its value, or empty text for "add none" (what the application sends itself then passes). Absent: what
/// the profile says. Each value is checked: docs/security-headers.md.
struct security_headers_config {
  /// "api", "strict" (all that OWASP's Secure Headers Project asks for), "spa" (a frontend's build renders) or "helmet"
  /// (as npm's helmet 8); with a version ("api-1") what it says today stays.
  std::string profile = "api";
  std::optional<std::string> content_security_policy{};
  std::optional<std::string> strict_transport_security{};  ///< also "trial": five minutes
  std::optional<std::string> x_frame_options{};
  std::optional<std::string> referrer_policy{};
  std::optional<std::string> cross_origin_resource_policy{};
  std::optional<std::string> cross_origin_opener_policy{};
  std::optional<std::string> cache_control{};
  friend bool operator==(const security_headers_config&, const security_headers_config&) = default;
};

/// What the application sent of the headers that we only add where they are absent. A line counts only if it says
/// something: an empty one, and two lines of a header that has one value, are treated as absent.
struct own_headers {
  bool content_security_policy = false;
  bool cross_origin_resource_policy = false;
  bool cross_origin_opener_policy = false;
  bool cache_control = false;
};

/// Puts the security headers on every response there is.
///
/// Default: `app.use(security_headers());` the eight headers of the profile "api".
/// Customised: `app.use(security_headers({.cross_origin_resource_policy = "cross-origin", .cache_control = ""}));`
class security_headers_policy final : public rule {
 public:
  /// Errors: an unknown profile, and one per value that its header does not allow.
  [[nodiscard]] static result<std::unique_ptr<const security_headers_policy>, config_errors> make(
      const security_headers_config& c);

  /// The headers to attach. Pure: all 64 combinations are made with the policy. `lists_origins`: a CORS policy does, so
  /// the profile's Cross-Origin-Resource-Policy is same-site.
  [[nodiscard]] const field_block& check(own_headers own, bool strict_transport,
                                         bool lists_origins = false) const noexcept GATEHOUSE_LIFETIME_BOUND;

  [[nodiscard]] std::string_view name() const noexcept override { return "headers"; }
  [[nodiscard]] rule_order order() const noexcept override { return rule_order::security_headers; }
  [[nodiscard]] bool serves_pages() const noexcept override { return serves_pages_; }
  [[nodiscard]] body_plan on_response(exchange& e, slot& s, response_head& head) const noexcept override;

 private:
  security_headers_policy() = default;
  bool serves_pages_ = false;
  std::array<field_block, 64> blocks_{};
};

/// Whether Strict-Transport-Security may be sent: over HTTPS only (RFC 6797 section 7.2), and never for a loopback
/// name, where it would capture every other port of the developer's machine (first_day.md). An unreadable Host counts
/// as loopback: not sent.
[[nodiscard]] bool may_send_strict_transport(bool secure, const authority& asked) noexcept;

[[nodiscard]] pending_rule security_headers(security_headers_config c = {});

}  // namespace gatehouse
