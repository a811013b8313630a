#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <gatehouse/config/difference.hpp>

#include "admin_client.hpp"
#include "admin_places.hpp"
#include "commands.hpp"
#include "settings.hpp"

namespace gatehouse::program {
namespace {

/// What stands for the running gateway's configuration where a file could stand. (A file of that name: "./running".)
constexpr const char* running_gateway = "running";

/// What `run` would use of the file, judged, without warnings; errors are printed.
loaded_config judged(const std::string& file) {
  loaded_config loaded = read_config_file(file, environment_variable);
  if (loaded.parsed) judge_config(loaded);
  std::erase_if(loaded.report.problems, [](const config_problem& p) { return p.how_bad == severity::warning; });
  print_problems(loaded.report);
  return loaded;
}

int say(const std::vector<config_difference>& all, const std::string& before, const std::string& after, bool json) {
  if (json) {
    fmt::print("{}\n", to_json(all, before, after));
  } else if (all.empty()) {
    fmt::print("{} does what {} does\n", after, before);
  } else {
    for (const config_difference& d : all) fmt::print("{}\n", to_text(d));
  }
  return all.empty() ? exit_ok : exit_failed;
}

int compare_files(const std::string& old_file, const std::string& new_file, bool json) {
  const loaded_config before = judged(old_file);
  const loaded_config after = judged(new_file);
  if (before.report.errors() + after.report.errors() > 0) return exit_bad_input;
  return say(differences(before.config, after.config), old_file, new_file, json);
}

/// What the one gateway that answers says of its configuration; nothing (and why, on standard error) unless it is one.
std::optional<std::string> running_policy(const admin_places& where) {
  std::optional<std::string> found;
  std::string trouble = where.trouble;
  for (const std::string& address : where.addresses) {
    const admin_answer got = ask_admin(address, "/policy", "application/toml", where.token);
    if (got.status == 200) {
      if (found) {
        fmt::print(stderr, "gatehouse: several gateways are running: --admin says which one is meant\n");
        return std::nullopt;
      }
      found = got.content;
    } else if (got.status == 0) {
      trouble = fmt::format("{}: {}", address, got.content);
    } else {
      trouble = fmt::format("{} answered with {}", address, got.status);
    }
  }
  if (!found) fmt::print(stderr, "gatehouse: {}\n", trouble);
  return found;
}

/// With the running gateway, flags that it was started with included. Its secrets are not shown, so they are not
/// compared.
int compare_with_running(const check_options& options) {
  const loaded_config after = judged(options.file);
  if (after.report.errors() > 0) return exit_bad_input;
  const auto policy = running_policy(admin_places_of(options.admin, after.config));
  if (!policy) return exit_bad_input;
  loaded_config before = read_config(*policy, running_gateway);
  std::vector<std::string> hidden;
  std::erase_if(before.report.problems, [&](const config_problem& p) {
    if (p.what.code != "hidden-value") return false;
    hidden.push_back(p.what.key);
    return true;
  });
  if (before.report.errors() > 0) {  // it is of a version that knows other keys
    print_problems(before.report);
    return exit_bad_input;
  }
  std::vector<config_difference> all = differences(before.config, after.config);
  std::erase_if(all, [&](const config_difference& d) { return std::ranges::find(hidden, d.key) != hidden.end(); });
  return say(all, "the running gateway", options.file, options.json);
}

}  // namespace

int check(const check_options& options) {
  if (options.compared_with == running_gateway) return compare_with_running(options);
  if (options.compared_with) return compare_files(*options.compared_with, options.file, options.json);
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
