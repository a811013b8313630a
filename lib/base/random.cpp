#include <gatehouse/base/random.hpp>

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <type_traits>

#include <gatehouse/base/assert.hpp>

namespace gatehouse {
namespace {

/// getrandom(2) may be interrupted or return less for more than 256 bytes. Any other failure ends the process:
/// identifiers that can be guessed must not be served.
void fill_from_kernel(std::span<std::uint8_t> out) noexcept {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0) {
      GATEHOUSE_ASSERT(errno == EINTR);
      continue;
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

/// Once: what leaks later tells nothing about what was.
template <typename Size>
void move_out(std::uint8_t* from, std::uint8_t* to, Size size) noexcept {
  std::memcpy(to, from, size);
  std::memset(from, 0, size);
}

/// OPTIMIZATION: the sizes of ids, of which every request has some: known sizes need no call.
[[gnu::always_inline]] inline void hand_out(std::uint8_t* from, std::span<std::uint8_t> to) noexcept {
  switch (to.size()) {
    case 0: return;  // an empty span's address may be null
    case 8: return move_out(from, to.data(), std::integral_constant<std::size_t, 8>{});
    case 16: return move_out(from, to.data(), std::integral_constant<std::size_t, 16>{});
    default: return move_out(from, to.data(), to.size());
  }
}

}  // namespace

void system_random::fill(std::span<std::uint8_t> out) noexcept {
  if (out.size() > left_) [[unlikely]]
    out = fill_from_new(out);
  hand_out(buffer_ + (sizeof(buffer_) - left_), out);
  left_ -= out.size();
}

std::span<std::uint8_t> system_random::fill_from_new(std::span<std::uint8_t> out) noexcept {
  while (out.size() > left_) {
    hand_out(buffer_ + (sizeof(buffer_) - left_), out.first(left_));
    out = out.subspan(left_);
    fill_from_kernel(buffer_);
    left_ = sizeof(buffer_);
  }
  return out;
}

// SplitMix64 (Steele, Lea, Flood 2014).
void seeded_random::fill(std::span<std::uint8_t> out) noexcept {
  while (!out.empty()) {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t word = state_;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9U;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebU;
    word ^= word >> 31;
    const std::size_t size = std::min(sizeof(word), out.size());
    std::memcpy(out.data(), &word, size);
    out = out.subspan(size);
  }
}

}  // namespace gatehouse
