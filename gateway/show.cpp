#include <fmt/format.h>

#include <gatehouse/config/policy_text.hpp>

#include "commands.hpp"
#include "settings.hpp"

namespace gatehouse::program {

int show(const run_options& options) {
  const loaded_config settings = load_settings(options);
  if (settings.report.errors() > 0) return refuse_settings(settings.report);
  fmt::print("{}", policy_text(settings.config));
  return exit_ok;
}

}  // namespace gatehouse::program
