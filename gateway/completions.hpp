#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "described_command.hpp"

namespace gatehouse::program {

inline constexpr std::array<std::string_view, 3> completion_shells{"bash", "zsh", "fish"};

/// What makes a shell complete our commands, options and files. Nothing for a shell that is not of `completion_shells`.
[[nodiscard]] std::optional<std::string> completions(std::string_view shell,
                                                     std::span<const described_command> commands);

}  // namespace gatehouse::program
