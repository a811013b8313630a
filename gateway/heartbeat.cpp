#include "heartbeat.hpp"

#include <atomic>
#include <memory>

namespace gatehouse::program {

heartbeat::heartbeat(front_door& door, const service_manager& manager) : door_(door), manager_(manager) {
  if (manager.watchdog().count() > 0) thread_ = std::thread([this] { beat(); });
}

heartbeat::~heartbeat() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void heartbeat::beat() {
  // A third, so that one that comes late does not count as none. sd_watchdog_enabled(3) asks for at least half.
  const auto every = std::chrono::microseconds{manager_.watchdog()} / 3;
  // Asked once until all have answered: a loop that hangs gathers no questions. Shared with what waits in a loop.
  const auto asked = std::make_shared<std::atomic<bool>>(false);
  std::unique_lock lock(mutex_);
  while (!ends_) {
    if (manager_.is_stopping()) {
      manager_.alive();  // a loop that has ended answers nothing; the stop has a deadline of its own
    } else if (!asked->exchange(true)) {
      door_.when_all_loops_answer([asked, &manager = manager_] {
        asked->store(false);
        manager.alive();
      });
    }
    wake_.wait_for(lock, every, [this] { return ends_; });
  }
}

}  // namespace gatehouse::program
