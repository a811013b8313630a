#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <gatehouse/config/catalog.hpp>
#include <gatehouse/proxy/upstream_url.hpp>

#include "commands.hpp"
#include "settings.hpp"

namespace gatehouse::program {
namespace {

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(descriptor, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

enum class made : unsigned char { written, there_already, failed };

/// A new file; one that is there stays as it is. O_EXCL: asking first and writing then would overwrite what came in
/// between. `errno` says why it failed.
made write_new(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0) return errno == EEXIST ? made::there_already : made::failed;
  const bool written = write_all(file, text);
  return ::close(file) == 0 && written ? made::written : made::failed;
}

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

  switch (write_new(options.file, commented_template(options.to))) {
    case made::written: break;
    case made::there_already:
      return could_not(
          options.file,
          "there is such a file already, and init never overwrites; name another: gatehouse init other.toml");
    case made::failed: return could_not(options.file, std::strerror(errno));
  }
  // An older version's may be there: then editors know its keys.
  const std::string schema = std::filesystem::path(options.file).replace_filename(schema_file_name).string();
  const made schema_made = write_new(schema, config_schema());
  if (schema_made == made::failed) return could_not(schema, std::strerror(errno));
  fmt::print("wrote {}{}; now: gatehouse run -c {}\n", options.file,
             schema_made == made::written ? " and " + schema + ", with which editors complete it" : "", options.file);
  return exit_ok;
}

}  // namespace gatehouse::program
