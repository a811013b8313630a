#pragma once
// Bounds that are not configurable.

#include <cstddef>
#include <cstdint>

#include <gatehouse/base/clock.hpp>

namespace gatehouse::detail::proxy {

inline constexpr std::uint8_t max_connect_attempts = 3;         // upstreams that one request knocks at
inline constexpr std::uint8_t max_informational_responses = 8;  // 1xx in front of one answer (spec/http.md section 8.3)
inline constexpr std::size_t max_diagnosis_bytes = 4 * 1024;    // of a replaced answer, for the log
inline constexpr milliseconds max_diagnosis_time{1'000};        // and how long they are waited for
inline constexpr milliseconds grace_after_lost_send{1'000};     // to read what the upstream said before it closed
inline constexpr milliseconds half_closed_tunnel_timeout{30'000};  // silence after the client finished sending

}  // namespace gatehouse::detail::proxy
