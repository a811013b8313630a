#pragma once
// What to write instead: for messages about configuration.

#include <span>
#include <string>
#include <string_view>

namespace gatehouse::detail::rules {

/// The option that was most likely meant, or the empty text when none is near. Case does not count.
[[nodiscard]] std::string_view nearest(std::string_view written, std::span<const std::string_view> options);
/// nearest() if there is one, else all: "a, b or c".
[[nodiscard]] std::string suggest(std::string_view written, std::span<const std::string_view> options);
[[nodiscard]] std::string one_of(std::span<const std::string_view> options);
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace gatehouse::detail::rules
