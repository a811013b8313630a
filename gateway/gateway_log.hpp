#pragma once

#include <atomic>

#include <gatehouse/server/access_log.hpp>
#include <gatehouse/server/decision_log.hpp>

namespace gatehouse::program {

/// The access log and the latest decisions, with what is said only once, and a switch for the time in which the demo
/// prints its table.
class gateway_log final : public exchange_log {
 public:
  gateway_log(access_log& to, decision_log& decisions) noexcept : to_(&to), decisions_(&decisions) {}
  void record(const exchange& e, const outcome& o) noexcept override;
  void quiet(bool q) noexcept { quiet_.store(q, std::memory_order_relaxed); }

 private:
  access_log* to_;
  decision_log* decisions_;
  std::atomic<bool> quiet_{false};
  std::atomic<bool> told_forwarding_{false};
};

/// How the configuration's "auto", "terminal" or "json" is understood on standard error.
[[nodiscard]] access_log_options log_options_for(std::string_view format);

}  // namespace gatehouse::program
