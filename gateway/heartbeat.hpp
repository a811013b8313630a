#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "front_door.hpp"
#include "service_manager.hpp"

namespace gatehouse::program {

/// Tells the service manager that we are alive, while it wants to hear it and only when every loop has answered: one
/// that hangs is a reason to be started anew.
class heartbeat {
 public:
  /// `door` (opened) and `manager` outlive it.
  heartbeat(front_door& door, const service_manager& manager);
  heartbeat(const heartbeat&) = delete;
  heartbeat& operator=(const heartbeat&) = delete;
  ~heartbeat();

 private:
  void beat();

  front_door& door_;
  const service_manager& manager_;
  std::mutex mutex_{};
  std::condition_variable wake_{};
  bool ends_ = false;
  std::thread thread_{};
};

}  // namespace gatehouse::program
