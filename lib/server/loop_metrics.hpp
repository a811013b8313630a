#pragma once
// What one loop counts. A warm request costs a dozen loads and stores: no lock, no allocation, no look at the clock.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/base/loop_counter.hpp>
#include <gatehouse/base/reason.hpp>
#include <gatehouse/http/method.hpp>
#include <gatehouse/rules/exchange.hpp>
#include <gatehouse/rules/rule.hpp>
#include <gatehouse/server/metrics.hpp>

namespace gatehouse::detail::server {

/// Up to which a request's time belongs to a bucket; what is longer has one of its own.
inline constexpr std::array latency_bounds{
    std::chrono::microseconds{100},        std::chrono::microseconds{250},       std::chrono::microseconds{500},
    std::chrono::microseconds{1'000},      std::chrono::microseconds{2'500},     std::chrono::microseconds{5'000},
    std::chrono::microseconds{10'000},     std::chrono::microseconds{25'000},    std::chrono::microseconds{50'000},
    std::chrono::microseconds{100'000},    std::chrono::microseconds{250'000},   std::chrono::microseconds{500'000},
    std::chrono::microseconds{1'000'000},  std::chrono::microseconds{2'500'000}, std::chrono::microseconds{5'000'000},
    std::chrono::microseconds{10'000'000}, std::chrono::microseconds{30'000'000}};

/// The reasons of rule cors, one after the other.
inline constexpr reason first_cors_reason = reason::cors_origin_not_allowed;
inline constexpr std::size_t cors_reason_count = static_cast<std::size_t>(reason::cors_credentials_not_allowed) -
                                                 static_cast<std::size_t>(first_cors_reason) + 1;

/// What a policy that is tried may change: all of cors_change but `none`.
inline constexpr std::size_t cors_changes = 3;

/// The first digit of a status; 0: nothing was answered.
inline constexpr std::size_t status_classes = 6;
inline constexpr std::size_t counted_methods = static_cast<std::size_t>(method::unknown) + 1;

class alignas(cache_line) loop_metrics {
 public:
  // On the loop.
  void began() noexcept { began_.add(); }
  void ended(const exchange& e, const outcome& o) noexcept;

  // From any thread.
  /// The sums of what these loops counted; `routes` has the label of each route number.
  static void collect(std::span<const loop_metrics* const> loops, const std::vector<std::string>& routes,
                      std::vector<metric_family>& out);

 private:
  using by_status = std::array<loop_counter, status_classes>;

  loop_counter began_{};
  loop_counter aborted_{};
  loop_counter received_{};
  loop_counter sent_{};
  loop_counter nanoseconds_{};
  std::array<loop_counter, latency_bounds.size() + 1> latency_{};
  std::array<by_status, counted_methods> by_method_{};
  std::array<loop_counter, reason_count> refused_{};
  std::array<loop_counter, reason_count> would_refuse_{};
  std::array<loop_counter, reason_count> unreadable_{};
  // Of cross-origin requests also by route.
  std::array<std::array<loop_counter, cors_reason_count>, route_numbers::count> cors_denied_{};
  std::array<loop_counter, route_numbers::count> cors_removed_{};
  std::array<std::array<loop_counter, cors_changes>, route_numbers::count> cors_next_{};
  std::array<loop_counter, route_numbers::count> untyped_{};
  std::array<by_status, route_numbers::count> by_route_{};
};

}  // namespace gatehouse::detail::server
