#include "admin_client.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include <gatehouse/proxy/upstream_url.hpp>

#include "probe_client.hpp"

namespace gatehouse::program {
namespace {

constexpr milliseconds patience{5'000};

/// A connected socket, or why there is none.
class connection {
 public:
  explicit connection(const upstream_url& to) { to.is_local() ? connect_local(to.path) : connect_tcp(to); }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] bool is_made() const noexcept { return why_.empty(); }
  [[nodiscard]] const std::string& why() const noexcept { return why_; }
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  void connect_local(const std::string& path) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    if (path.size() >= sizeof(at.sun_path)) {
      why_ = std::strerror(ENAMETOOLONG);
      return;
    }
    std::memcpy(at.sun_path, path.data(), path.size());
    (void)try_one(AF_UNIX, reinterpret_cast<const sockaddr*>(&at), sizeof(at));
  }

  void connect_tcp(const upstream_url& to) {
    addrinfo wanted{};
    wanted.ai_family = AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int failed = ::getaddrinfo(to.host.c_str(), std::to_string(to.port).c_str(), &wanted, &found);
        failed != 0) {
      why_ = ::gai_strerror(failed);
      return;
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, ::freeaddrinfo);
    for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
      if (try_one(a->ai_family, a->ai_addr, a->ai_addrlen)) return;
    }
  }

  bool try_one(int family, const sockaddr* at, socklen_t size) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // Linux: connect(2) waits no longer than a send may.
    const timeval wait{.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(patience).count(), .tv_usec = 0};
    const bool made = fd_ >= 0 && ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == 0 &&
                      ::connect(fd_, at, size) == 0;
    why_ = made ? "" : std::strerror(errno);
    return made;
  }

  int fd_ = -1;
  std::string why_{};
};

}  // namespace

admin_answer ask_admin(const std::string& address, std::string_view target, std::string_view media_type,
                       std::string_view token) {
  const auto to = upstream_url::parse(address, "--admin");
  if (!to) return {.content = to.error().front().message};
  const connection c(*to);
  if (!c.is_made()) return {.content = c.why()};
  const std::string authorization = token.empty() ? "" : fmt::format("Authorization: Bearer {}\r\n", token);
  const answer got = ask(c.fd(),
                         fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nAccept: {}\r\n{}Connection: close\r\n\r\n", target,
                                     to->authority(), media_type, authorization),
                         patience);
  if (got.status() == 0) return {.content = "it did not answer as an admin listener does"};
  return {.status = got.status(), .content = std::string{got.content()}};
}

}  // namespace gatehouse::program
