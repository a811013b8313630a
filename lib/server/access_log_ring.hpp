#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include <gatehouse/base/assert.hpp>

namespace gatehouse::detail::server {

/// Whole lines and records from one thread to another, in the order in which they were put: bounded, lock-free, never
/// blocking. One writer, one reader; both work on the bytes where they are, and nothing is copied.
///
/// Lines lie one behind the other with nothing between them, so that the reader takes as many as there are at once. A
/// record has a frame: a byte that no line has in it (JSON has no control characters), and its size.
class log_ring {
 public:
  explicit log_ring(std::size_t at_least)
      : size_(std::bit_ceil(at_least)), bytes_(std::make_unique_for_overwrite<char[]>(size_)) {}

  /// What the reader finds next: lines, or one record.
  struct piece {
    std::string_view bytes{};  ///< empty: there is nothing
    bool is_record = false;
  };
  static constexpr std::size_t frame = 1 + sizeof(std::uint32_t);

  /// Writer. Where the next line may be written, `longest` bytes; empty when there is no room. `longest`: at most half
  /// of the ring.
  [[nodiscard]] std::span<char> reserve_line(std::size_t longest) noexcept { return reserve(longest); }
  /// Writer. `size`: what was written of the space that reserve_line() returned last, at least 1; its last byte ends
  /// the line, and none of them is a control character but that.
  void commit_line(std::size_t size) noexcept { publish(size); }

  /// As reserve_line(), of any bytes; together with its frame at most half of the ring.
  [[nodiscard]] std::span<char> reserve_record(std::size_t longest) noexcept {
    const auto space = reserve(frame + longest);
    return space.empty() ? space : space.subspan(frame);
  }
  /// Writer. `size`: what was written of the space that reserve_record() returned last; at least 1.
  void commit_record(std::size_t size) noexcept {
    write_frame(reserved_, static_cast<std::uint32_t>(size));
    publish(frame + size);
  }

  /// Reader. Up to where there is something now: whoever reads up to there, and no further, is done at some time.
  [[nodiscard]] std::uint64_t end() const noexcept { return tail_.load(std::memory_order_acquire); }
  /// Reader. What is next before `tail`, which end() returned, where it is until release(). Of lines at most `most`
  /// bytes, or one of them.
  [[nodiscard]] piece peek(std::uint64_t tail, std::size_t most) noexcept {
    std::uint64_t head = head_.load(std::memory_order_relaxed);
    if (head == tail) return {};
    std::string_view here = contiguous(head, tail);
    if (here.front() == marker && framed_size(here) == nothing_here) {
      // The writer moves the tail behind what it puts, never only behind what it skips: there is more at the beginning.
      head += size_ - place(head);
      head_.store(head, std::memory_order_release);
      here = contiguous(head, tail);
    }
    if (here.front() == marker) return {.bytes = here.substr(frame, framed_size(here)), .is_record = true};
    // OPTIMIZATION: searched only where there may be one. Whoever sees the tail behind a marker sees this as well.
    if (last_marker_.load(std::memory_order_relaxed) >= head) here = here.substr(0, here.find(marker));
    if (here.size() <= most) return {.bytes = here};
    const auto last_end = most == 0 ? std::string_view::npos : here.rfind('\n', most - 1);
    return {.bytes = here.substr(0, (last_end == std::string_view::npos ? here.find('\n') : last_end) + 1)};
  }
  /// Reader. Lets go of what peek() returned.
  void release(const piece& taken) noexcept {
    head_.store(head_.load(std::memory_order_relaxed) + taken.bytes.size() + (taken.is_record ? frame : 0),
                std::memory_order_release);
  }

  [[nodiscard]] bool empty() const noexcept {
    return head_.load(std::memory_order_relaxed) == tail_.load(std::memory_order_seq_cst);
  }

 private:
  static constexpr char marker = '\x01';
  static constexpr std::uint32_t nothing_here = 0;  // in place of a record's size: skip the rest, up to the ring's end

  [[nodiscard]] std::span<char> reserve(std::size_t needed) noexcept {
    GATEHOUSE_ASSERT(needed <= size_ / 2);
    reserved_ = tail_.load(std::memory_order_relaxed);
    // What does not fit before the ring's end stands at its beginning.
    const std::uint64_t to_end = size_ - place(reserved_);
    const std::uint64_t skipped = to_end < needed ? to_end : 0;
    if (skipped + needed > size_ - (reserved_ - head_seen_)) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (skipped + needed > size_ - (reserved_ - head_seen_)) return {};
    }
    if (skipped != 0) write_frame(reserved_, nothing_here);
    reserved_ += skipped;
    return {bytes_.get() + place(reserved_), needed};
  }
  void publish(std::size_t size) noexcept {
    // Sequentially consistent, for the reader's way to sleep: see sleeper.
    tail_.store(reserved_ + size, std::memory_order_seq_cst);
  }

  [[nodiscard]] std::size_t place(std::uint64_t at) const noexcept { return at & (size_ - 1); }
  /// From `head` on, up to `tail` or the ring's end.
  [[nodiscard]] std::string_view contiguous(std::uint64_t head, std::uint64_t tail) const noexcept {
    return {bytes_.get() + place(head), std::min<std::uint64_t>(tail - head, size_ - place(head))};
  }
  /// Where the ring ends within a frame there can be no record.
  void write_frame(std::uint64_t at, std::uint32_t size) noexcept {
    last_marker_.store(at, std::memory_order_relaxed);
    char* const to = bytes_.get() + place(at);
    *to = marker;
    if (size_ - place(at) >= frame) std::memcpy(to + 1, &size, sizeof(size));
  }
  [[nodiscard]] static std::uint32_t framed_size(std::string_view framed) noexcept {
    std::uint32_t size = nothing_here;
    if (framed.size() >= frame) std::memcpy(&size, framed.data() + 1, sizeof(size));
    return size;
  }

  const std::size_t size_;
  std::unique_ptr<char[]> bytes_;
  // Each thread's own on a line of its own: the two would otherwise fight for one.
  alignas(64) std::atomic<std::uint64_t> head_{0};  // where is read next
  alignas(64) std::atomic<std::uint64_t> tail_{0};  // where is written next
  std::uint64_t head_seen_ = 0;                     // the writer's: `head_` is not before this
  std::uint64_t reserved_ = 0;                      // the writer's: where what is written begins
  std::atomic<std::uint64_t> last_marker_{0};       // where the writer put the last one; 0: perhaps none
};

}  // namespace gatehouse::detail::server
