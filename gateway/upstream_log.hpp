#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/proxy/upstream_events.hpp>
#include <gatehouse/server/access_log.hpp>

namespace gatehouse::program {

/// Says in the log what happens behind the gateway. What an upstream that is down would repeat for each request is said
/// once in ten seconds, with a count.
class upstream_log final : public upstream_events {
 public:
  upstream_log(access_log& log, log_style style) noexcept : log_(&log), style_(style) {}

  void quiet(bool q) noexcept { quiet_.store(q, std::memory_order_relaxed); }

  void on_unreachable(const exchange& e, std::string_view address, int error_number,
                      std::string_view text) noexcept override;
  void on_error_replaced(const exchange& e, status answered, std::string_view body) noexcept override;
  void on_broken_response(const exchange& e, std::string_view address, reason why) noexcept override;
  void on_health_changed(std::string_view address, bool in_use, std::string_view text) noexcept override;
  void on_powered_by(std::string_view product) noexcept override;
  void on_page(const exchange& e) noexcept override;
  void on_untyped(const exchange& e) noexcept override;

 private:
  void say(log_level level, std::string_view event, std::string_view text, std::string_view id) noexcept;

  access_log* log_;
  log_style style_;
  std::atomic<bool> quiet_{false};
  std::atomic<std::int64_t> quiet_until_ms_{0};
  std::atomic<std::uint64_t> unsaid_{0};
};

/// The line of an error page that says what went wrong: of HTML its text, of a stack trace the first line. At most 200
/// bytes.
[[nodiscard]] std::string first_line(std::string_view body);

}  // namespace gatehouse::program
