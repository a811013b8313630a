#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <gatehouse/rules/rule.hpp>

namespace gatehouse {

struct error_hygiene_config {
  std::string upstream_5xx = "replace";  ///< replace | pass
};

/// Keeps what services say about themselves from clients: the body of an upstream's 5xx (stack traces, addresses,
/// secrets) is replaced by a problem document, and fields that name software are removed from every response that is
/// not our own.
///
/// Default: `app.use(error_hygiene());` Where clients need the upstream's own 5xx bodies:
/// `app.use(error_hygiene({.upstream_5xx = "pass"}));`
class error_hygiene_policy final : public rule {
 public:
  /// Errors: upstream_5xx is neither replace nor pass.
  [[nodiscard]] static result<std::unique_ptr<const error_hygiene_policy>, config_errors> make(
      const error_hygiene_config& c);

  /// Whether the content is to be replaced. Pure. Only an upstream's 5xx is: our own are bland already, a handler's are
  /// its author's words, a 2xx may be a stream, and a gRPC client reads its errors from trailers.
  [[nodiscard]] bool check(response_source source, const response_head& head) const noexcept;

  [[nodiscard]] std::string_view name() const noexcept override { return "errors"; }
  [[nodiscard]] rule_order order() const noexcept override { return rule_order::error_hygiene; }
  [[nodiscard]] body_plan on_response(exchange& e, slot& s, response_head& head) const noexcept override;

 private:
  error_hygiene_policy() = default;
  bool replace_ = true;
};

/// Whether a field of this name only tells which software, version or machine answered. Any case.
[[nodiscard]] bool names_technology(field id, std::string_view name) noexcept;

[[nodiscard]] pending_rule error_hygiene(error_hygiene_config c = {});

}  // namespace gatehouse
