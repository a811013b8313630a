#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/rules/rule.hpp>

namespace gatehouse {

struct error_hygiene_config {
  std::string upstream_5xx = "replace";  ///< replace | replace_leaks | pass
  std::string upstream_4xx = "pass";     ///< replace_leaks | pass
  /// Fields that pass although they only name software, machines or times: {"Server", "Via"}. Any case.
  std::vector<std::string> keep_headers{};
  /// Problem documents say what went wrong: for development, on loopback listeners only (checked by who listens).
  bool dev_errors = false;
  friend bool operator==(const error_hygiene_config&, const error_hygiene_config&) = default;
};

/// What becomes of the content of an upstream's errors of one class.
enum class upstream_errors : std::uint8_t { replace, replace_leaks, pass };

/// Keeps what services say about themselves from clients: the body of an upstream's 5xx (stack traces, addresses,
/// secrets) is replaced by a problem document, or only if something of that is found in it, and fields that name
/// software are removed from every response that is not our own. Content without a type gets one. docs/errors.md.
///
/// Default: `app.use(error_hygiene());` Where clients need the upstream's own 5xx bodies:
/// `app.use(error_hygiene({.upstream_5xx = "replace_leaks"}));`
class error_hygiene_policy final : public rule {
 public:
  /// Errors: upstream_5xx or upstream_4xx is none of its words; a field of keep_headers that is no name, is there
  /// twice, or is not removed anyway.
  [[nodiscard]] static result<std::unique_ptr<const error_hygiene_policy>, config_errors> make(
      const error_hygiene_config& c);

  /// What is to become of the content. Pure. Only an upstream's errors are replaced: our own are bland already, a
  /// handler's are its author's words, a 2xx may be a stream, and a gRPC client reads its errors from trailers.
  [[nodiscard]] upstream_errors check(response_source source, const response_head& head) const noexcept;

  [[nodiscard]] std::string_view name() const noexcept override { return "errors"; }
  [[nodiscard]] rule_order order() const noexcept override { return rule_order::error_hygiene; }
  [[nodiscard]] bool shows_details() const noexcept override { return dev_errors_; }
  [[nodiscard]] std::size_t inspects(const exchange& e, const response_head& head) const noexcept override;
  [[nodiscard]] bool on_response_content(exchange& e, slot& s, const held_content& content) const noexcept override;
  [[nodiscard]] body_plan on_response(exchange& e, slot& s, response_head& head) const noexcept override;

 private:
  error_hygiene_policy() = default;
  void scrub(const exchange& e, response_head& head) const noexcept;
  [[nodiscard]] bool keeps(std::string_view name) const noexcept;

  upstream_errors of_5xx_ = upstream_errors::replace;
  upstream_errors of_4xx_ = upstream_errors::pass;
  bool dev_errors_ = false;
  std::vector<std::string> keep_headers_{};
};

/// Whether a field of this name only tells which software, version or machine answered. Any case.
[[nodiscard]] bool names_technology(field id, std::string_view name) noexcept;

/// Whether a Content-Type says what the content is: a type and a subtype, and none that makes a browser guess. Content
/// without is sent as application/octet-stream; Gatehouse itself never looks at content to find its type.
[[nodiscard]] bool has_usable_type(std::string_view content_type) noexcept;

[[nodiscard]] pending_rule error_hygiene(error_hygiene_config c = {});

}  // namespace gatehouse
