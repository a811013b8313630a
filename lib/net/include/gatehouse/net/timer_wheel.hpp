#pragma once
// Deadlines, coarse and cheap: setting, moving and clearing one is a list operation. Pure: time comes in as a
// parameter.

#include <array>
#include <cstddef>
#include <cstdint>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/base/internal_limits.hpp>

namespace gatehouse {

class timer_wheel;

/// Something that must happen by a time. Derive, or own one and hand it a target. Removing itself on destruction.
class deadline {
 public:
  deadline() = default;
  deadline(const deadline&) = delete;
  deadline& operator=(const deadline&) = delete;
  virtual ~deadline() { clear(); }
  /// Forgets it. Cheap; no effect when not set.
  void clear() noexcept;
  [[nodiscard]] bool is_set() const noexcept { return wheel_ != nullptr; }

 private:
  friend class timer_wheel;
  /// Called on the loop, at most one tick late, never early. It is not set any more then; it may set itself again or be
  /// destroyed.
  virtual void expired() noexcept = 0;
  deadline* next_ = nullptr;
  deadline* previous_ = nullptr;
  timer_wheel* wheel_ = nullptr;
  std::uint64_t due_ = 0;  // the tick at which it fires
  std::uint32_t slot_ = 0;
};

/// Who moves a wheel on, and needs to do so only while there is a deadline in it.
class timer_wheel_observer {
 public:
  /// A deadline was set in an empty wheel.
  virtual void on_first_deadline() noexcept = 0;

 protected:
  ~timer_wheel_observer() = default;
};

/// A hashed wheel of 512 slots, one tick a slot; longer deadlines go around.
class timer_wheel {
 public:
  static constexpr milliseconds tick{100};
  explicit timer_wheel(steady_time now) noexcept;
  ~timer_wheel();
  timer_wheel(const timer_wheel&) = delete;
  timer_wheel& operator=(const timer_wheel&) = delete;

  /// Sets or moves `d` to `at`.
  void set(deadline& d, steady_time at) noexcept;
  /// Fires everything due at `now`, tick by tick. Not to be called by something that it fires.
  void advance(steady_time now) noexcept;
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  void observer(timer_wheel_observer& o) noexcept { observer_ = &o; }

 private:
  friend class deadline;
  static constexpr std::size_t slots = timer_slots;
  static constexpr std::uint32_t firing = slots;  // the list of those about to fire, so that one may clear or destroy
                                                  // another
  void collect_due() noexcept;
  void insert(deadline& d, std::uint32_t slot) noexcept;
  void remove(deadline& d) noexcept;

  std::array<deadline*, slots + 1> heads_{};
  timer_wheel_observer* observer_ = nullptr;
  std::uint64_t current_ = 0;  // ticks since the clock's epoch that were processed
  std::size_t count_ = 0;
};

}  // namespace gatehouse
