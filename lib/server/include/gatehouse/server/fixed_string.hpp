#pragma once

#include <cstddef>
#include <string_view>

namespace gatehouse {

/// Text as a template argument: path<"id">.
template <std::size_t Size>
struct fixed_string {
  char text[Size]{};
  consteval fixed_string(const char (&literal)[Size]) {  // NOLINT(google-explicit-constructor)
    for (std::size_t i = 0; i < Size; ++i) text[i] = literal[i];
  }
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {text, Size - 1}; }
};

}  // namespace gatehouse
