#pragma once
// One field line of a head: name, colon, value (RFC 9112 section 5).

#include <string_view>

#include <gatehouse/base/reason.hpp>
#include <gatehouse/http/fields.hpp>

namespace gatehouse::detail::wire {

enum class underscores : bool { refused, allowed };

/// Reads `line` (no CR LF, no control bytes but TAB: head_scanner has seen to that) into `out`. `first`: whether it
/// follows the start line, where leading space is no folding. Errors: http.obsolete-line-folding,
/// http.invalid-field-line, http.invalid-field-name, http.space-before-colon, http.underscore-in-field-name.
[[nodiscard]] reason read_field_line(std::string_view line, bool first, underscores names, field_line& out) noexcept;

/// Why the incomplete line that a control byte ends is refused: by which side of its colon it stands on.
[[nodiscard]] reason refusal_of_control_byte(std::string_view line_before_it) noexcept;

}  // namespace gatehouse::detail::wire
