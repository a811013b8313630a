#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

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

}  // namespace

int init(const init_options& options) {
  loaded_config loaded = default_config(options.file);
  loaded.config.upstream = {options.to};
  loaded.sources.replace("upstream", {.file = "--to"});
  judge_config(loaded);
  if (loaded.report.errors() > 0) return refuse_settings(loaded.report);

  // O_EXCL: asking first and writing then would overwrite what came in between.
  const int file = ::open(options.file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0) {
    const bool there = errno == EEXIST;
    fmt::print(stderr, "gatehouse: {}: {}\n", options.file,
               there
                   ? "there is such a file already, and init never overwrites; name another: gatehouse init other.toml"
                   : std::strerror(errno));
    return exit_failed;
  }
  const bool written = write_all(file, commented_template(options.to));
  if (::close(file) != 0 || !written) {
    fmt::print(stderr, "gatehouse: {}: {}\n", options.file, std::strerror(errno));
    return exit_failed;
  }
  fmt::print("wrote {}; now: gatehouse run -c {}\n", options.file, options.file);
  return exit_ok;
}

}  // namespace gatehouse::program
