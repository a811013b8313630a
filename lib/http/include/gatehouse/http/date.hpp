#pragma once

#include <optional>
#include <string_view>

#include <gatehouse/base/clock.hpp>

namespace gatehouse {

inline constexpr std::size_t http_date_size = 29;
/// IMF-fixdate (RFC 9110 section 5.6.7), "Sun, 06 Nov 1994 08:49:37 GMT", into `out` (http_date_size bytes, no
/// terminator).
void write_http_date(system_time t, char* out) noexcept;

/// An HTTP-date of any of the three forms that a recipient must understand. `now` says which century a two-digit year
/// is in: one that looks more than 50 years ahead is past. The name of the weekday must be one, but is not compared
/// with the date. Nothing for anything else, nor for years that the clock has not (before 1678, after 2261).
[[nodiscard]] std::optional<system_time> parse_http_date(std::string_view text, system_time now) noexcept;

}  // namespace gatehouse
