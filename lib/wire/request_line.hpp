#pragma once
// method SP request-target SP HTTP-version (RFC 9112 section 3).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <gatehouse/base/reason.hpp>
#include <gatehouse/http/request_head.hpp>

namespace gatehouse::detail::wire {

/// The authority of an absolute-form target, to be compared with Host.
struct absolute_form {
  std::string_view authority;
  std::uint16_t default_port = 0;
};

/// Fills verb, version, method_text, target, path and query of `head`, as far as they can be read.
/// Errors: http.malformed-request-line, -invalid-method, -unknown-method, -connect-refused, -trace-refused,
/// -invalid-version, -unsupported-version, -invalid-target, -ambiguous-path; limit.target-too-long.
[[nodiscard]] reason read_request_line(std::string_view line, std::size_t max_target, request_head& head,
                                       std::optional<absolute_form>& absolute) noexcept;

/// "HTTP/" DIGIT "." DIGIT: http.invalid-version or, for any other than 1.0 and 1.1, http.unsupported-version.
[[nodiscard]] reason read_version(std::string_view text, http_version& out) noexcept;

}  // namespace gatehouse::detail::wire
