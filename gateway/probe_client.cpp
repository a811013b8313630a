#include "probe_client.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse::program {
namespace {

constexpr std::string_view head_end = "\r\n\r\n";

class socket_owner {
 public:
  explicit socket_owner(const endpoint& to) : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (fd < 0) return;
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(to.port);
    // The last four bytes: an IPv4 address stands in its mapped form. The demo uses nothing else.
    std::memcpy(&at.sin_addr, to.address.bytes().data() + 12, sizeof(at.sin_addr));
    connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) == 0;
  }
  socket_owner(const socket_owner&) = delete;
  socket_owner& operator=(const socket_owner&) = delete;
  ~socket_owner() {
    if (fd >= 0) ::close(fd);
  }
  int fd;
  bool connected = false;
};

}  // namespace

answer ask(const endpoint& server, std::string_view request, milliseconds patience) {
  const socket_owner s(server);
  return s.connected ? ask(s.fd, request, patience) : answer{};
}

answer ask(int connected, std::string_view request, milliseconds patience) {
  answer out;
  const auto began = std::chrono::steady_clock::now();
  const auto so_far = [&] {
    return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
  };
  while (so_far() < patience && out.bytes.size() < max_answer) {
    // Both at once: a server that refuses early answers while we still send.
    const bool sending = !request.empty();
    pollfd p{.fd = connected, .events = static_cast<short>(sending ? POLLIN | POLLOUT : POLLIN), .revents = 0};
    if (::poll(&p, 1, static_cast<int>((patience - so_far()).count()) + 1) <= 0) break;
    if ((p.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
      char piece[16384];
      const ssize_t n = ::recv(connected, piece, sizeof(piece), MSG_DONTWAIT);
      out.closed = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
      if (out.closed) break;
      if (n > 0) out.bytes.append(piece, static_cast<std::size_t>(n));
    } else if (sending) {
      const ssize_t n = ::send(connected, request.data(), request.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n > 0) request.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  out.took = so_far();
  return out;
}

int answer::status() const noexcept {
  constexpr std::string_view begin = "HTTP/1.1 ";
  int number = 0;
  if (bytes.starts_with(begin)) std::from_chars(bytes.data() + begin.size(), bytes.data() + bytes.size(), number);
  return number;
}

int answer::responses() const noexcept {
  int count = 0;
  for (auto at = bytes.find("HTTP/1.1 "); at != std::string::npos; at = bytes.find("HTTP/1.1 ", at + 1)) ++count;
  return count;
}

std::string_view answer::field(std::string_view name) const {
  std::string_view head = std::string_view(bytes).substr(0, bytes.find(head_end));
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(head.size(), line.size() + 2));
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && ascii::equal_ignoring_case(line.substr(0, colon), name)) {
      return ascii::trim(line.substr(colon + 1));
    }
  }
  return {};
}

std::string_view answer::content() const noexcept {
  const auto end = bytes.find(head_end);
  return end == std::string::npos ? std::string_view{} : std::string_view(bytes).substr(end + head_end.size());
}

}  // namespace gatehouse::program
