#pragma once
// What a valid Content-Security-Policy allows although nobody may have meant it to: the kinds of findings of Google's
// CSP Evaluator, which the tests compare with. docs/security-headers.md, "What check says of a policy".

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

struct csp_finding {
  enum class weight : std::uint8_t {
    warning,  ///< an attacker's script runs, or part of the policy is not what it seems
    info,     ///< it depends on what the allowed places serve
  };
  weight how_bad = weight::warning;
  std::string_view code{};  ///< "csp-unsafe-inline"; static text
  std::string directive{};  ///< the one to change
  std::string source{};     ///< in it; empty when the directive is missing
  std::string message{};    ///< one sentence
  std::string suggestion{};
};

/// Everything doubtful in a policy that `security_headers_config` accepts, in the order of its text. `'nonce'` in it
/// stands for a nonce. Empty for a policy that is not valid.
[[nodiscard]] std::vector<csp_finding> lint_csp(std::string_view policy);

}  // namespace gatehouse
