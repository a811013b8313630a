#pragma once

#include <vector>

#include "described_command.hpp"

namespace gatehouse::program {

/// The whole program: reads the command line and runs the command. Returns the exit code; nothing is thrown.
int run_command_line(int count, const char* const* arguments);

/// The commands for people, in the order in which the help names them.
[[nodiscard]] std::vector<described_command> described_commands();

}  // namespace gatehouse::program
