#pragma once

#include <string_view>

namespace gatehouse::program {

/// The help of a command, or of the program for an empty name. Short, and with examples to copy.
[[nodiscard]] std::string_view help_text(std::string_view command) noexcept;

}  // namespace gatehouse::program
