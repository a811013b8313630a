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

}  // namespace

void system_random::fill(std::span<std::uint8_t> out) noexcept {
  // OPTIMIZATION: the sizes of ids, of which every request has some: known sizes need no call.
  constexpr std::integral_constant<std::size_t, 8> half_id;
  constexpr std::integral_constant<std::size_t, 16> id;
  if (out.size() == id && left_ >= id) return move_out(take(id), out.data(), id);
  if (out.size() == half_id && left_ >= half_id) return move_out(take(half_id), out.data(), half_id);
  fill_any(out);
}

void system_random::fill_any(std::span<std::uint8_t> out) noexcept {
  while (!out.empty()) {
    if (left_ == 0) {
      fill_from_kernel(buffer_);
      left_ = sizeof(buffer_);
    }
    const std::size_t size = std::min(left_, out.size());
    move_out(take(size), out.data(), size);
    out = out.subspan(size);
  }
}

/// The next `size` bytes, of which there are so many.
std::uint8_t* system_random::take(std::size_t size) noexcept {
  std::uint8_t* const from = buffer_ + (sizeof(buffer_) - left_);
  left_ -= size;
  return from;
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
