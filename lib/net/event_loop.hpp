#pragma once

#include <gatehouse/net/loop.hpp>

#include "reactor.hpp"
#include "resolver.hpp"
#include "tick_timer.hpp"

namespace gatehouse::detail::net {

class signal_watch;

/// The loop over Boost.Asio's io_context.
class event_loop final : public loop, private tick_owner, private timer_wheel_observer {
 public:
  /// Ends the process when the kernel has no descriptors for a loop.
  explicit event_loop(const time_source* clock) noexcept;
  ~event_loop() override;

  void run() override;
  void poll(milliseconds wait) override;
  void stop() noexcept override;
  void post(std::function<void()> work) override { reactor_.post(std::move(work)); }
  [[nodiscard]] steady_time now() const noexcept override { return reactor_.now(); }
  void read_clock_again() noexcept override { reactor_.read_clock_again(); }
  [[nodiscard]] system_time system_now() const noexcept override { return reactor_.system_now(); }
  [[nodiscard]] timer_wheel& timers() noexcept override { return timers_; }
  [[nodiscard]] result<std::unique_ptr<listener>, int> listen(const endpoint& at, bool share_port) override;
  [[nodiscard]] result<std::unique_ptr<listener>, int> listen_local(const std::string& path) override;
  [[nodiscard]] std::unique_ptr<connecting> connect(std::string_view host, std::uint16_t port, milliseconds timeout,
                                                    connect_owner& owner) override;
  [[nodiscard]] std::unique_ptr<connecting> connect_local(std::string_view path, milliseconds timeout,
                                                          connect_owner& owner) override;
  [[nodiscard]] std::unique_ptr<resolving> resolve(std::string_view host, resolve_owner& owner) override;
  void on_signals(std::span<const int> signals, std::function<void(int)> handler) noexcept override;
  [[nodiscard]] void* native() noexcept override { return &reactor_.context(); }

 private:
  void on_tick() noexcept override;
  void on_first_deadline() noexcept override;
  void advance_timers() noexcept;

  reactor reactor_;
  timer_wheel timers_;
  tick_timer ticks_;
  bool running_ = false;
  std::shared_ptr<signal_watch> signals_;
  std::shared_ptr<resolver> resolver_;  // shared with its helper threads
};

}  // namespace gatehouse::detail::net
