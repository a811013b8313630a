#include <fmt/format.h>

#include "commands.hpp"

namespace gatehouse::program {

int version() {
  fmt::print("gatehouse {}\n", GATEHOUSE_VERSION);
  return exit_ok;
}

}  // namespace gatehouse::program
