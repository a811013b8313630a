#pragma once
// Range requests, RFC 9110 section 14. Pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse {

/// More in one request are ignored: nobody honest asks for many, and each would cost a part.
inline constexpr std::size_t max_byte_ranges = 10;

/// Positions of bytes, both included.
struct byte_range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  [[nodiscard]] constexpr std::uint64_t size() const noexcept { return last - first + 1; }
  friend constexpr bool operator==(const byte_range&, const byte_range&) noexcept = default;
};

/// What a Range field asks of a representation.
struct byte_ranges {
  enum class kind : unsigned char {
    ignored,        ///< not "bytes", not valid, too many: answer as without it
    unsatisfiable,  ///< 416
    some,           ///< 206 of `all`
  };
  kind what = kind::ignored;
  std::array<byte_range, max_byte_ranges> all{};  ///< ascending; those that overlap or touch are joined
  std::size_t count = 0;
};

/// Reads the value of a Range field for a representation of `size` bytes.
[[nodiscard]] byte_ranges parse_byte_ranges(std::string_view value, std::uint64_t size) noexcept;

}  // namespace gatehouse
