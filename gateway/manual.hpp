#pragma once

#include <span>
#include <string>

#include "described_command.hpp"

namespace gatehouse::program {

/// gatehouse(1), as man(7) source.
[[nodiscard]] std::string program_manual(std::span<const described_command> commands);
/// gatehouse.toml(5): every key of the catalog.
[[nodiscard]] std::string configuration_manual();

}  // namespace gatehouse::program
