#include "head_scanner.hpp"

#include <algorithm>

#include "scan.hpp"

namespace gatehouse::detail::wire {
namespace {

/// RFC 9112 section 2.2: "a server [...] SHOULD ignore at least one empty line (CRLF) received prior to the
/// request-line". Exactly one here: old clients send one behind a POST's body, nobody sends more.
std::uint32_t start_of_head(std::span<const char> received, const head_bounds& bounds) noexcept {
  return bounds.leading_crlf && received.size() >= 2 && received[0] == '\r' && received[1] == '\n' ? 2 : 0;
}

head_scan scan_from(std::size_t from, std::span<const char> received, const head_bounds& bounds,
                    scan_progress& progress, head_lines& lines) noexcept {
  using kind = head_scan::kind;
  const char* const data = received.data();
  // Nothing behind the bound is looked at, so one big read and many small ones come to the same.
  const char* const end = data + std::min(received.size(), bounds.bytes);
  const kind at_end = received.size() >= bounds.bytes ? kind::too_large : kind::need_more;

  const char* next = data + from;
  while (true) {
    next = scan_best::control(next, end);
    const auto at = static_cast<std::size_t>(next - data);
    if (next == end || (*next == '\r' && next + 1 == end)) {
      progress = {.scanned = at, .lines = lines.count};
      return {at_end, at};
    }
    // RFC 9112 section 2.2 lets a recipient take a bare LF for a line ending; who does and who does not disagree about
    // where the head ends. A bare CR is to be refused anyway.
    if (*next == '\n') return {kind::bare_ending, at};
    if (*next != '\r') return {kind::control_byte, at};
    if (next[1] != '\n') return {kind::bare_ending, at};
    if (at == lines.start) return {kind::no_start_line, at};
    // Every line before this one ended in CR LF, so LF before CR is the empty line.
    if (data[at - 1] == '\n') return {kind::complete, at + 2};
    if (lines.count == bounds.lines) return {kind::too_many_lines, at};
    lines.ends[lines.count++] = static_cast<std::uint32_t>(at);
    next += 2;
  }
}

}  // namespace

head_scan scan_head(std::span<const char> received, const head_bounds& bounds, scan_progress& progress,
                    head_lines& lines) noexcept {
  lines.data = received.data();
  lines.start = start_of_head(received, bounds);
  lines.count = static_cast<std::uint32_t>(progress.lines);
  const std::size_t from = std::max<std::size_t>(progress.scanned, lines.start);
  const bool resumed = progress.lines != 0;
  const head_scan found = scan_from(from, received, bounds, progress, lines);
  if (!resumed || found.what == head_scan::kind::need_more) return found;
  lines.count = 0;
  return scan_from(lines.start, received, bounds, progress, lines);
}

}  // namespace gatehouse::detail::wire
