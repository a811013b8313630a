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

/// What a control byte means that is no ordinary line ending. `first` is where the start line begins.
head_scan judge_control(const char* next, const char* first, const char* end, const char* data,
                        head_scan::kind at_end) noexcept {
  using kind = head_scan::kind;
  const auto at = static_cast<std::size_t>(next - data);
  // RFC 9112 section 2.2 lets a recipient take a bare LF for a line ending; who does and who does not disagree about
  // where the head ends. A bare CR is to be refused anyway.
  if (*next == '\n') return {kind::bare_ending, at};
  if (*next != '\r') return {kind::control_byte, at};
  if (next + 1 == end) return {at_end, at};  // the next scan begins with it
  if (next[1] != '\n') return {kind::bare_ending, at};
  if (next == first) return {kind::no_start_line, at};
  // Every line before this one ended in CR LF, so LF before CR is the empty line.
  if (next[-1] == '\n') return {kind::complete, at + 2};
  return {kind::too_many_lines, at};
}

head_scan scan_from(std::size_t from, std::span<const char> received, const head_bounds& bounds,
                    scan_progress& progress, head_lines& lines) noexcept {
  const char* const data = received.data();
  const char* const first = data + lines.start;
  // Nothing behind the bound is looked at, so one big read and many small ones come to the same.
  const char* const end = data + std::min(received.size(), bounds.bytes);
  const auto at_end = received.size() >= bounds.bytes ? head_scan::kind::too_large : head_scan::kind::need_more;

  std::uint32_t count = lines.count;
  const char* const stopped = for_each_control<scan_best>(data + from, end, [=, &count, &lines](const char* next) {
    if (*next == '\n' && next != first && next[-1] == '\r') return true;  // the rest of a line ending
    const bool ends_line = *next == '\r' && next + 1 != end && next[1] == '\n' && next != first && next[-1] != '\n';
    if (!ends_line || count == bounds.lines) return false;
    lines.ends[count++] = static_cast<std::uint32_t>(next - data);
    return true;
  });
  lines.count = count;
  const head_scan found = stopped == end ? head_scan{at_end, static_cast<std::size_t>(end - data)}
                                         : judge_control(stopped, first, end, data, at_end);
  if (found.what == at_end) progress = {.scanned = found.at, .lines = count};
  return found;
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
