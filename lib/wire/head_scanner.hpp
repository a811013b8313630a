#pragma once
// Finds the lines of a head and its end. Line endings and control bytes are judged here, once, for requests and
// responses; what is between them is for request_line, status_line and field_line.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <gatehouse/base/limits.hpp>

namespace gatehouse::detail::wire {

/// The whole lines found so far, without their CR LF. Filled by a scan, not kept: the buffer may move.
struct head_lines {
  static constexpr std::size_t capacity = max_field_lines + 1;  // and the start line
  const char* data;
  std::uint32_t start;  ///< of the first line
  std::uint32_t count;
  std::array<std::uint32_t, capacity> ends;  ///< offsets of the CRs; only the first `count` are written

  [[nodiscard]] std::string_view line(std::size_t i) const noexcept {
    const std::uint32_t begin = i == 0 ? start : ends[i - 1] + 2;
    return {data + begin, ends[i] - begin};
  }
  /// Where the line after the last whole one begins.
  [[nodiscard]] std::uint32_t rest() const noexcept { return count == 0 ? start : ends[count - 1] + 2; }
};

/// Where a scan stopped, in the order of the bytes: whatever comes first decides, however they were split.
struct head_scan {
  enum class kind : std::uint8_t {
    need_more,
    complete,        ///< `at` is behind the empty line
    no_start_line,   ///< an empty line where the start line should be
    bare_ending,     ///< a CR without LF or a LF without CR
    control_byte,    ///< at `at`
    too_large,       ///< no end within `max_bytes`
    too_many_lines,  ///< `lines` holds those that were allowed
  };
  kind what = kind::need_more;
  std::size_t at = 0;
};

struct head_bounds {
  std::size_t bytes;
  std::size_t lines;  ///< start line included; at most head_lines::capacity
  bool leading_crlf;  ///< whether one empty line before the start line is skipped
};

/// What is remembered between calls: everything before `scanned` needs no second look.
struct scan_progress {
  std::size_t scanned = 0;
  std::size_t lines = 0;
};

/// Goes on at `progress`. On anything but need_more `lines` is complete: a head that arrived in pieces is scanned once
/// more then, so that the work stays linear (at most two looks at each byte) and no line offsets are kept between
/// calls.
[[nodiscard]] head_scan scan_head(std::span<const char> received, const head_bounds& bounds, scan_progress& progress,
                                  head_lines& lines) noexcept;

/// The same by one of the implementations of scan.hpp: tests compare them.
template <typename Scan>
[[nodiscard]] head_scan scan_head_by(std::span<const char> received, const head_bounds& bounds, scan_progress& progress,
                                     head_lines& lines) noexcept;

}  // namespace gatehouse::detail::wire
