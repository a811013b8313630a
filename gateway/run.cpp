#include <cstdio>

#include <fmt/format.h>

#include "commands.hpp"
#include "front_door.hpp"
#include "reloader.hpp"
#include "settings.hpp"
#include "start_screen.hpp"

namespace gatehouse::program {
namespace {

void announce(front_door& door, const loaded_config& settings) {
  const std::vector<std::string> addresses = door.addresses();
  // For scripts: alone on its line, on standard output, at once. Everything else is on standard error.
  for (const std::string& address : addresses) fmt::print("listening on {}\n", address);
  std::fflush(stdout);
  if (door.style() == log_style::terminal) {
    door.log().screen(start_screen(settings, addresses));
    return;
  }
  door.log().note(log_level::info, "started", start_sentence(settings, addresses));
  for (const config_problem& p : settings.report.problems) {
    door.log().note(log_level::warning, "exit-in-use", p.what.message);
  }
}

}  // namespace

int run(const run_options& options) {
  const loaded_config settings = load_settings(options);
  if (settings.report.errors() > 0) return refuse_settings(settings.report);

  front_door door(settings.config);
  if (const config_errors errors = door.open(); !errors.empty()) {
    for (const config_error& e : errors) {
      fmt::print(stderr, "gatehouse: {}{}{}\n", e.message, e.suggestion.empty() ? "" : "\n  ", e.suggestion);
    }
    return exit_failed;
  }
  // Before anybody is told that we listen: a SIGHUP or a change that follows must not be missed.
  const reloader reloads(door, options, settings);
  announce(door, settings);
  door.run();
  return exit_ok;
}

}  // namespace gatehouse::program
