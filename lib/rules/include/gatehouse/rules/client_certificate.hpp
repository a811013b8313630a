#pragma once

#include <string_view>

#include <gatehouse/rules/rule.hpp>

namespace gatehouse {

/// Refuses a request whose connection has shown no client certificate. One that was shown has been verified in the
/// handshake: a bad one never comes here. For routes of a listener where certificates are optional; preflights, for
/// which browsers show none, are answered by CORS before it.
///
/// `app.use(require_client_certificate());` with `gh::tls::files(...).client_ca({"ca.pem"}, "optional")`. Of one route
/// of a gateway: `require_client_certificate = true` in its [[route]].
class client_certificate_policy final : public rule {
 public:
  /// tls.client-certificate-required, or none. Pure.
  [[nodiscard]] static reason check(const connection_info& c) noexcept;

  [[nodiscard]] std::string_view name() const noexcept override { return "client_certificate"; }
  [[nodiscard]] rule_order order() const noexcept override { return rule_order::client_certificate; }
  [[nodiscard]] step on_request(exchange& e, slot& s) const noexcept override;
};

[[nodiscard]] pending_rule require_client_certificate();

}  // namespace gatehouse
