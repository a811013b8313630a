#pragma once

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gatehouse/config/load.hpp>

#include "commands.hpp"
#include "front_door.hpp"
#include "service_manager.hpp"

namespace gatehouse::program {

/// Takes over a changed configuration while the gateway runs: on SIGHUP, and when a file of it changes (also by a link
/// that is swapped, as Kubernetes does). On a thread of its own, so that no request waits for a disk. What is wrong
/// leaves everything as it was. On SIGUSR1 the log's file is opened again.
class reloader {
 public:
  /// `door` and `manager` outlive it; `running` is what runs. SIGHUP and SIGUSR1 are this object's while it lives: one
  /// of the process at a time.
  reloader(front_door& door, const service_manager& manager, run_options options, loaded_config running);
  reloader(const reloader&) = delete;
  reloader& operator=(const reloader&) = delete;
  ~reloader();

 private:
  void watch() noexcept;
  void watch_folders();
  [[nodiscard]] bool something_changed() noexcept;
  void reload(bool asked_for);
  /// False: it was refused, and nothing has changed.
  [[nodiscard]] bool take_over(loaded_config next);
  void refuse(const config_report& report);
  void say_what_needs_a_restart(const loaded_config& next);

  front_door& door_;
  const service_manager& manager_;
  run_options options_;
  loaded_config running_;
  std::optional<std::string> failed_text_{};  // what was refused last: said once
  int changes_ = -1;                          // inotify
  int wake_ = -1;                             // eventfd: a signal, or the end
  std::thread thread_{};
};

/// The keys whose values differ between two configurations and that only a restart takes over.
[[nodiscard]] std::vector<std::string> keys_that_need_a_restart(const gateway_config& running,
                                                                const gateway_config& next);

}  // namespace gatehouse::program
