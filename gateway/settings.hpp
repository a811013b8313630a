#pragma once

#include <gatehouse/config/load.hpp>

#include "commands.hpp"

namespace gatehouse::program {

/// What `${NAME}` of a configuration stands for: the variables that the process was started with.
[[nodiscard]] const char* environment_variable(const char* name);

/// File and flags together, judged and linted. A flag wins over the file.
[[nodiscard]] loaded_config load_settings(const run_options& options);

/// HTTPS with this user's development certificate, made where it is missing, so that the first minute needs no other
/// command. Returns the file of its authority; empty, and reported, when there can be none.
std::string use_development_tls(loaded_config& loaded);

/// Prints every problem of the report, each as `file:line:column: error[code]: message`, and a count. To standard
/// error.
void print_problems(const config_report& report);
/// As above; returns exit_bad_input.
[[nodiscard]] int refuse_settings(const config_report& report);

}  // namespace gatehouse::program
