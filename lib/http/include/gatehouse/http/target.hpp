#pragma once
// What a request target may look like (spec/http.md section 8.4): route, authorise and forward the same bytes, so
// whatever two parsers could decode or resolve differently is refused. For HTTP/1 targets and HTTP/2's :path alike.

#include <string_view>

#include <gatehouse/base/result.hpp>

namespace gatehouse {

/// An origin-form target (RFC 9112 section 3.2.1), taken apart. Views into the text it was parsed from.
struct origin_form {
  std::string_view path;   ///< begins with "/"; not decoded
  std::string_view query;  ///< behind the first "?"; empty when there is none

  /// Errors: http.invalid-target (a byte that may not stand there), http.ambiguous-path (an encoding or a segment that
  /// readers disagree about). Linear.
  [[nodiscard]] static result<origin_form> parse(std::string_view target) noexcept;
};

}  // namespace gatehouse
