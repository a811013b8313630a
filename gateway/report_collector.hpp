#pragma once
// What browsers report: that a page broke a Content-Security-Policy, or that an opener or embedder policy kept
// something from it. docs/security-headers.md, "Reports".

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/result.hpp>
#include <gatehouse/server/access_log.hpp>
#include <gatehouse/server/call.hpp>
#include <gatehouse/server/metrics.hpp>

namespace gatehouse::program {

/// The longest content of a report, bytes: more is answered with 413.
inline constexpr std::uint64_t max_report_bytes = 64 * 1024;
/// How many are looked at in one request, and in one second in all; the others are counted and no more.
inline constexpr std::size_t max_reports_at_once = 32;
inline constexpr std::uint64_t max_reports_per_second = 100;

/// One report, without what could be a secret or a person: of addresses only the origin, of the page only its path.
/// Whoever can send requests can send reports: nothing in it is known to be true.
struct browser_report {
  enum class kind : std::uint8_t { csp, coop, coep, other };
  kind what = kind::other;
  std::string directive{};  ///< of csp: its name ("script-src-elem"), or "other" for one that is not known
  std::string blocked{};    ///< "inline", "eval", …, an origin, a scheme ("data"), or "unknown"
  std::string page{};       ///< the path of the document, at most 256 bytes; may be empty
  bool enforced = false;    ///< it was forbidden, not only reported
};

/// Reads the content of a report, of application/csp-report or application/reports+json. Errors:
/// http.unsupported-media-type, http.bad-request (not JSON of that form). Reads max_reports_at_once of them.
[[nodiscard]] result<std::vector<browser_report>> read_browser_reports(std::string_view media_type,
                                                                       std::string_view content);

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
