#include "head_scanner.hpp"

#include <algorithm>
#include <bit>

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

/// Collects the lines of a head up to the byte that ends it, or that may not stand there.
class line_collector {
 public:
  line_collector(head_lines& lines, const head_bounds& bounds, const char* end) noexcept
      : lines_(lines), data_(lines.data), first_(lines.data + lines.start), end_(end), most_(bounds.lines) {}

  /// Returns where it stopped, or `end`.
  template <typename Scan>
  [[nodiscard]] const char* collect(const char* from) noexcept {
    if constexpr (marks_line_endings<Scan>) {
      constexpr auto block = static_cast<std::ptrdiff_t>(Scan::block);
      for (; end_ - from >= block; from += block) {
        if (const char* const stopped = judge(Scan::marks(from), from, Scan::block)) return stopped;
      }
      // The rest as the end of a block that begins in what was seen already, if there is so much before it.
      if (from != end_ && end_ - data_ >= block) {
        block_marks last = Scan::marks(end_ - block);
        const auto seen = static_cast<unsigned>(block - (end_ - from));
        last = {.controls = last.controls >> seen, .cr = last.cr >> seen, .lf = last.lf >> seen};
        const char* const stopped = judge(last, from, Scan::block - seen);
        return stopped == nullptr ? end_ : stopped;
      }
    }
    return for_each_control<Scan>(from, end_, [this](const char* at) { return accept(at); });
  }

 private:
  /// Of `size` bytes. Null: all of them were taken.
  [[nodiscard]] const char* judge(const block_marks& found, const char* from, std::size_t size) noexcept {
    if (found.controls == 0) return nullptr;
    return is_regular(found, from, size) ? take(found.cr, from) : look(found, from);
  }

  /// OPTIMIZATION: of a block in which every LF follows a CR and every CR is followed by LF, only the CRs need a look.
  [[nodiscard]] bool is_regular(const block_marks& found, const char* from, std::size_t size) const noexcept {
    const unsigned behind = from != first_ && from[-1] == '\r' ? 1 : 0;
    const unsigned last = 1U << (size - 1);
    if ((found.cr | found.lf) != found.controls || found.lf != (((found.cr & ~last) << 1) | behind)) return false;
    return (found.cr & last) == 0 || (from + size != end_ && from[size] == '\n');
  }

  /// Of a regular block. Null: all of it was taken.
  [[nodiscard]] const char* take(unsigned cr, const char* from) noexcept {
    for (; cr != 0; cr &= cr - 1) {
      const char* const at = from + std::countr_zero(cr);
      const bool is_empty_line = at == first_ || at[-1] == '\n';
      if (is_empty_line || lines_.count == most_) return at;
      lines_.ends[lines_.count++] = static_cast<std::uint32_t>(at - data_);
    }
    return nullptr;
  }

  [[nodiscard]] const char* look(const block_marks& found, const char* from) noexcept {
    for (unsigned left = found.controls; left != 0; left &= left - 1) {
      const char* const at = from + std::countr_zero(left);
      if (!accept(at)) return at;
    }
    return nullptr;
  }

  /// One control byte: the definition that the above must agree with.
  [[nodiscard]] bool accept(const char* next) noexcept {
    if (*next == '\n' && next != first_ && next[-1] == '\r') return true;  // the rest of a line ending
    const bool ends_line = *next == '\r' && next + 1 != end_ && next[1] == '\n' && next != first_ && next[-1] != '\n';
    if (!ends_line || lines_.count == most_) return false;
    lines_.ends[lines_.count++] = static_cast<std::uint32_t>(next - data_);
    return true;
  }

  head_lines& lines_;
  const char* const data_;
  const char* const first_;
  const char* const end_;
  const std::size_t most_;
};

template <typename Scan>
head_scan scan_from(std::size_t from, std::span<const char> received, const head_bounds& bounds,
                    scan_progress& progress, head_lines& lines) noexcept {
  const char* const data = received.data();
  // Nothing behind the bound is looked at, so one big read and many small ones come to the same.
  const char* const end = data + std::min(received.size(), bounds.bytes);
  const auto at_end = received.size() >= bounds.bytes ? head_scan::kind::too_large : head_scan::kind::need_more;

  const char* const stopped = line_collector(lines, bounds, end).collect<Scan>(data + from);
  const head_scan found = stopped == end ? head_scan{at_end, static_cast<std::size_t>(end - data)}
                                         : judge_control(stopped, data + lines.start, end, data, at_end);
  if (found.what == at_end) progress = {.scanned = found.at, .lines = lines.count};
  return found;
}

}  // namespace

template <typename Scan>
head_scan scan_head_by(std::span<const char> received, const head_bounds& bounds, scan_progress& progress,
                       head_lines& lines) noexcept {
  lines.data = received.data();
  lines.start = start_of_head(received, bounds);
  lines.count = static_cast<std::uint32_t>(progress.lines);
  const std::size_t from = std::max<std::size_t>(progress.scanned, lines.start);
  const bool resumed = progress.lines != 0;
  const head_scan found = scan_from<Scan>(from, received, bounds, progress, lines);
  if (!resumed || found.what == head_scan::kind::need_more) return found;
  lines.count = 0;
  return scan_from<Scan>(lines.start, received, bounds, progress, lines);
}

template head_scan scan_head_by<scan_bytes>(std::span<const char>, const head_bounds&, scan_progress&,
                                            head_lines&) noexcept;
template head_scan scan_head_by<scan_words>(std::span<const char>, const head_bounds&, scan_progress&,
                                            head_lines&) noexcept;
#if defined(__SSE2__)
template head_scan scan_head_by<scan_sse2>(std::span<const char>, const head_bounds&, scan_progress&,
                                           head_lines&) noexcept;
#endif

head_scan scan_head(std::span<const char> received, const head_bounds& bounds, scan_progress& progress,
                    head_lines& lines) noexcept {
  return scan_head_by<scan_best>(received, bounds, progress, lines);
}

}  // namespace gatehouse::detail::wire
