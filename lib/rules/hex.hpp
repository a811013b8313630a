#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace gatehouse::detail::rules {

/// "00" to "ff".
inline void write_hex(std::uint8_t byte, char* to) noexcept {
  constexpr auto digit = [](unsigned value) { return static_cast<char>(value < 10 ? '0' + value : 'a' + value - 10); };
  to[0] = digit(byte >> 4U);
  to[1] = digit(byte & 0xfU);
}

/// Two characters a byte. OPTIMIZATION: ids are written for every request, so eight bytes at a time.
template <std::size_t Size>
void write_hex(const std::array<std::uint8_t, Size>& bytes, char* to) noexcept {
  constexpr std::size_t step = 8;
  static_assert(Size % step == 0);
  using block = std::uint8_t __attribute__((vector_size(16)));
  for (std::size_t at = 0; at < Size; at += step) {
    block in{};
    std::memcpy(&in, bytes.data() + at, step);
    const block high = in >> 4;
    const block low = in & std::uint8_t{0xf};
    const block digits = __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    constexpr auto to_letters = static_cast<std::uint8_t>('a' - '0' - 10);
    const auto letters = reinterpret_cast<block>(digits > std::uint8_t{9});
    const block out = digits + std::uint8_t{'0'} + (letters & to_letters);
    std::memcpy(to + 2 * at, &out, sizeof out);
  }
}

}  // namespace gatehouse::detail::rules
