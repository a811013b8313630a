#pragma once
// What browsers report: that a page broke a Content-Security-Policy, or that an opener or embedder policy kept
// something from it. docs/security-headers.md, "Reports".

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/result.hpp>

namespace gatehouse::program {

/// The longest content of a report, bytes: more is answered with 413.
inline constexpr std::uint64_t max_report_bytes = 64 * 1024;
/// How many are looked at in one request.
inline constexpr std::size_t max_reports_at_once = 32;

inline constexpr std::string_view other_directive = "other";  ///< one that is not known

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

}  // namespace gatehouse::program
