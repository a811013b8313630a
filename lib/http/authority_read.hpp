#pragma once
// How authorities and origins are read: one grammar, and what an origin's is narrower by.

#include <cstdint>
#include <string_view>

#include <gatehouse/http/authority.hpp>

namespace gatehouse::detail::http {

enum class letters : std::uint8_t { any_case, lower_case };

/// Into `out`, whose members are untouched so far; false: it is none (authority::parse). `known_end`: where the host
/// ends in exactly these bytes, they are not judged again (origin::parse_ending_in); otherwise it is without effect.
[[nodiscard]] bool read_authority(std::string_view text, letters which, std::string_view known_end,
                                  authority& out) noexcept;

}  // namespace gatehouse::detail::http
