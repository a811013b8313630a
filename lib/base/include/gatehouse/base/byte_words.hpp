#pragma once
// Eight bytes at a time, on any machine: the questions that the searches of heads and values ask of a word.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace gatehouse::byte_words {

inline constexpr std::uint64_t ones = 0x0101010101010101;
inline constexpr std::uint64_t tops = 0x8080808080808080;

/// The eight bytes at `from`, in the machine's order.
[[nodiscard]] inline std::uint64_t load(const char* from) noexcept {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

/// As load(), the first byte in the lowest bits.
[[nodiscard]] inline std::uint64_t load_little(const char* from) noexcept {
  const std::uint64_t word = load(from);
  if constexpr (std::endian::native == std::endian::big) return __builtin_bswap64(word);
  return word;
}

/// The `size` bytes at `from`, fewer than eight, the first one in the lowest bits and zeros above the last. Reads no
/// others.
[[nodiscard]] inline std::uint64_t load_few(const char* from, std::size_t size) noexcept {
  if (size >= 4) {
    std::uint32_t first;
    std::uint32_t last;  // overlaps the first by what is missing
    std::memcpy(&first, from, sizeof first);
    std::memcpy(&last, from + size - sizeof last, sizeof last);
    if constexpr (std::endian::native == std::endian::big) {
      first = __builtin_bswap32(first);
      last = __builtin_bswap32(last);
    }
    return first | std::uint64_t{last} << (8 * (size - sizeof last));
  }
  if (size == 0) return 0;
  const auto at = [from](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(from[i])} << (8 * i); };
  return at(0) | at(size / 2) | at(size - 1);
}

// Of a word whose bytes are all below 0x80: the top bit of each byte that is so; the other bits are anything.
[[nodiscard]] constexpr std::uint64_t at_least(std::uint64_t word, unsigned char least) noexcept {
  return word + ones * (0x80U - least);
}
[[nodiscard]] constexpr std::uint64_t equal_to(std::uint64_t word, unsigned char byte) noexcept {
  return ~((word ^ (ones * byte)) + ones * 0x7f);
}
/// The top bits together: bit i is that of the i-th byte from below.
[[nodiscard]] constexpr unsigned gather_tops(std::uint64_t word) noexcept {
  // Byte k's bit is moved by 7 * (8 - k): to 56 + k. All other products are above the word or below these.
  return static_cast<unsigned>((((word & tops) >> 7U) * 0x0102040810204080) >> 56U);
}

/// Whether any byte is below 0x20 or 0x7f. Says yes for TAB as well; the bytes are then looked at one by one.
[[nodiscard]] constexpr bool may_have_control(std::uint64_t word) noexcept {
  const std::uint64_t low = (word - ones * 0x20) & ~word;
  const std::uint64_t not_delete = word ^ (ones * 0x7f);
  return ((low | ((not_delete - ones) & ~not_delete)) & tops) != 0;
}

[[nodiscard]] constexpr bool has(std::uint64_t word, char byte) noexcept {
  const std::uint64_t difference = word ^ (ones * static_cast<unsigned char>(byte));
  return ((difference - ones) & ~difference & tops) != 0;
}

}  // namespace gatehouse::byte_words
