#include <fmt/format.h>

#include <gatehouse/config/difference.hpp>

#include "commands.hpp"
#include "settings.hpp"

namespace gatehouse::program {
namespace {

/// What `run` would use of the file, judged, without warnings; errors are printed.
loaded_config judged(const std::string& file) {
  loaded_config loaded = read_config_file(file, environment_variable);
  if (loaded.parsed) judge_config(loaded);
  std::erase_if(loaded.report.problems, [](const config_problem& p) { return p.how_bad == severity::warning; });
  print_problems(loaded.report);
  return loaded;
}

int compare(const std::string& old_file, const std::string& new_file, bool json) {
  const loaded_config before = judged(old_file);
  const loaded_config after = judged(new_file);
  if (before.report.errors() + after.report.errors() > 0) return exit_bad_input;
  const std::vector<config_difference> all = differences(before.config, after.config);
  if (json) {
    fmt::print("{}\n", to_json(all, old_file, new_file));
  } else if (all.empty()) {
    fmt::print("{} does what {} does\n", new_file, old_file);
  } else {
    for (const config_difference& d : all) fmt::print("{}\n", to_text(d));
  }
  return all.empty() ? exit_ok : exit_failed;
}

}  // namespace

int check(const check_options& options) {
  if (options.compared_with) return compare(*options.compared_with, options.file, options.json);
  loaded_config loaded = read_config_file(options.file, environment_variable);
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
