#include "log_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace gatehouse::program {
namespace {

/// A descriptor, or -1 and why.
int open_log(const std::string& path, std::string& why) {
  // Non-blocking: a pipe without a reader is refused here, not waited for.
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
  if (file < 0) {
    why = std::strerror(errno);
    return -1;
  }
  struct ::stat status{};
  if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode)) return file;
  ::close(file);
  why = "it is no file; without log.file the log goes to standard error";
  return -1;
}

}  // namespace

log_file::log_file(std::string path) : path_(std::move(path)), descriptor_(STDERR_FILENO) {
  if (path_.empty()) return;
  if (const int file = open_log(path_, problem_); file != -1) descriptor_ = file;
}

log_file::~log_file() {
  if (descriptor_ != STDERR_FILENO) ::close(descriptor_);
}

std::string log_file::reopen() {
  std::string why;
  const int file = open_log(path_, why);
  if (file == -1) return why;
  // In place of the old one, in one step: the number stays what the log's thread knows.
  if (::dup3(file, descriptor_, O_CLOEXEC) == -1) why = std::strerror(errno);
  ::close(file);
  return why;
}

}  // namespace gatehouse::program
