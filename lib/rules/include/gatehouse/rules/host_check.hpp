#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/rules/rule.hpp>

namespace gatehouse {

/// Accepted Host values (DNS rebinding, cache poisoning, password-reset poisoning). Exact names only, no patterns.
struct host_check_config {
  /// "api.example.com", with ":port" only that port; empty: loopback names on a loopback listener, any elsewhere
  std::vector<std::string> hosts{};
  std::vector<std::string> also{};  ///< accepted besides those, or besides the loopback names: hosts that routes are
                                    ///< for
  bool report_only = false;
};

/// Default: `app.use(host_check());` a listener on 127.0.0.1 answers to localhost and its kind only.
/// In public: `app.use(host_check({.hosts = {"api.example.com"}}));`
class host_check_policy final : public rule {
 public:
  /// Errors: one per entry that is not a host name or address with an optional port.
  [[nodiscard]] static result<std::unique_ptr<const host_check_policy>, config_errors> make(const host_check_config& c);

  /// http.host-not-allowed, or none. Pure. An empty `asked` is on no list and is no loopback name. `secure` decides the
  /// port that a Host without one means: 443 or 80.
  [[nodiscard]] reason check(const authority& asked, bool loopback_listener, bool secure) const noexcept;

  [[nodiscard]] std::string_view name() const noexcept override { return "host_check"; }
  [[nodiscard]] rule_order order() const noexcept override { return rule_order::host_check; }
  [[nodiscard]] bool report_only() const noexcept override { return report_only_; }
  [[nodiscard]] step on_request(exchange& e, slot& s) const noexcept override;

 private:
  host_check_policy() = default;
  [[nodiscard]] static bool lists(const std::vector<authority>& all, const authority& asked,
                                  std::uint16_t port) noexcept;
  std::vector<std::string> texts_{};
  std::vector<authority> hosts_{};  // views into texts_; no port: any
  std::vector<authority> also_{};
  bool report_only_ = false;
};

[[nodiscard]] pending_rule host_check(host_check_config c = {});

}  // namespace gatehouse
