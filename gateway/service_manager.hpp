#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include <gatehouse/base/clock.hpp>

namespace gatehouse::program {

/// What started us and wants to know how it goes: systemd's notification protocol, sd_notify(3). Where nobody asked for
/// it, every function does nothing. Any thread may call any of them.
class service_manager {
 public:
  /// As the environment says: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  [[nodiscard]] static service_manager from_environment();
  /// `socket` is a path, or "@name" for an abstract one; empty: nobody listens. `watchdog`: how often it wants to hear
  /// alive(); 0 for never.
  explicit service_manager(std::string socket, milliseconds watchdog = milliseconds{0});

  /// It serves. `status` is one line for `systemctl status`.
  void ready(std::string_view status) const noexcept;
  /// A configuration is read; ready() ends that.
  void reloading() const noexcept;
  /// It stops, which may take that long: connections end what they began.
  void stopping(milliseconds at_most) noexcept;
  [[nodiscard]] bool is_stopping() const noexcept { return stopping_.load(); }
  void alive() const noexcept;
  [[nodiscard]] milliseconds watchdog() const noexcept { return watchdog_; }

 private:
  void send(const std::string& text) const noexcept;

  std::string socket_;
  milliseconds watchdog_;
  std::atomic<bool> stopping_{false};
};

}  // namespace gatehouse::program
