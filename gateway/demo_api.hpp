#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace gatehouse::program {

/// The sample API, running as a child process. Ends with this object, and with this process however that ends.
class demo_api {
 public:
  demo_api() = default;
  demo_api(const demo_api&) = delete;
  demo_api& operator=(const demo_api&) = delete;
  ~demo_api();

  /// Starts gatehouse-demo-api, which stands beside this program. Returns what went wrong, for people; nothing when it
  /// listens. Before any thread: it forks.
  [[nodiscard]] std::optional<std::string> start();
  [[nodiscard]] const std::string& address() const noexcept { return address_; }  ///< "127.0.0.1:41234"

 private:
  pid_t child_ = -1;
  std::string address_{};
};

}  // namespace gatehouse::program
