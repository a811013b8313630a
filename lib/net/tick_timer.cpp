#include "tick_timer.hpp"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/net/timer_wheel.hpp>

namespace gatehouse::detail::net {
namespace {

timespec to_timespec(std::chrono::nanoseconds d) noexcept {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(d);
  return {.tv_sec = whole.count(), .tv_nsec = (d - whole).count()};
}

}  // namespace

tick_timer::tick_timer(reactor& r, tick_owner& owner) : owner_(owner), timer_(r.make_descriptor()) {
  timer_->owner(*this);
  // Without a timer no deadline would ever pass: better no loop at all.
  const int fd = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  GATEHOUSE_ASSERT(fd != -1);
  const int error = timer_->watch(fd, EPOLLIN);
  GATEHOUSE_ASSERT(error == 0);
}

void tick_timer::start() noexcept {
  if (!std::exchange(started_, true)) set(true);
}

void tick_timer::stop() noexcept {
  if (std::exchange(started_, false)) set(false);
}

void tick_timer::on_ready(std::uint32_t) noexcept {
  // Reading is what starts the timer's next period. When nothing can be read the event was none, or of before a stop().
  std::uint64_t expirations = 0;
  if (::read(timer_->fd(), &expirations, sizeof(expirations)) > 0) owner_.on_tick();
}

void tick_timer::set(bool on) noexcept {
  itimerspec spec{};
  if (on) {
    // std::chrono::steady_clock is CLOCK_MONOTONIC, so these are the wheel's own ticks.
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    spec.it_value = to_timespec(now - now % timer_wheel::tick + timer_wheel::tick);
    spec.it_interval = to_timespec(timer_wheel::tick);
  }
  ::timerfd_settime(timer_->fd(), TFD_TIMER_ABSTIME, &spec, nullptr);
}

}  // namespace gatehouse::detail::net
