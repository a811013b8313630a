#include "recording_upstream.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace gatehouse::test {
namespace {

constexpr std::chrono::seconds patience{10};

void set_option(int fd, int level, int name, int value) { ::setsockopt(fd, level, name, &value, sizeof value); }

void run(const std::function<void()>* f) {
  if (f != nullptr && *f) {
    (*f)();
  } else {
    ::poll(nullptr, 0, 1);
  }
}

}  // namespace

upstream_peer::upstream_peer(upstream_peer&& other) noexcept { *this = std::move(other); }

upstream_peer& upstream_peer::operator=(upstream_peer&& other) noexcept {
  if (this == &other) return *this;
  close();
  fd_ = std::exchange(other.fd_, -1);
  while_waiting_ = other.while_waiting_;
  received_ = std::move(other.received_);
  ended_ = other.ended_;
  reset_ = other.reset_;
  return *this;
}

bool upstream_peer::read() {
  std::array<char, 65536> buffer;
  const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (n > 0) {
    received_.append(buffer.data(), static_cast<std::size_t>(n));
    return true;
  }
  if (n == 0) ended_ = true;
  if (n < 0 && errno != EAGAIN) reset_ = true;
  return false;
}

void upstream_peer::wait(const char* for_what, const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (!ended() && read()) continue;
    if (done()) return;
    if (ended()) throw std::runtime_error(std::string("the connection ended before ") + for_what + ": " + received_);
    if (std::chrono::steady_clock::now() > end)
      throw std::runtime_error(std::string("no ") + for_what + ": " + received_);
    run(while_waiting_);
  }
}

std::string upstream_peer::take_until(std::string_view ending) {
  wait("end of a message", [&] { return received_.ends_with(ending); });
  return std::exchange(received_, {});
}

std::string upstream_peer::take(std::size_t size) {
  wait("so many bytes", [&] { return received_.size() >= size; });
  std::string rest = received_.substr(size);
  received_.resize(size);
  return std::exchange(received_, std::move(rest));
}

std::string upstream_peer::take_all() {
  while (read()) {
  }
  return std::exchange(received_, {});
}

std::string upstream_peer::take_to_end() {
  wait("end of the connection", [&] { return ended(); });
  return std::exchange(received_, {});
}

std::size_t upstream_peer::send_some(std::string_view text) {
  const ssize_t n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN) throw std::runtime_error("the upstream cannot send");
  return n < 0 ? 0 : static_cast<std::size_t>(n);
}

void upstream_peer::send(std::string_view text) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!text.empty()) {
    const std::size_t sent = send_some(text);
    text.remove_prefix(sent);
    if (sent == 0) run(while_waiting_);
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("nobody reads what the upstream sends");
  }
}

void upstream_peer::finish_sending() { ::shutdown(fd_, SHUT_WR); }

void upstream_peer::close() noexcept {
  if (fd_ != -1) ::close(std::exchange(fd_, -1));
}

void upstream_peer::reset() noexcept {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

recording_upstream::recording_upstream(std::function<void()> while_waiting, int receive_buffer)
    : while_waiting_(std::move(while_waiting)), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  set_option(fd_, SOL_SOCKET, SO_REUSEADDR, 1);
  if (receive_buffer != 0) set_option(fd_, SOL_SOCKET, SO_RCVBUF, receive_buffer);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* const address = reinterpret_cast<sockaddr*>(&at);
  if (::bind(fd_, address, size) != 0 || ::listen(fd_, 128) != 0 || ::getsockname(fd_, address, &size) != 0) {
    throw std::runtime_error("the upstream cannot listen");
  }
  port_ = ntohs(at.sin_port);
}

recording_upstream::~recording_upstream() { stop_listening(); }

void recording_upstream::stop_listening() noexcept {
  if (fd_ != -1) ::close(std::exchange(fd_, -1));
}

upstream_peer recording_upstream::accept() {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (true) {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd != -1) {
      set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
      return upstream_peer{fd, &while_waiting_};
    }
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("nobody connects to the upstream");
    run(&while_waiting_);
  }
}

bool recording_upstream::has_connection() {
  for (int i = 0; i < 10; ++i) run(&while_waiting_);
  pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, 0) == 1;
}

}  // namespace gatehouse::test
