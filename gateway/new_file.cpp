#include "new_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

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

int write_new_file(const std::string& path, std::string_view text) {
  // O_EXCL: asking first and writing then would overwrite what came in between.
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0) return errno;
  const int failed = write_all(file, text) ? 0 : errno;
  return ::close(file) != 0 && failed == 0 ? errno : failed;
}

}  // namespace gatehouse::program
