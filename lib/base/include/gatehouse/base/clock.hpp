#pragma once
// Time comes in as a parameter: the pure layers take a `steady_time`, the loops ask a `time_source`. Tests use
// `virtual_clock`.

#include <chrono>
#include <ctime>

namespace gatehouse {

using steady_time = std::chrono::steady_clock::time_point;
using system_time = std::chrono::system_clock::time_point;
using std::chrono::milliseconds;
using std::chrono::seconds;

class time_source {
 public:
  time_source() = default;
  time_source(const time_source&) = delete;
  time_source& operator=(const time_source&) = delete;
  virtual ~time_source() = default;
  [[nodiscard]] virtual steady_time steady() const noexcept = 0;
  [[nodiscard]] virtual system_time system() const noexcept = 0;
};

class real_clock final : public time_source {
 public:
  [[nodiscard]] steady_time steady() const noexcept override { return std::chrono::steady_clock::now(); }
  /// Of the kernel's last tick (1 to 10 ms old): enough for dates and log lines, and it costs nothing.
  [[nodiscard]] system_time system() const noexcept override {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return system_time{
        std::chrono::duration_cast<system_time::duration>(seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec})};
  }
};

/// Stands still until told to move. Not thread-safe: one loop, one clock.
class virtual_clock final : public time_source {
 public:
  [[nodiscard]] steady_time steady() const noexcept override { return steady_; }
  [[nodiscard]] system_time system() const noexcept override { return system_; }
  void advance(std::chrono::nanoseconds by) noexcept {
    steady_ += std::chrono::duration_cast<std::chrono::steady_clock::duration>(by);
    system_ += std::chrono::duration_cast<std::chrono::system_clock::duration>(by);
  }

 private:
  steady_time steady_{std::chrono::hours{1}};
  system_time system_{std::chrono::seconds{1'700'000'000}};
};

}  // namespace gatehouse
