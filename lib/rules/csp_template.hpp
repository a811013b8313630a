#pragma once
// A Content-Security-Policy whose nonces are put in for each response.

#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/arena.hpp>

namespace gatehouse::detail::rules {

/// The source expression that stands for the nonce of a response in a configured policy.
inline constexpr std::string_view nonce_placeholder = "'nonce'";

/// A policy, cut where its nonces go. Immutable.
class csp_template {
 public:
  csp_template() = default;
  /// `policy` was checked: check_content_security_policy().
  explicit csp_template(std::string_view policy);

  [[nodiscard]] bool has_nonce() const noexcept { return pieces_.size() > 1; }
  /// The policy for `nonce` (base64), in `memory`; empty when that is full: send `without_nonce()` then.
  [[nodiscard]] std::string_view with_nonce(arena& memory, std::string_view nonce) const noexcept;
  /// The policy of a response that has no nonce: what was allowed by nonce only is forbidden.
  [[nodiscard]] const std::string& without_nonce() const noexcept { return without_nonce_; }

 private:
  std::vector<std::string> pieces_;  // between two of them: 'nonce-…'
  std::size_t pieces_size_ = 0;
  std::string without_nonce_;
};

}  // namespace gatehouse::detail::rules
