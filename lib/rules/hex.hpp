#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace gatehouse::detail::rules {

/// "00" to "ff". OPTIMIZATION: ids are written for every request.
inline constexpr auto hex_pairs = [] {
  std::array<char, 512> out{};
  for (std::size_t i = 0; i < 256; ++i) {
    out[2 * i] = "0123456789abcdef"[i >> 4];
    out[2 * i + 1] = "0123456789abcdef"[i & 0xf];
  }
  return out;
}();

inline void write_hex(std::uint8_t byte, char* to) noexcept {
  std::memcpy(to, hex_pairs.data() + std::size_t{2} * byte, 2);
}
/// Two characters a byte.
inline void write_hex(std::span<const std::uint8_t> bytes, char* to) noexcept {
  for (std::size_t i = 0; i < bytes.size(); ++i) write_hex(bytes[i], to + 2 * i);
}

}  // namespace gatehouse::detail::rules
