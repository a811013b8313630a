#pragma once
// Form content, as a browser posts it. Pure: everything read is a view into the content.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <gatehouse/base/reason.hpp>
#include <gatehouse/base/result.hpp>

namespace gatehouse {

/// What one form may have. More is refused: validation.invalid-body.
struct form_limits {
  std::size_t fields = 100;                          ///< pairs, or parts without a file name
  std::size_t files = 20;                            ///< parts with one
  std::size_t field_bytes = std::size_t{64} * 1024;  ///< of one value that is no file, and of one name
};
inline constexpr std::size_t max_part_head_bytes = 4 * 1024;  ///< all field lines of one part together
inline constexpr std::size_t max_boundary_size = 70;          // RFC 2046 section 5.1.1

/// "name=value", not decoded.
struct form_pair {
  std::string_view name{};
  std::string_view value{};
};
/// application/x-www-form-urlencoded (https://url.spec.whatwg.org/#urlencoded-parsing), split and not decoded. Errors:
/// validation.invalid-body over a limit.
[[nodiscard]] result<std::vector<form_pair>> parse_urlencoded(std::string_view content, const form_limits& l);

/// One part of multipart/form-data (RFC 7578).
struct form_part {
  std::string_view name{};
  std::string_view file_name{};  ///< its last segment, behind any "/" or "\\": never a path. Empty: no file
  bool is_file = false;          ///< has a file name, maybe an empty one: a file field that nobody filled in
  std::string_view type{};       ///< as the client says, not to be trusted; empty: text/plain
  std::string_view content{};
};

/// The boundary of a Content-Type "multipart/form-data; boundary=...", or nothing when it is another type or not valid.
[[nodiscard]] std::optional<std::string_view> multipart_boundary(std::string_view content_type) noexcept;

/// Splits multipart content. Errors: validation.invalid-body when it is not exactly as RFC 7578 and RFC 2046 have it,
/// as browsers send it, or over a limit. Two readers must not see different parts: preambles, line breaks that are no
/// CRLF, folded lines, Content-Transfer-Encoding, two names of one part and what follows the end are refused.
[[nodiscard]] result<std::vector<form_part>> parse_multipart(std::string_view content, std::string_view boundary,
                                                             const form_limits& l);

}  // namespace gatehouse
