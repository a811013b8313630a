// The hidden commands: what documents and packages are made of.
#include <fmt/format.h>

#include <gatehouse/config/catalog.hpp>

#include "commands.hpp"
#include "completions.hpp"
#include "manual.hpp"

namespace gatehouse::program {

int print_catalog() {
  fmt::print("{}", catalog_markdown());
  return exit_ok;
}

int print_schema() {
  fmt::print("{}", config_schema());
  return exit_ok;
}

int print_manual(std::string_view section, std::span<const described_command> commands) {
  if (section != "1" && section != "5") {
    fmt::print(stderr, "gatehouse: print-man {}: there are sections 1 and 5\n", section);
    return exit_bad_input;
  }
  fmt::print("{}", section == "1" ? program_manual(commands) : configuration_manual());
  return exit_ok;
}

int print_completions(std::string_view shell, std::span<const described_command> commands) {
  const auto text = completions(shell, commands);
  if (!text) {
    fmt::print(stderr, "gatehouse: print-completions {}: there are {}\n", shell, fmt::join(completion_shells, ", "));
    return exit_bad_input;
  }
  fmt::print("{}", *text);
  return exit_ok;
}

}  // namespace gatehouse::program
