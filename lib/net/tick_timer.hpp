#pragma once

#include "reactor.hpp"

namespace gatehouse::detail::net {

class tick_owner {
 public:
  virtual void on_tick() noexcept = 0;

 protected:
  ~tick_owner() = default;
};

/// Ticks at the multiples of timer_wheel::tick of the real clock, while it is started.
class tick_timer final : private descriptor_owner {
 public:
  tick_timer(reactor& r, tick_owner& owner);
  /// No effect when started already.
  void start() noexcept;
  void stop() noexcept;

 private:
  void on_ready(std::uint32_t) noexcept override;
  void set(bool on) noexcept;

  tick_owner& owner_;
  descriptor_ptr timer_;
  bool started_ = false;
};

}  // namespace gatehouse::detail::net
