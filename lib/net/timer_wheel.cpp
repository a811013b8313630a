#include <gatehouse/net/timer_wheel.hpp>

#include <algorithm>

namespace gatehouse {
namespace {

/// The last tick that began at or before `at`.
std::uint64_t tick_at(steady_time at) noexcept {
  return static_cast<std::uint64_t>(at.time_since_epoch() / timer_wheel::tick);
}

/// The first tick that begins at or after `at`: firing then is never early.
std::uint64_t tick_not_before(steady_time at) noexcept {
  if (at < steady_time{}) return 0;
  constexpr steady_time::duration rounding = timer_wheel::tick - steady_time::duration{1};
  return at > steady_time::max() - rounding ? tick_at(steady_time::max()) : tick_at(at + rounding);
}

}  // namespace

void deadline::clear() noexcept {
  if (wheel_ != nullptr) wheel_->remove(*this);
}

timer_wheel::timer_wheel(steady_time now) noexcept : current_(tick_at(now)) {}

timer_wheel::~timer_wheel() {
  for (deadline*& head : heads_) {
    while (head != nullptr) remove(*head);
  }
}

void timer_wheel::set(deadline& d, steady_time at) noexcept {
  // What is due already fires at the next tick, not at once: set() never calls anybody.
  const std::uint64_t due = std::max(tick_not_before(at), current_ + 1);
  const auto slot = static_cast<std::uint32_t>(due % slots);
  if (d.wheel_ == this && d.slot_ == slot) {  // the usual case on a busy connection: pushed back within the same tick
    d.due_ = due;
    return;
  }
  d.clear();
  d.due_ = due;
  insert(d, slot);
  if (count_ == 1 && observer_ != nullptr) observer_->on_first_deadline();
}

void timer_wheel::advance(steady_time now) noexcept {
  const std::uint64_t target = tick_at(now);
  while (current_ < target && count_ > 0) {
    ++current_;
    collect_due();
    while (deadline* const d = heads_[firing]) {
      remove(*d);
      d->expired();
    }
  }
  current_ = std::max(current_, target);
}

void timer_wheel::collect_due() noexcept {
  deadline* next = heads_[current_ % slots];
  while (next != nullptr) {
    deadline& d = *next;
    next = d.next_;
    if (d.due_ > current_) continue;  // another round
    remove(d);
    insert(d, firing);
  }
}

void timer_wheel::insert(deadline& d, std::uint32_t slot) noexcept {
  deadline*& head = heads_[slot];
  d.wheel_ = this;
  d.slot_ = slot;
  d.previous_ = nullptr;
  d.next_ = head;
  if (head != nullptr) head->previous_ = &d;
  head = &d;
  ++count_;
}

void timer_wheel::remove(deadline& d) noexcept {
  (d.previous_ != nullptr ? d.previous_->next_ : heads_[d.slot_]) = d.next_;
  if (d.next_ != nullptr) d.next_->previous_ = d.previous_;
  d.next_ = nullptr;
  d.previous_ = nullptr;
  d.wheel_ = nullptr;
  --count_;
}

}  // namespace gatehouse
