#pragma once
// Where browsers send their reports: the answer, the count and the line in the log.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <gatehouse/server/access_log.hpp>
#include <gatehouse/server/call.hpp>
#include <gatehouse/server/metrics.hpp>

#include "browser_report.hpp"

namespace gatehouse::program {

/// How many requests are looked at in one second; the others are counted and no more.
inline constexpr std::uint64_t max_reports_per_second = 100;

/// Tells of reports in the log: one a second, and how many were passed over. Thread-safe.
class browser_report_log {
 public:
  explicit browser_report_log(access_log& to) noexcept : to_(&to) {}
  void tell(const browser_report& r);

 private:
  access_log* to_;
  std::atomic<std::int64_t> quiet_until_ms_{0};
  std::atomic<std::uint64_t> unsaid_{0};
};

/// Answers reports with 204, and counts them by kind and directive. Thread-safe.
class report_collector final : public handler {
 public:
  /// `told` is called for each report that was read, on the loop that read it: it must not block. May be empty.
  explicit report_collector(std::function<void(const browser_report&)> told = {});
  ~report_collector() override;

  [[nodiscard]] content_need wants(const exchange&) const noexcept override {
    return {.what = content_need::kind::buffered, .limit = max_report_bytes};
  }
  void handle(call& c) const noexcept override;
  /// gatehouse_browser_reports_total and gatehouse_browser_reports_dropped_total.
  void collect(std::vector<metric_family>& out) const;

 private:
  struct counts;
  std::unique_ptr<counts> counts_;
  std::function<void(const browser_report&)> told_;
};

}  // namespace gatehouse::program
