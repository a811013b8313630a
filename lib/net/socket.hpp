#pragma once
// Sockets as the kernel has them, without the loop.

#include <sys/socket.h>
#include <sys/un.h>

#include <optional>
#include <string_view>
#include <utility>

#include <gatehouse/net/endpoint.hpp>

namespace gatehouse::detail::net {

/// A file descriptor that is closed unless it is given away.
class unique_fd {
 public:
  explicit unique_fd(int fd = -1) noexcept : fd_(fd) {}
  unique_fd(unique_fd&& other) noexcept : fd_(other.take()) {}
  unique_fd& operator=(unique_fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~unique_fd();
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] int take() noexcept { return std::exchange(fd_, -1); }
  explicit operator bool() const noexcept { return fd_ != -1; }

 private:
  int fd_;
};

/// An endpoint in the kernel's form.
class socket_address {
 public:
  socket_address() noexcept = default;
  explicit socket_address(const endpoint& e) noexcept;
  /// A copy of the first `length` bytes.
  socket_address(const sockaddr& address, socklen_t length) noexcept;
  [[nodiscard]] endpoint to_endpoint() const noexcept;

  [[nodiscard]] sockaddr* data() noexcept { return reinterpret_cast<sockaddr*>(&storage_); }
  [[nodiscard]] const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage_); }
  [[nodiscard]] socklen_t* size() noexcept { return &size_; }  ///< for the kernel to fill in
  [[nodiscard]] socklen_t length() const noexcept { return size_; }

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = sizeof(storage_);
};

/// The name of a Unix socket in the kernel's form.
class local_address {
 public:
  /// Null when the path is empty or too long for the kernel (107 bytes).
  [[nodiscard]] static std::optional<local_address> make(std::string_view path) noexcept;
  [[nodiscard]] const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&address_); }
  [[nodiscard]] socklen_t length() const noexcept { return sizeof(address_); }

 private:
  sockaddr_un address_{};
};

// These leave errno set when they fail.

/// A non-blocking TCP socket of the address's family, closed on exec.
[[nodiscard]] unique_fd open_socket(const ip_address& family) noexcept;
/// As above, a Unix stream socket.
[[nodiscard]] unique_fd open_local_socket() noexcept;
[[nodiscard]] bool set_option(int fd, int level, int name, int value) noexcept;
/// Bound with SO_REUSEADDR, and SO_REUSEPORT when `share_port`; IPv6 sockets never take IPv4 connections.
[[nodiscard]] unique_fd bind_socket(const endpoint& at, bool share_port) noexcept;

[[nodiscard]] endpoint local_endpoint(int fd) noexcept;
/// SO_ERROR: the pending error, read and forgotten.
[[nodiscard]] int take_error(int fd) noexcept;
/// Whether the other end of `fd` is known, that is, whether connecting succeeded.
[[nodiscard]] bool is_connected(int fd) noexcept;
/// Whether the socket is connected to itself, as happens to who connects to an unused local port of the range that the
/// kernel gives to clients.
[[nodiscard]] bool is_connected_to_itself(int fd) noexcept;

}  // namespace gatehouse::detail::net
