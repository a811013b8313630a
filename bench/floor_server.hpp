#pragma once
// The least that an HTTP/1 server can do: one thread, epoll, one recv and one send a request. It looks for the empty
// line that ends a head and reads nothing else of it. Not a server to use: epoll_floor.cpp measures it as the floor
// below all others, load.cpp has it as the API behind gateways.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

inline constexpr std::size_t max_head_bytes = 64 * 1024;
inline constexpr std::string_view end_of_head = "\r\n\r\n";

[[noreturn]] inline void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

inline std::string read_file(const char* name) {
  std::ifstream in{name, std::ios::binary};
  if (!in) give_up(name);
  return {std::istreambuf_iterator<char>{in}, {}};
}

inline void watch(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) give_up("epoll_ctl");
}

inline void send_without_delay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// A precomputed response. Its Date is renewed once a second, as the servers that we compare with do.
class canned_response {
 public:
  explicit canned_response(std::string bytes) : bytes_{std::move(bytes)} {
    const std::size_t field = bytes_.find("Date: ");
    if (field == std::string::npos) {
      std::fputs("the response has no Date\n", stderr);
      std::exit(1);
    }
    date_at_ = field + std::strlen("Date: ");
  }

  [[nodiscard]] std::string_view bytes() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec != second_) {
      second_ = now.tv_sec;
      tm parts{};
      gmtime_r(&second_, &parts);
      std::array<char, 30> text{};
      const std::size_t size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
      bytes_.replace(date_at_, size, text.data(), size);
    }
    return bytes_;
  }

 private:
  std::string bytes_;
  std::size_t date_at_ = 0;
  time_t second_ = 0;
};

class floor_server {
 public:
  explicit floor_server(std::string response) : response_{std::move(response)} {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) give_up("epoll_create1");
    listen_on_loopback();
    watch(epoll_, listener_);
  }
  floor_server(const floor_server&) = delete;
  floor_server& operator=(const floor_server&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int descriptor() const { return epoll_; }  // readable when serve() has something to do

  // Serves what is ready; waits up to `timeout_ms` for it, -1: for ever.
  void serve(int timeout_ms) {
    const int count = epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), timeout_ms);
    if (count < 0 && errno != EINTR) give_up("epoll_wait");
    for (int i = 0; i < count; ++i) {
      const int fd = events_[static_cast<std::size_t>(i)].data.fd;
      if (fd == listener_) {
        accept_one();
      } else {
        receive(fd);
      }
    }
  }

 private:
  void listen_on_loopback() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (listener_ < 0 || bind(listener_, generic, size) != 0 || listen(listener_, SOMAXCONN) != 0 ||
        getsockname(listener_, generic, &size) != 0) {
      give_up("listen");
    }
    port_ = ntohs(address.sin_port);
  }

  void accept_one() {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    send_without_delay(fd);
    if (begun_.size() <= static_cast<std::size_t>(fd)) begun_.resize(static_cast<std::size_t>(fd) + 1);
    watch(epoll_, fd);
  }

  void receive(int fd) {
    const ssize_t size = recv(fd, input_.data(), input_.size(), 0);
    if (size <= 0) {
      if (size == 0 || (errno != EAGAIN && errno != EINTR)) drop(fd);
      return;
    }
    std::string& begun = begun_[static_cast<std::size_t>(fd)];
    std::string_view unread{input_.data(), static_cast<std::size_t>(size)};
    if (!begun.empty()) {
      begun.append(unread);
      unread = begun;
    }
    for (std::size_t end; (end = unread.find(end_of_head)) != std::string_view::npos;) {
      unread.remove_prefix(end + end_of_head.size());
      const std::string_view answer = response_.bytes();
      if (send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(answer.size())) return drop(fd);
    }
    if (unread.size() > max_head_bytes) return drop(fd);
    if (!unread.empty() || !begun.empty()) begun = std::string{unread};
  }

  void drop(int fd) {
    begun_[static_cast<std::size_t>(fd)].clear();
    close(fd);
  }

  canned_response response_;
  int epoll_ = -1;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::array<epoll_event, 256> events_{};
  std::array<char, max_head_bytes> input_{};
  std::vector<std::string> begun_{};  // by descriptor: a head of which only a part has arrived
};

}  // namespace bench
