#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gatehouse/base/config_error.hpp>
#include <gatehouse/server/app.hpp>
#include <gatehouse/server/server.hpp>

namespace gatehouse::program {

/// A small API of the gateway's own beside its front door (telemetry, admin): an app of the library, so strict HTTP,
/// limits and security headers are on, with a loop and a thread of its own. Its handlers run there: of the front door
/// they touch only what is made for other threads.
class side_listener {
 public:
  /// `key`: the configuration's for the addresses, "telemetry.listen"; errors are reported under it.
  /// `own`: null takes those of a listener for operators, few connections and small bodies.
  side_listener(std::string key, app api, const limits* own = nullptr);
  side_listener(const side_listener&) = delete;
  side_listener& operator=(const side_listener&) = delete;
  ~side_listener();

  /// Opens `listen`, each as endpoint::parse takes it, or "unix:/path". Errors: what stands in the way, for people;
  /// nothing is open then.
  [[nodiscard]] config_errors open(const std::vector<std::string>& listen);
  /// "http://127.0.0.1:9081" of each, port 0 resolved, and "unix:/path"; after open().
  [[nodiscard]] std::vector<std::string> addresses() const;
  /// Serves from now on; after open().
  void start();
  /// Finishes what is running and returns when that has ended, or was cut off after a second. The destructor does it,
  /// too.
  void stop() noexcept;

 private:
  std::string key_;
  app api_;
  limits limits_;
  std::vector<std::string> paths_{};  // of Unix sockets
  std::unique_ptr<server> server_{};
  std::thread thread_{};
};

}  // namespace gatehouse::program
