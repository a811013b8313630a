#pragma once

#include <atomic>

namespace gatehouse::detail::server {

/// How one thread sleeps until others have something for it, and what that costs them: nothing but a load while it is
/// awake, one system call for each time that it sleeps.
class sleeper {
 public:
  /// The sleeping thread. Returns when somebody woke it, or at once when `anything()` says that there is work.
  ///
  /// No wake-up is lost: we say that we sleep and then look; they put something and then look whether we sleep. All
  /// four are sequentially consistent (also in `anything` and in the putting), so at least one sees the other.
  template <typename Look>
  void sleep_unless(const Look& anything) {
    asleep_.store(1, std::memory_order_seq_cst);
    if (anything()) {
      asleep_.store(0, std::memory_order_relaxed);
      return;
    }
    asleep_.wait(1, std::memory_order_acquire);
  }
  /// Any other thread, after it has put something.
  void wake() noexcept {
    if (asleep_.load(std::memory_order_seq_cst) == 0) return;
    if (asleep_.exchange(0, std::memory_order_seq_cst) == 1) asleep_.notify_one();
  }

 private:
  std::atomic<int> asleep_{0};  // an int, because the kernel waits for those without a detour
};

}  // namespace gatehouse::detail::server
