#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include <gatehouse/base/assert.hpp>

namespace gatehouse::detail::server {

/// Messages of bytes from one thread to another: bounded, lock-free, never blocking. One writer, one reader. Each
/// message lies in one piece, so that both work on it where it is and nothing is copied.
class byte_ring {
 public:
  explicit byte_ring(std::size_t at_least)
      : size_(std::bit_ceil(at_least)), bytes_(std::make_unique_for_overwrite<char[]>(size_)) {}

  /// Writer. Where the next message may be written, `longest` bytes, aligned for any number; empty when there is no
  /// room. `longest`: at most half of the ring.
  [[nodiscard]] std::span<char> reserve(std::size_t longest) noexcept {
    const std::uint64_t needed = header + rounded(longest);
    GATEHOUSE_ASSERT(needed <= size_ / 2);
    reserved_ = tail_.load(std::memory_order_relaxed);
    // What does not fit before the ring's end stands at its beginning.
    const std::uint64_t to_end = size_ - place(reserved_);
    const std::uint64_t skipped = to_end < needed ? to_end : 0;
    if (skipped + needed > size_ - (reserved_ - head_seen_)) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (skipped + needed > size_ - (reserved_ - head_seen_)) return {};
    }
    if (skipped != 0) write_length(reserved_, nothing_here);
    reserved_ += skipped;
    return {bytes_.get() + place(reserved_) + header, longest};
  }
  /// Writer. `size`: what was written of the space that reserve() returned last; at least 1.
  void commit(std::size_t size) noexcept {
    write_length(reserved_, static_cast<std::uint32_t>(size));
    // Sequentially consistent, for the reader's way to sleep: see sleeper.
    tail_.store(reserved_ + header + rounded(size), std::memory_order_seq_cst);
  }

  /// Reader. The next message, where it is until release(); empty when there is none.
  [[nodiscard]] std::span<const char> peek() noexcept {
    std::uint64_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return {};
    if (length_at(head) == nothing_here) {
      // The writer moves the tail behind a message, never behind what it skips: there is one at the beginning.
      head += size_ - place(head);
      head_.store(head, std::memory_order_release);
    }
    return {bytes_.get() + place(head) + header, length_at(head)};
  }
  /// Reader. Lets go of what peek() returned; there was something.
  void release() noexcept {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    head_.store(head + header + rounded(length_at(head)), std::memory_order_release);
  }

  [[nodiscard]] bool empty() const noexcept {
    return head_.load(std::memory_order_relaxed) == tail_.load(std::memory_order_seq_cst);
  }

 private:
  // A length stands before each message, in a word of its own so that the message is aligned.
  static constexpr std::size_t header = sizeof(std::uint64_t);
  static constexpr std::uint32_t nothing_here = 0;  // the rest up to the ring's end

  [[nodiscard]] static constexpr std::size_t rounded(std::size_t n) noexcept {
    return (n + header - 1) & ~(header - 1);
  }
  [[nodiscard]] std::size_t place(std::uint64_t at) const noexcept { return at & (size_ - 1); }
  [[nodiscard]] std::uint32_t length_at(std::uint64_t at) const noexcept {
    std::uint32_t length = 0;
    std::memcpy(&length, bytes_.get() + place(at), sizeof(length));
    return length;
  }
  void write_length(std::uint64_t at, std::uint32_t length) noexcept {
    std::memcpy(bytes_.get() + place(at), &length, sizeof(length));
  }

  const std::size_t size_;
  std::unique_ptr<char[]> bytes_;
  // Each thread's own on a line of its own: the two would otherwise fight for one.
  alignas(64) std::atomic<std::uint64_t> head_{0};  // where the next message is read
  alignas(64) std::atomic<std::uint64_t> tail_{0};  // where the next one is written
  std::uint64_t head_seen_ = 0;                     // the writer's: `head_` is not before this
  std::uint64_t reserved_ = 0;                      // the writer's: where the message that is written begins
};

}  // namespace gatehouse::detail::server
