#include "local_socket.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include <gatehouse/base/clock.hpp>

namespace gatehouse::detail::net {
namespace {

constexpr mode_t own_only = S_IRUSR | S_IWUSR;
// Another process that does the same holds the folder's lock for a moment; one that holds it for longer means ill.
constexpr milliseconds lock_pause{10};
constexpr int lock_attempts = 100;

struct split_path {
  std::string folder;
  std::string name;
};
split_path split(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

/// Whoever may rename files in the folder could put a socket of his own in our place: fails closed.
int judge_folder(int folder) noexcept {
  struct stat s{};
  if (::fstat(folder, &s) != 0) return errno;
  const bool others_write = (s.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (s.st_mode & S_ISVTX) == 0;
  const bool owner_is_trusted = s.st_uid == ::geteuid() || s.st_uid == 0;
  return others_write || !owner_is_trusted ? EPERM : 0;
}

int lock(int folder) noexcept {
  for (int i = 0; i < lock_attempts; ++i) {
    if (::flock(folder, LOCK_EX | LOCK_NB) == 0) return 0;
    if (errno != EWOULDBLOCK && errno != EINTR) return errno;
    std::this_thread::sleep_for(lock_pause);
  }
  return EBUSY;
}

/// Whether a socket that is there still has somebody who listens: 0 if nobody.
int who_listens(const local_address& at) noexcept {
  const unique_fd probe = open_local_socket();
  if (!probe) return errno;
  if (::connect(probe.get(), at.data(), at.length()) == 0 || errno == EAGAIN) return EADDRINUSE;
  return errno == ECONNREFUSED || errno == ENOENT ? 0 : errno;
}

/// Removes a socket of ours that nobody listens on.
int clear(int folder, const std::string& name, const local_address& at) noexcept {
  struct stat s{};
  if (::fstatat(folder, name.c_str(), &s, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT ? 0 : errno;
  if (!S_ISSOCK(s.st_mode) || s.st_uid != ::geteuid()) return EEXIST;
  if (const int error = who_listens(at); error != 0) return error;
  return ::unlinkat(folder, name.c_str(), 0) == 0 || errno == ENOENT ? 0 : errno;
}

}  // namespace

void local_socket_file::swap(local_socket_file& other) noexcept {
  path_.swap(other.path_);
  std::swap(device_, other.device_);
  std::swap(number_, other.number_);
}

void local_socket_file::remove() noexcept {
  struct stat s{};
  if (!path_.empty() && ::lstat(path_.c_str(), &s) == 0 && s.st_dev == device_ && s.st_ino == number_) {
    ::unlink(path_.c_str());
  }
  path_.clear();
}

result<listening_local_socket, int> listen_at_path(const std::string& path, int backlog) {
  const auto at = local_address::make(path);
  if (!at || path.find('\0') != std::string::npos) return failure<int>{ENAMETOOLONG};
  const split_path parts = split(path);
  const unique_fd folder(::open(parts.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return failure<int>{errno};
  if (const int error = judge_folder(folder.get()); error != 0) return failure<int>{error};
  // Held until somebody listens: else two that start at once could each take the other's socket for one left behind.
  if (const int error = lock(folder.get()); error != 0) return failure<int>{error};
  if (const int error = clear(folder.get(), parts.name, *at); error != 0) return failure<int>{error};

  unique_fd fd = open_local_socket();
  // Linux gives the file the mode that the socket has when it is bound: at no time may others connect.
  if (!fd || ::fchmod(fd.get(), own_only) != 0 || ::bind(fd.get(), at->data(), at->length()) != 0) {
    return failure<int>{errno};
  }
  struct stat made{};
  if (::fstatat(folder.get(), parts.name.c_str(), &made, AT_SYMLINK_NOFOLLOW) != 0) return failure<int>{errno};
  local_socket_file file(path, made.st_dev, made.st_ino);
  if (::listen(fd.get(), backlog) != 0) return failure<int>{errno};
  return listening_local_socket{.fd = std::move(fd), .file = std::move(file)};
}

}  // namespace gatehouse::detail::net
