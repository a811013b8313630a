#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gatehouse/config/gateway_routes.hpp>
#include <gatehouse/config/load.hpp>
#include <gatehouse/rules/state_registry.hpp>
#include <gatehouse/server/access_log.hpp>
#include <gatehouse/server/server.hpp>

#include "gateway_log.hpp"
#include "log_file.hpp"
#include "upstream_log.hpp"

namespace gatehouse::program {

/// A running gateway made from settings that were judged: what `run` and `demo` share.
class front_door {
 public:
  explicit front_door(const gateway_config& config);
  ~front_door();
  front_door(const front_door&) = delete;
  front_door& operator=(const front_door&) = delete;

  /// Builds rules and proxy and opens the listeners. Errors: what stands in the way, for people.
  [[nodiscard]] config_errors open();
  /// From any thread, after open(): what begins from now on is served as `config` says; of what needs a restart
  /// (catalog_entry::needs_restart) nothing is taken. Errors: then nothing has changed.
  [[nodiscard]] config_errors reload(const gateway_config& config);
  [[nodiscard]] const gateway_config& started_with() const noexcept { return config_; }
  /// "http://127.0.0.1:8080" of each listener, port 0 resolved.
  [[nodiscard]] std::vector<std::string> addresses() const;
  /// Serves until SIGINT, SIGTERM or stop(); then the log is whole.
  void run();
  void stop() noexcept;

  [[nodiscard]] access_log& log() noexcept { return log_; }
  [[nodiscard]] log_style style() const noexcept { return log_options_.style; }
  /// Opens log.file again, after it was renamed, and says so there. From any thread.
  void reopen_log();
  /// While it is set, exchanges and the upstream's troubles are not logged: the demo prints its table then.
  void quiet(bool q) noexcept {
    exchanges_.quiet(q);
    upstream_.quiet(q);
  }

 private:
  [[nodiscard]] gateway_routes::environment around() { return {.events = &upstream_, .in_container = in_container_}; }

  gateway_config config_;
  bool in_container_;
  log_file log_file_;
  access_log_options log_options_;
  access_log log_;
  gateway_log exchanges_;
  upstream_log upstream_;
  state_registry states_;
  std::unique_ptr<server> server_;
};

/// Whether this process runs in a container: "localhost" then is not what people mean.
[[nodiscard]] bool in_container();

}  // namespace gatehouse::program
