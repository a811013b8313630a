#pragma once
// Refusals and failures that repeat: some lines a second, the others only counted.

#include <array>
#include <cstdint>
#include <string_view>

#include <gatehouse/base/reason.hpp>

#include "access_log_record.hpp"

namespace gatehouse::detail::server {

/// Those of one kind that got no line of their own.
struct log_repeats {
  std::int64_t at_us = 0;  ///< when the first of its second was told
  std::uint64_t count = 0;
  reason why = reason::none;
  std::uint16_t status = 0;  ///< of the last one
  bool would_refuse = false;
  bool of_next = false;      ///< a CORS policy that is tried would have
  std::string_view route{};  ///< empty: none, or more routes than are counted apart
};

/// Of each reason on each route, so many a second pass. The others are counted, and no count is lost: what is not told
/// one by one is told as a number when its second is over. Of the log's thread only; bounded, allocates nothing.
class repeat_counter {
 public:
  static constexpr std::size_t max_kinds = 128;  // counted apart; of more, the routes of a reason together

  /// 0: everything passes.
  explicit repeat_counter(std::uint32_t per_second) noexcept : per_second_(per_second) {}

  /// Whether the record gets a line. What is neither refused nor failed always does.
  [[nodiscard]] bool passes(const log_record& r, std::int64_t now_us) noexcept;
  /// Whether anything waits to be told.
  [[nodiscard]] bool waiting() const noexcept { return waiting_ > 0; }
  /// Calls `tell(const log_repeats&)` for each kind whose second is over (`all`: for each), and forgets it.
  template <typename Tell>
  void settle(std::int64_t now_us, bool all, const Tell& tell) {
    if (waiting_ == 0) return;
    for (kind& k : kinds_) settle_one(k, now_us, all, tell);
    for (kind& k : together_) settle_one(k, now_us, all, tell);
  }

 private:
  struct kind {
    log_repeats told{};
    std::uint64_t seen = 0;  ///< in this second; 0: free
    std::uint16_t route_size = 0;
    std::array<char, max_logged_route> route{};

    [[nodiscard]] std::string_view route_text() const noexcept { return {route.data(), route_size}; }
  };
  static constexpr std::int64_t second_us = 1'000'000;

  [[nodiscard]] static bool is_over(const kind& k, std::int64_t now_us) noexcept {
    return now_us - k.told.at_us >= second_us || now_us < k.told.at_us;  // clocks are set back
  }
  template <typename Tell>
  void settle_one(kind& k, std::int64_t now_us, bool all, const Tell& tell) {
    if (k.told.count == 0 || (!all && !is_over(k, now_us))) return;
    k.told.route = k.route_text();
    tell(static_cast<const log_repeats&>(k.told));
    --waiting_;
    k.told.count = 0;
    if (is_over(k, now_us)) k.seen = 0;
  }
  [[nodiscard]] kind& kind_of(const log_record& r, std::int64_t now_us) noexcept;

  std::uint32_t per_second_;
  std::size_t waiting_ = 0;  // kinds with a count
  std::array<kind, max_kinds> kinds_{};
  std::array<kind, reason_count> together_{};
};

}  // namespace gatehouse::detail::server
