#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/limits.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/net/endpoint.hpp>
#include <gatehouse/server/call.hpp>

namespace gatehouse {

struct server_options {
  std::vector<endpoint> listen{};  ///< at least one; a public bind is only ever explicit
  gatehouse::limits limits{};
  unsigned threads = 0;                ///< 0: one a core; 1 to 256
  exchange_log* log = nullptr;         ///< borrowed; may be null
  std::vector<ip_range> uncapped{};    ///< peers exempt from the per-client connection cap: trusted proxies
  const time_source* clock = nullptr;  ///< borrowed; nullptr: the real one. Tests pass a virtual one.
  bool handle_signals = true;          ///< SIGTERM and SIGINT stop gracefully; a second one at once
  /// Called once, by the thread that stops it first (a signal does so on a loop), with the limits.shutdown_timeout that
  /// begins then: it must not block.
  std::function<void(milliseconds)> on_stopping{};
};

/// Loops, listeners and connections around a dispatcher.
class server {
 public:
  server(server_options options, std::shared_ptr<const dispatcher> routes);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Opens the listeners. Errors: one config_error each ("listen": address in use, not ours, no permission), with
  /// errno's meaning in words.
  [[nodiscard]] result<void, config_errors> open();
  /// Where it really listens (port 0 resolved), after open().
  [[nodiscard]] const std::vector<endpoint>& listening() const noexcept;
  /// Serves until stopped; returns when every connection has ended or limits.shutdown_timeout passed.
  void run();
  /// From any thread, while it runs: what begins from now on is served by `routes`, and its connections wait with these
  /// limits; an exchange that runs ends with what it began with, and no connection is closed. Of the limits,
  /// head_bytes, target_bytes, connections and connections_per_client stay as they were.
  void serve(const std::shared_ptr<const dispatcher>& routes, const gatehouse::limits& l);
  /// From any thread: accept no more, finish what is running, close idle connections.
  void stop() noexcept;
  /// From any thread, after open(): calls `then` on a loop when each loop has come to it. While one hangs, or when one
  /// has ended, never.
  void when_all_loops_answer(std::function<void()> then);

  struct statistics {
    std::uint64_t connections_open = 0;
    std::uint64_t connections_total = 0;
    std::uint64_t connections_refused = 0;
  };
  [[nodiscard]] statistics stats() const noexcept;  ///< from any thread

 private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

}  // namespace gatehouse
