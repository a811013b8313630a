#pragma once

#include <sys/types.h>

#include <string>

#include <gatehouse/base/result.hpp>

#include "socket.hpp"

namespace gatehouse::detail::net {

/// The file of a Unix socket that listens: removed with this object, unless it is another one by then.
class local_socket_file {
 public:
  local_socket_file() noexcept = default;
  local_socket_file(std::string path, dev_t device, ino_t number) noexcept
      : path_(std::move(path)), device_(device), number_(number) {}
  local_socket_file(local_socket_file&& other) noexcept : local_socket_file() { swap(other); }
  local_socket_file& operator=(local_socket_file&& other) noexcept {
    swap(other);
    return *this;
  }
  ~local_socket_file() { remove(); }
  /// While the socket still listens: nobody else then takes the file for one that was left behind.
  void remove() noexcept;

 private:
  void swap(local_socket_file& other) noexcept;
  std::string path_{};
  dev_t device_ = 0;
  ino_t number_ = 0;
};

struct listening_local_socket {
  unique_fd fd{};
  local_socket_file file{};
};

/// A Unix stream socket that listens at `path`, for this user only (0600). What an earlier process left behind there is
/// removed; nothing else is. Errors: see loop::listen_local.
[[nodiscard]] result<listening_local_socket, int> listen_at_path(const std::string& path, int backlog);

}  // namespace gatehouse::detail::net
