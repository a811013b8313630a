#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace gatehouse {

/// A number that one thread changes (a loop) and any thread reads. OPTIMIZATION: with one writer a change is a load and
/// a store; an atomic addition would lock the line.
class loop_counter {
 public:
  void add(std::uint64_t n = 1) noexcept { set(get() + n); }
  void subtract(std::uint64_t n = 1) noexcept { set(get() - n); }
  void set(std::uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What two threads write must not share a line of the cache.
inline constexpr std::size_t cache_line = 64;

}  // namespace gatehouse
