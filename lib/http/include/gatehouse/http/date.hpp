#pragma once

#include <string_view>

#include <gatehouse/base/clock.hpp>

namespace gatehouse {

inline constexpr std::size_t http_date_size = 29;
/// IMF-fixdate (RFC 9110 section 5.6.7), "Sun, 06 Nov 1994 08:49:37 GMT", into `out` (http_date_size bytes, no
/// terminator).
void write_http_date(system_time t, char* out) noexcept;

}  // namespace gatehouse
