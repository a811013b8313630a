#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gatehouse/config/gateway_routes.hpp>
#include <gatehouse/config/load.hpp>
#include <gatehouse/rules/state_registry.hpp>
#include <gatehouse/server/access_log.hpp>
#include <gatehouse/server/decision_log.hpp>
#include <gatehouse/server/server.hpp>

#include "gateway_log.hpp"
#include "log_file.hpp"
#include "report_collector.hpp"
#include "side_listener.hpp"
#include "upstream_log.hpp"

namespace gatehouse::program {

/// Takeovers of a changed configuration. Thread-safe.
struct reload_counts {
  std::atomic<std::uint64_t> taken_over{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<bool> last_failed{false};
  std::atomic<std::int64_t> last_success{0};  ///< seconds since 1970; the start is one
};

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
  /// "http://127.0.0.1:8080" of each listener, port 0 resolved; "https://" with [tls].
  [[nodiscard]] std::vector<std::string> addresses() const;
  /// As addresses(), of tls.redirect_from; empty when the configuration has none.
  [[nodiscard]] std::vector<std::string> redirect_addresses() const;
  /// As addresses(), of telemetry; empty when the configuration has none.
  [[nodiscard]] std::vector<std::string> telemetry_addresses() const;
  /// From any thread: whether a changed configuration could be taken over, for the metrics.
  void count_reload(bool taken_over) noexcept;
  /// Serves until SIGINT, SIGTERM or stop(); then the log is whole.
  void run();
  void stop() noexcept;
  /// Before open(): what is called once when a stop begins, however it came, with the time that it may take; must not
  /// block.
  void on_stopping(std::function<void(milliseconds)> told) { on_stopping_ = std::move(told); }
  /// From any thread, after open(): see server.
  void when_all_loops_answer(std::function<void()> then) { server_->when_all_loops_answer(std::move(then)); }

  [[nodiscard]] access_log& log() noexcept { return log_; }
  // What the admin listener shows: from any thread, after open() and as long as this lives.
  [[nodiscard]] const decision_log& decisions() const noexcept { return decisions_; }
  [[nodiscard]] connection_survey connections(std::size_t at_most, milliseconds patience) const {
    return server_->connections(at_most, patience);
  }
  /// The configuration in effect (policy_text): what was reloaded, and what only a restart takes over as it was.
  [[nodiscard]] std::string policy() const;
  /// Of the first listener.
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] log_style style() const noexcept { return log_options_.style; }
  /// Opens log.file again, after it was renamed, and says so there. From any thread.
  void reopen_log();
  /// While it is set, exchanges and the upstream's troubles are not logged: the demo prints its table then.
  void quiet(bool q) noexcept {
    exchanges_.quiet(q);
    upstream_.quiet(q);
  }

 private:
  [[nodiscard]] gateway_routes::environment around() {
    return {
        .events = &upstream_, .in_container = in_container_, .numbers = numbers_.get(), .reports = &browser_reports_};
  }
  [[nodiscard]] std::shared_ptr<const gateway_routes> serving() const;
  void serves(std::shared_ptr<const gateway_routes> routes);
  [[nodiscard]] std::vector<metric_family> metrics() const;
  [[nodiscard]] config_errors open_telemetry();
  [[nodiscard]] config_errors open_redirect();
  /// Whether requests for this host are answered here, as the configuration in use has it. From any thread.
  [[nodiscard]] bool answers_for(const authority& asked) const;
  /// Null without [tls].
  [[nodiscard]] result<std::shared_ptr<const tls_server>, config_errors> make_tls(const gateway_config& config);

  gateway_config config_;
  bool in_container_;
  log_file log_file_;
  access_log_options log_options_;
  access_log log_;
  decision_log decisions_;
  gateway_log exchanges_;
  upstream_log upstream_;
  browser_report_log report_log_{log_};
  report_collector browser_reports_{[this](const browser_report& r) { report_log_.tell(r); }};
  state_registry states_;
  std::shared_ptr<tls_ticket_keys> tickets_ = tls_ticket_keys::make();  // stay over reloads
  std::shared_ptr<route_numbers> numbers_;                              // null: nothing is counted
  std::function<void(milliseconds)> on_stopping_{};
  std::unique_ptr<server> server_;
  // For those who look from other threads; no loop takes it.
  mutable std::mutex serving_mutex_{};
  std::shared_ptr<const gateway_routes> serving_{};
  mutable std::mutex in_use_mutex_{};
  gateway_config in_use_;
  std::shared_ptr<const tls_server> tls_{};
  reload_counts reloads_{};
  std::unique_ptr<side_listener> redirect_{};
  std::unique_ptr<side_listener> telemetry_{};  // last: its thread looks at all of the above
};

/// Whether this process runs in a container: "localhost" then is not what people mean.
[[nodiscard]] bool in_container();

}  // namespace gatehouse::program
