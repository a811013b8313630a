#pragma once

namespace gatehouse::program {

/// The whole program: reads the command line and runs the command. Returns the exit code; nothing is thrown.
int run_command_line(int count, const char* const* arguments);

}  // namespace gatehouse::program
