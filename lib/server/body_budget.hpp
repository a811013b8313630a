#pragma once

#include <atomic>
#include <cstdint>

namespace gatehouse::body_budget {

/// What all buffered bodies of the process hold together. The only state that exchanges of different loops share here.
inline std::atomic<std::uint64_t>& used() noexcept {
  static std::atomic<std::uint64_t> bytes{0};
  return bytes;
}

/// Takes `more` bytes unless that would pass `total`.
[[nodiscard]] inline bool take(std::uint64_t more, std::uint64_t total) noexcept {
  std::uint64_t now = used().load(std::memory_order_relaxed);
  do {
    if (more > total || now > total - more) return false;
  } while (!used().compare_exchange_weak(now, now + more, std::memory_order_relaxed));
  return true;
}

inline void give_back(std::uint64_t bytes) noexcept { used().fetch_sub(bytes, std::memory_order_relaxed); }

}  // namespace gatehouse::body_budget
