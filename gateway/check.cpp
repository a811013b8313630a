#include <fmt/format.h>

#include "commands.hpp"
#include "settings.hpp"

namespace gatehouse::program {

int check(const check_options& options) {
  loaded_config loaded = read_config_file(options.file);
  if (loaded.parsed) {
    judge_config(loaded);
    lint_config(loaded);
  }
  if (options.json) {
    fmt::print("{}\n", to_json(loaded.report, options.file));
  } else if (loaded.report.problems.empty()) {
    fmt::print("{}: nothing to say\n", options.file);
  } else {
    print_problems(loaded.report);
  }
  if (loaded.report.errors() > 0) return exit_bad_input;
  return loaded.report.warnings() > 0 ? exit_failed : exit_ok;
}

}  // namespace gatehouse::program
