#pragma once
// How fuzz targets begin: the input before a guard page, and a property that must hold.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "guard_page.hpp"

namespace gatehouse::test {

/// Ends the process, which is what a fuzzer takes for a find.
inline void require(bool condition) {
  if (!condition) std::abort();
}

/// The input where reading one byte too far ends the process, until the next call; nothing when it is longer than any
/// text that these parsers are given.
inline std::optional<std::string_view> guarded_text(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 4096;
  if (size > longest) return std::nullopt;
  static guard_page page{longest};
  const auto placed = page.place({reinterpret_cast<const char*>(data), size});
  return std::string_view{placed.data(), placed.size()};
}

}  // namespace gatehouse::test
