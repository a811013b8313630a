#include <fmt/format.h>

#include <gatehouse/config/catalog.hpp>

#include "commands.hpp"

namespace gatehouse::program {

int version() {
  fmt::print("gatehouse {}\n", GATEHOUSE_VERSION);
  return exit_ok;
}

int print_catalog() {
  fmt::print("{}", catalog_markdown());
  return exit_ok;
}

int print_schema() {
  fmt::print("{}", config_schema());
  return exit_ok;
}

}  // namespace gatehouse::program
