#include "socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <gatehouse/net/loop.hpp>

namespace gatehouse::detail::net {

unique_fd::~unique_fd() {
  if (fd_ == -1) return;
  const int kept = errno;  // so that a caller can still say why it gives up
  ::close(fd_);
  errno = kept;
}

socket_address::socket_address(const endpoint& e) noexcept {
  const auto& bytes = e.address.bytes();
  if (e.address.is_v4()) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(e.port);
    std::memcpy(&in.sin_addr, bytes.data() + 12, 4);
    std::memcpy(&storage_, &in, sizeof(in));
    size_ = sizeof(in);
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(e.port);
    std::memcpy(&in.sin6_addr, bytes.data(), 16);
    std::memcpy(&storage_, &in, sizeof(in));
    size_ = sizeof(in);
  }
}

socket_address::socket_address(const sockaddr& address, socklen_t length) noexcept
    : size_(std::min(length, static_cast<socklen_t>(sizeof(storage_)))) {
  std::memcpy(&storage_, &address, size_);
}

endpoint socket_address::to_endpoint() const noexcept {
  if (storage_.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &storage_, sizeof(in));
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &in.sin_addr, bytes.size());
    return {.address = ip_address::v4(bytes), .port = ntohs(in.sin_port)};
  }
  if (storage_.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &storage_, sizeof(in));
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
    return {.address = ip_address::v6(bytes), .port = ntohs(in.sin6_port)};
  }
  return {};
}

std::optional<local_address> local_address::make(std::string_view path) noexcept {
  local_address out;
  if (path.empty() || path.size() >= sizeof(out.address_.sun_path)) return std::nullopt;  // its end is a NUL
  out.address_.sun_family = AF_UNIX;
  std::memcpy(out.address_.sun_path, path.data(), path.size());
  return out;
}

unique_fd open_local_socket() noexcept {
  return unique_fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

unique_fd open_socket(const ip_address& family) noexcept {
  return unique_fd(::socket(family.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

bool set_option(int fd, int level, int name, int value) noexcept {
  return ::setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

unique_fd bind_socket(const endpoint& at, bool share_port) noexcept {
  unique_fd fd = open_socket(at.address);
  if (!fd || !set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1)) return unique_fd();
  if (share_port && !set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1)) return unique_fd();
  if (at.address.is_v6() && !set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1)) return unique_fd();
  const socket_address address(at);
  if (::bind(fd.get(), address.data(), address.length()) != 0) return unique_fd();
  return fd;
}

endpoint local_endpoint(int fd) noexcept {
  socket_address address;
  return ::getsockname(fd, address.data(), address.size()) == 0 ? address.to_endpoint() : endpoint{};
}

int take_error(int fd) noexcept {
  int error = 0;
  socklen_t size = sizeof(error);
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

bool is_connected(int fd) noexcept {
  socket_address peer;
  return ::getpeername(fd, peer.data(), peer.size()) == 0;
}

bool is_connected_to_itself(int fd) noexcept {
  socket_address peer;
  return ::getpeername(fd, peer.data(), peer.size()) == 0 && peer.to_endpoint() == local_endpoint(fd);
}

}  // namespace gatehouse::detail::net

namespace gatehouse {

int probe_bind(const endpoint& at) noexcept {
  if (at.port == 0) return 0;
  return detail::net::bind_socket(at, false) ? 0 : errno;
}

}  // namespace gatehouse
