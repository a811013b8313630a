#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

namespace gatehouse::detail::server {

/// The latest messages of one thread, for others to look at: bounded, and the oldest make way. One writer, who never
/// waits and never fails; any number of readers, who copy what is there and leave out what is overwritten meanwhile.
///
/// Every word is an atomic, so nothing here is a data race. A reader that sees a word of a newer message than the one
/// it follows has acquired what the writer released with it, and so sees in `oldest_`, which the writer moves first,
/// that its message is gone.
class latest_ring {
 public:
  explicit latest_ring(std::size_t at_least_bytes)
      : size_(std::bit_ceil(at_least_bytes / sizeof(std::uint64_t))),
        words_(std::make_unique<std::atomic<std::uint64_t>[]>(size_)) {}

  /// The longest message that it takes.
  [[nodiscard]] std::size_t longest() const noexcept { return (size_ / 2 - 1) * sizeof(std::uint64_t); }

  /// The writer. At most longest() bytes.
  void put(std::span<const char> message) noexcept {
    const std::uint64_t begin = end_.load(std::memory_order_relaxed);
    const std::uint64_t end = begin + 1 + words_of(message.size());
    make_way(end);
    word(begin).store(message.size(), std::memory_order_release);
    for (std::uint64_t at = begin + 1; !message.empty(); ++at) {
      std::uint64_t value = 0;
      const std::size_t n = message.size() < sizeof(value) ? message.size() : sizeof(value);
      std::memcpy(&value, message.data(), n);
      word(at).store(value, std::memory_order_release);
      message = message.subspan(n);
    }
    end_.store(end, std::memory_order_release);
  }

  /// Any thread. Calls `look(std::span<const char>)` for each message that was put before this call and is still
  /// there, the oldest first. `copy`: longest() bytes to copy into.
  template <typename Look>
  void each(std::span<char> copy, const Look& look) const {
    const std::uint64_t end = end_.load(std::memory_order_acquire);
    for (std::uint64_t at = oldest_.load(std::memory_order_acquire); at < end;) {
      const std::uint64_t length = word(at).load(std::memory_order_acquire);
      // Believed only if the message is still there: what was overwritten is no length.
      if (!is_gone(at) && length <= copy.size()) copy_out(at + 1, copy.first(length));
      if (is_gone(at)) {
        at = oldest_.load(std::memory_order_acquire);
        continue;
      }
      if (length <= copy.size()) look(std::span<const char>{copy.first(length)});
      at += 1 + words_of(length);
    }
  }

 private:
  static std::uint64_t words_of(std::uint64_t bytes) noexcept {
    return (bytes + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
  }
  [[nodiscard]] std::atomic<std::uint64_t>& word(std::uint64_t at) const noexcept { return words_[at & (size_ - 1)]; }
  [[nodiscard]] bool is_gone(std::uint64_t at) const noexcept { return oldest_.load(std::memory_order_acquire) > at; }

  /// Gives up the oldest messages until [.., end) fits.
  void make_way(std::uint64_t end) noexcept {
    std::uint64_t oldest = oldest_.load(std::memory_order_relaxed);
    while (end - oldest > size_) oldest += 1 + words_of(word(oldest).load(std::memory_order_relaxed));
    oldest_.store(oldest, std::memory_order_relaxed);  // ordered by the release of each word that follows
  }

  void copy_out(std::uint64_t at, std::span<char> to) const noexcept {
    for (; !to.empty(); ++at) {
      const std::uint64_t value = word(at).load(std::memory_order_acquire);
      const std::size_t n = to.size() < sizeof(value) ? to.size() : sizeof(value);
      std::memcpy(to.data(), &value, n);
      to = to.subspan(n);
    }
  }

  std::size_t size_;  // words; a power of two
  std::unique_ptr<std::atomic<std::uint64_t>[]> words_;
  // In words since the beginning, [oldest_, end_). On a line of their own: readers look at them.
  alignas(64) std::atomic<std::uint64_t> oldest_{0};
  std::atomic<std::uint64_t> end_{0};
};

}  // namespace gatehouse::detail::server
