#pragma once
// Text of a request as a value of a C++ type. One form each, so that no two texts mean the same and no two readers
// differ.

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

namespace gatehouse::detail::server {

template <typename T, typename... Of>
inline constexpr bool one_of = (std::is_same_v<T, Of> || ...);

/// The integers that are numbers; `char` and its relatives are text.
template <typename T>
inline constexpr bool is_integer = std::is_integral_v<T> &&
                                   !one_of<T, bool, char, wchar_t, char8_t, char16_t, char32_t>;

template <typename T>
concept parameter_value = is_integer<T> || one_of<T, bool, double, std::string, std::string_view>;

/// Decimal: an optional "-" and digits; no "+", no leading zeros, no "-0", no spaces. False when it is none or out of
/// range.
[[nodiscard]] bool parse_signed(std::string_view text, std::int64_t min, std::int64_t max, std::int64_t& out) noexcept;
[[nodiscard]] bool parse_unsigned(std::string_view text, std::uint64_t max, std::uint64_t& out) noexcept;
/// The number grammar of JSON (RFC 8259 section 6); finite.
[[nodiscard]] bool parse_double(std::string_view text, double& out) noexcept;

/// Views borrow from `text`.
template <parameter_value T>
[[nodiscard]] bool parse_value(std::string_view text, T& out) {
  if constexpr (std::is_same_v<T, bool>) {
    out = text == "true";
    return out || text == "false";
  } else if constexpr (std::is_same_v<T, double>) {
    return parse_double(text, out);
  } else if constexpr (!is_integer<T>) {
    out = T{text};
    return true;
  } else if constexpr (std::is_signed_v<T>) {
    std::int64_t wide = 0;
    if (!parse_signed(text, std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), wide)) return false;
    out = static_cast<T>(wide);
    return true;
  } else {
    std::uint64_t wide = 0;
    if (!parse_unsigned(text, std::numeric_limits<T>::max(), wide)) return false;
    out = static_cast<T>(wide);
    return true;
  }
}

}  // namespace gatehouse::detail::server
