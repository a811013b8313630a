#include "hold_watch.hpp"

#include <ctime>
#include <string>

namespace gatehouse::detail::server {
namespace {
constexpr std::int64_t held_too_long_ms = 100;
}

std::int64_t coarse_ms() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

void report_held_loop(std::int64_t began, const handler_context& context, std::string_view what,
                      std::atomic<bool>& reported) noexcept {
  const std::int64_t held = coarse_ms() - began;
  if (held <= held_too_long_ms || reported.exchange(true)) return;
  context.report({.what = handler_failure::kind::held_loop,
                  .route = what,
                  .request_id = {},
                  .message = std::to_string(held) + " ms"});
}

}  // namespace gatehouse::detail::server
