#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

namespace gatehouse::detail::server {

/// Messages of bytes from one thread to another: bounded, lock-free, never blocking. One writer, one reader.
class byte_ring {
 public:
  explicit byte_ring(std::size_t at_least)
      : size_(std::bit_ceil(at_least)), bytes_(std::make_unique_for_overwrite<char[]>(size_)) {}

  /// Writer. False: there is no room; nothing was put.
  bool put(std::span<const char> message) noexcept {
    const auto length = static_cast<std::uint32_t>(message.size());
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    const std::uint64_t used = tail - head_.load(std::memory_order_acquire);
    if (sizeof(length) + message.size() > size_ - used) return false;
    copy_in(tail, reinterpret_cast<const char*>(&length), sizeof(length));
    copy_in(tail + sizeof(length), message.data(), message.size());
    // Sequentially consistent, for the reader's way to sleep: see sleeper.
    tail_.store(tail + sizeof(length) + message.size(), std::memory_order_seq_cst);
    return true;
  }

  /// Reader. Copies the next message to `out`, which must hold the longest; returns its length, or 0 when there is
  /// none.
  std::size_t take(std::span<char> out) noexcept {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return 0;
    std::uint32_t length = 0;
    copy_out(head, reinterpret_cast<char*>(&length), sizeof(length));
    copy_out(head + sizeof(length), out.data(), length);
    head_.store(head + sizeof(length) + length, std::memory_order_release);
    return length;
  }

  [[nodiscard]] bool empty() const noexcept {
    return head_.load(std::memory_order_relaxed) == tail_.load(std::memory_order_seq_cst);
  }

 private:
  void copy_in(std::uint64_t at, const char* from, std::size_t n) noexcept {
    const std::size_t place = at & (size_ - 1);
    const std::size_t first = n < size_ - place ? n : size_ - place;
    std::memcpy(bytes_.get() + place, from, first);
    std::memcpy(bytes_.get(), from + first, n - first);
  }
  void copy_out(std::uint64_t at, char* to, std::size_t n) const noexcept {
    const std::size_t place = at & (size_ - 1);
    const std::size_t first = n < size_ - place ? n : size_ - place;
    std::memcpy(to, bytes_.get() + place, first);
    std::memcpy(to + first, bytes_.get(), n - first);
  }

  const std::size_t size_;
  std::unique_ptr<char[]> bytes_;
  // Each on its own line: the two threads would otherwise fight for one.
  alignas(64) std::atomic<std::uint64_t> head_{0};
  alignas(64) std::atomic<std::uint64_t> tail_{0};
};

}  // namespace gatehouse::detail::server
