#pragma once

#include <string>
#include <utility>

#include <unistd.h>

namespace gatehouse::detail::server {

/// A descriptor that is closed with it.
class file_descriptor {
 public:
  file_descriptor() = default;
  explicit file_descriptor(int fd) noexcept : fd_(fd) {}
  file_descriptor(file_descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  file_descriptor& operator=(file_descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~file_descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct opened_file {
  file_descriptor file{};
  int error_number = 0;  ///< errno when nothing was opened
};

/// Opens `path`, relative to the directory `root` and never outside of it, whatever links and other processes do
/// meanwhile: the kernel resolves it with RESOLVE_BENEATH, which follows links that stay beneath. Where the kernel can
/// not (before Linux 5.6, or a sandbox without openat2), every link is refused instead. Never waits for the other end
/// of a pipe. An empty path is `root` itself.
[[nodiscard]] opened_file open_beneath(int root, const std::string& path) noexcept;

/// The second way, for tests: segment by segment, without any link.
[[nodiscard]] opened_file open_without_links(int root, const std::string& path) noexcept;

}  // namespace gatehouse::detail::server
