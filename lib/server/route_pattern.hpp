#pragma once
// A route's pattern, taken apart.

#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/config_error.hpp>

namespace gatehouse::detail::server {

/// One segment; the order of the kinds is their precedence, best first.
struct pattern_segment {
  enum class kind : unsigned char { literal, parameter, rest, subtree };
  kind what = kind::literal;
  std::string_view text{};  ///< the literal, or the parameter's name; a view into the pattern

  /// Whether both match the same segments: names do not matter.
  [[nodiscard]] bool same_shape(const pattern_segment& other) const noexcept {
    return what == other.what && (what != kind::literal || text == other.text);
  }
};
using pattern_segments = std::vector<pattern_segment>;

/// Takes `pattern` apart; a subtree gets a last segment of that kind. What is wrong is appended to `errors`, then the
/// result is meaningless. The views borrow from `pattern`.
[[nodiscard]] pattern_segments parse_pattern(std::string_view pattern, bool subtree, config_errors& errors);

/// The next segment of a path behind a "/", and what is left behind the "/" that ends it.
struct path_cursor {
  std::string_view left;  ///< without the leading "/"
  bool more = true;       ///< whether a segment (maybe an empty one, after a trailing slash) is left

  [[nodiscard]] std::string_view next() noexcept {
    const std::size_t slash = left.find('/');
    const std::string_view segment = left.substr(0, slash);
    more = slash != std::string_view::npos;
    if (more) left.remove_prefix(slash + 1);
    return segment;
  }
};

}  // namespace gatehouse::detail::server
