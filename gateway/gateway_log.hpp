#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include <gatehouse/config/gateway_config.hpp>
#include <gatehouse/server/access_log.hpp>
#include <gatehouse/server/decision_log.hpp>

namespace gatehouse::program {

/// The access log and the latest decisions, with what is said only once, and a switch for the time in which the demo
/// prints its table.
class gateway_log final : public exchange_log {
 public:
  gateway_log(access_log& to, decision_log& decisions) noexcept : to_(&to), decisions_(&decisions) {}
  void record(const exchange& e, const outcome& o) noexcept override;
  void refused_handshake(const connection_info& from, tls_failure why, std::string_view particulars) noexcept override {
    if (!quiet_.load(std::memory_order_relaxed)) to_->refused_handshake(from, why, particulars);
  }
  void quiet(bool q) noexcept { quiet_.store(q, std::memory_order_relaxed); }

 private:
  void hint_at_cookies(const noted_cookies& of) noexcept;
  [[nodiscard]] bool is_first(std::string_view subject) noexcept;

  access_log* to_;
  decision_log* decisions_;
  std::atomic<bool> quiet_{false};
  std::atomic<bool> told_forwarding_{false};
  // Of what was hinted at: so many names, then no more. 0: free.
  std::array<std::atomic<std::uint64_t>, 32> told_{};
};

/// How the configuration's [log] is understood for a descriptor, standard error or a file.
[[nodiscard]] access_log_options log_options_for(const log_config& c, int descriptor);

}  // namespace gatehouse::program
