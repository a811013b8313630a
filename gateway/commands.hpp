#pragma once
// What each command can be told, and the command itself: one file each. All return the program's exit code.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "described_command.hpp"

namespace gatehouse::program {

/// docs/configuration.md lists them; scripts depend on them.
enum exit_code : int {
  exit_ok = 0,        ///< done; `run`: stopped gracefully; `check`: nothing to say
  exit_failed = 1,    ///< it could not be done now (port in use); `check`: warnings
  exit_bad_input = 2  ///< the configuration or the command line is wrong
};

struct run_options {
  std::optional<std::string> file{};  ///< -c
  std::vector<std::string> to{};      ///< --to, any number
  std::vector<std::string> listen{};  ///< --listen, any number
};
int run(const run_options& options);

struct check_options {
  std::string file = "gatehouse.toml";
  bool json = false;
};
int check(const check_options& options);

struct init_options {
  std::string file = "gatehouse.toml";
  std::string to = "http://127.0.0.1:5000";
};
int init(const init_options& options);

struct demo_options {
  std::string listen = "127.0.0.1:8080";
  bool listen_given = false;  ///< else a free port is taken when that one is not
  bool once = false;          ///< end after the table
};
int demo(const demo_options& options);

int version();
/// The tables of docs/configuration.md on standard output; hidden, for tools/ and the test that compares.
int print_catalog();
/// gatehouse(1) or gatehouse.toml(5), and a shell's completions: hidden, for packages.
int print_manual(std::string_view section, std::span<const described_command> commands);
int print_completions(std::string_view shell, std::span<const described_command> commands);

}  // namespace gatehouse::program
