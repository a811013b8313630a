#pragma once
// Notices user code that holds the event loop: all other requests of its thread wait meanwhile.

#include <atomic>
#include <cstdint>
#include <string_view>

#include "handler_context.hpp"

namespace gatehouse::detail::server {

/// The coarse clock, in milliseconds. OPTIMIZATION: its tick is 1 to 4 ms and it costs a few nanoseconds.
[[nodiscard]] std::int64_t coarse_ms() noexcept;

/// Says once (`reported`) that `what` has held the loop since `began`, if that is too long.
void report_held_loop(std::int64_t began, const handler_context& context, std::string_view what,
                      std::atomic<bool>& reported) noexcept;

}  // namespace gatehouse::detail::server
