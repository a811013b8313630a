#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <gatehouse/config/catalog.hpp>
#include <gatehouse/proxy/upstream_url.hpp>

#include "commands.hpp"
#include "new_file.hpp"
#include "settings.hpp"

namespace gatehouse::program {
namespace {

int could_not(const std::string& file, std::string_view why) {
  fmt::print(stderr, "gatehouse: {}: {}\n", file, why);
  return exit_failed;
}

}  // namespace

int init(const init_options& options) {
  loaded_config loaded = default_config(options.file);
  loaded.config.upstream = {options.to};
  loaded.sources.replace("upstream", {.file = "--to"});
  judge_config(loaded);
  if (loaded.report.errors() > 0) return refuse_settings(loaded.report);

  if (const int failed = write_new_file(options.file, commented_template(options.to)); failed != 0) {
    return could_not(options.file, failed == EEXIST ? "there is such a file already, and init never overwrites; name "
                                                      "another: gatehouse init other.toml"
                                                    : std::strerror(failed));
  }
  // An older version's may be there: then editors know its keys.
  const std::string schema = std::filesystem::path(options.file).replace_filename(schema_file_name).string();
  const int schema_failed = write_new_file(schema, config_schema());
  if (schema_failed != 0 && schema_failed != EEXIST) return could_not(schema, std::strerror(schema_failed));
  fmt::print("wrote {}{}; now: gatehouse run -c {}\n", options.file,
             schema_failed == 0 ? " and " + schema + ", with which editors complete it" : "", options.file);
  return exit_ok;
}

}  // namespace gatehouse::program
