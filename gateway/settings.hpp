#pragma once

#include <gatehouse/config/load.hpp>

#include "commands.hpp"

namespace gatehouse::program {

/// File and flags together, judged and linted. A flag wins over the file.
[[nodiscard]] loaded_config load_settings(const run_options& options);

/// Prints every problem of the report, each as `file:line:column: error[code]: message`, and a count. To standard
/// error.
void print_problems(const config_report& report);
/// As above; returns exit_bad_input.
[[nodiscard]] int refuse_settings(const config_report& report);

}  // namespace gatehouse::program
