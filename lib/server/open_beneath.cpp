#include "open_beneath.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <cerrno>
#include <string_view>

namespace gatehouse::detail::server {
namespace {

constexpr int reading = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

opened_file opened(long fd) noexcept {
  if (fd < 0) return {.file = {}, .error_number = errno};
  return {.file = file_descriptor{static_cast<int>(fd)}, .error_number = 0};
}

}  // namespace

opened_file open_beneath(int root, const std::string& path) noexcept {
  open_how how{};
  how.flags = static_cast<unsigned>(reading);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  opened_file got = opened(syscall(SYS_openat2, root, path.empty() ? "." : path.c_str(), &how, sizeof how));
  // EPERM is what seccomp filters of container runtimes say to calls that they do not know.
  if (got.error_number == ENOSYS || got.error_number == EPERM) return open_without_links(root, path);
  return got;
}

opened_file open_without_links(int root, const std::string& path) noexcept {
  file_descriptor folder;
  int at = root;
  std::string_view left = path;
  while (true) {
    const std::size_t slash = left.find('/');
    const std::string segment{left.substr(0, slash)};
    if (segment == "..") return {.file = {}, .error_number = EXDEV};
    const bool last = slash == std::string_view::npos;
    const char* const name = segment.empty() ? "." : segment.c_str();
    // O_DIRECTORY with O_NOFOLLOW: a link to a directory is ENOTDIR.
    opened_file next = opened(
        openat(at, name, last ? reading | O_NOFOLLOW : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (last || !next.file) return next;
    folder = std::move(next.file);
    at = folder.get();
    left.remove_prefix(slash + 1);
  }
}

}  // namespace gatehouse::detail::server
