#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/limits.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/net/endpoint.hpp>
#include <gatehouse/net/tls.hpp>
#include <gatehouse/server/call.hpp>
#include <gatehouse/server/metrics.hpp>

namespace gatehouse {

struct server_options {
  std::vector<endpoint> listen{};  ///< a public bind is only ever explicit
  /// Paths of Unix sockets, for this user only, served by the first loop. Here or in `listen` stands at least one.
  std::vector<std::string> listen_local{};
  /// Set: `listen` speaks TLS, and nothing else. (Unix sockets do not.)
  std::shared_ptr<const tls_server> tls{};
  gatehouse::limits limits{};
  unsigned threads = 0;                ///< 0: one a core; 1 to 256
  exchange_log* log = nullptr;         ///< borrowed; may be null
  std::vector<ip_range> uncapped{};    ///< peers exempt from the per-client connection cap: trusted proxies
  const time_source* clock = nullptr;  ///< borrowed; nullptr: the real one. Tests pass a virtual one.
  /// Set: requests are counted, for collect(); by the routes that the dispatchers' routers numbered with these.
  std::shared_ptr<const route_numbers> counted{};
  /// SIGTERM (after limits.shutdown_delay) and SIGINT stop gracefully; another one ends the delay, or cuts off.
  bool handle_signals = true;
  /// Called once, by the thread that stops it first (a signal does so on a loop), with the time that it may take from
  /// then on (limits.shutdown_delay, if that begins, and limits.shutdown_timeout): it must not block.
  std::function<void(milliseconds)> on_stopping{};
};

/// A connection, for an operator.
struct connection_summary {
  ip_address peer{};  ///< unspecified for a Unix socket
  std::uint16_t peer_port = 0;
  bool unix_socket = false;
  std::string_view state{};  ///< static: "idle", "head", "exchange"...
  milliseconds age{0};
  std::uint32_t requests = 0;  ///< begun so far
  // As they went over the socket, heads included.
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};
struct connection_survey {
  std::vector<connection_summary> connections{};
  std::uint64_t left_out = 0;    ///< above the bound
  std::size_t silent_loops = 0;  ///< did not answer in time
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
  /// From any thread, while it runs and was opened with TLS: connections that come from now on are secured with this;
  /// those that are open stay as they are.
  void secure_with(const std::shared_ptr<const tls_server>& next);
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

  // For whoever watches: from any thread, after open().
  /// Whether it accepts: since run(), and until a stop began (or its delay, limits.shutdown_delay).
  [[nodiscard]] bool is_accepting() const noexcept;
  /// Whether each loop comes to work that is given to it now, within this time. Waits for them, at most so long.
  [[nodiscard]] bool loops_answer(milliseconds within) const;
  /// Adds what was counted: requests (server_options::counted), connections, memory that has a bound.
  void collect(std::vector<metric_family>& out) const;
  /// While it runs: its connections, at most `at_most`. Each loop is asked for its own; one that does
  /// not answer within `patience` (a handler holds it) is left out and counted.
  [[nodiscard]] connection_survey connections(std::size_t at_most, milliseconds patience) const;

 private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

}  // namespace gatehouse
