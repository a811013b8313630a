#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include <gatehouse/config/catalog.hpp>
#include <gatehouse/proxy/upstream_url.hpp>

#include "commands.hpp"
#include "new_file.hpp"
#include "settings.hpp"

namespace gatehouse::program {
int init(const init_options& options) {
  loaded_config loaded = default_config(options.file);
  loaded.config.upstream = {options.to};
  loaded.sources.replace("upstream", {.file = "--to"});
  judge_config(loaded);
  if (loaded.report.errors() > 0) return refuse_settings(loaded.report);

  const int failed = write_new_file(options.file, commented_template(options.to));
  if (failed != 0) {
    fmt::print(stderr, "gatehouse: {}: {}\n", options.file,
               failed == EEXIST
                   ? "there is such a file already, and init never overwrites; name another: gatehouse init other.toml"
                   : std::strerror(failed));
    return exit_failed;
  }
  fmt::print("wrote {}; now: gatehouse run -c {}\n", options.file, options.file);
  return exit_ok;
}

}  // namespace gatehouse::program
