#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include <gatehouse/base/ascii.hpp>

#include "admin_listener.hpp"
#include "commands.hpp"
#include "front_door.hpp"
#include "heartbeat.hpp"
#include "reloader.hpp"
#include "service_manager.hpp"
#include "settings.hpp"
#include "start_screen.hpp"

namespace gatehouse::program {
namespace {

int refuse_to_run(const config_errors& errors) {
  for (const config_error& e : errors) {
    fmt::print(stderr, "gatehouse: {}{}{}\n", e.message, e.suggestion.empty() ? "" : "\n  ", e.suggestion);
  }
  return exit_failed;
}

/// As one word of a shell, on one line.
std::string in_shell(const std::string& word) {
  constexpr auto is_plain = [](char c) { return ascii::is_alnum(c) || c == '.' || c == '_' || c == '-' || c == '/'; };
  if (std::ranges::all_of(word, is_plain)) return word;
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else if (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f') {
      out += c;
    }
  }
  return out + '\'';
}

/// What finds the admin listener again: the file says where it is, or it is where everybody looks.
std::string explain_command(const run_options& options, const loaded_config& settings) {
  const bool is_found = settings.config.admin.listen == "auto" || !options.file;
  return is_found ? "gatehouse explain" : "gatehouse explain -c " + in_shell(*options.file);
}

void announce(front_door& door, const loaded_config& settings) {
  const std::vector<std::string> addresses = door.addresses();
  // For scripts: alone on its line, on standard output, at once. Everything else is on standard error.
  for (const std::string& address : addresses) fmt::print("listening on {}\n", address);
  for (const std::string& address : door.redirect_addresses()) fmt::print("redirecting on {}\n", address);
  for (const std::string& address : door.telemetry_addresses()) fmt::print("telemetry on {}\n", address);
  std::fflush(stdout);
  if (door.style() == log_style::terminal) {
    door.log().screen(start_screen(settings, addresses));
    return;
  }
  door.log().note(log_level::info, "started", start_sentence(settings, addresses));
  for (const config_problem& p : settings.report.problems) {
    if (p.how_bad == severity::warning) door.log().note(log_level::warning, "exit-in-use", p.what.message);
  }
}

void announce_admin(front_door& door, const admin_listener& admin) {
  if (admin.address().empty()) return;
  door.log().note(log_level::info, "admin",
                  "gatehouse explain ID says why a request was refused; the admin API is on " + admin.address());
}

}  // namespace

int run(const run_options& options) {
  const loaded_config settings = load_settings(options);
  if (settings.report.errors() > 0) return refuse_settings(settings.report);

  service_manager manager = service_manager::from_environment();
  front_door door(settings.config);
  door.on_stopping([&manager](milliseconds at_most) { manager.stopping(at_most); });
  if (const config_errors errors = door.open(); !errors.empty()) return refuse_to_run(errors);
  admin_listener admin(settings.config.admin, door);
  if (const config_errors errors = admin.open(); !errors.empty()) return refuse_to_run(errors);
  if (!admin.address().empty()) door.log().explained_by(explain_command(options, settings));
  // Before anybody is told that we listen: a SIGHUP or a change that follows must not be missed.
  const reloader reloads(door, manager, options, settings);
  announce(door, settings);
  announce_admin(door, admin);
  manager.ready(fmt::format("listening on {}", fmt::join(door.addresses(), ", ")));
  const heartbeat beats(door, manager);
  door.run();
  return exit_ok;
}

}  // namespace gatehouse::program
