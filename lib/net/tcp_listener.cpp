#include "tcp_listener.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/base/internal_limits.hpp>

#include "plain_stream.hpp"

namespace gatehouse::detail::net {
namespace {

constexpr int backlog = 4096;  // the kernel takes net.core.somaxconn when that is less
constexpr milliseconds pause_without_descriptors{100};

/// Whether nothing can be accepted for a while; all else concerns only the connection that was about to come.
bool is_lasting(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

result<std::unique_ptr<listener>, int> tcp_listener::make(reactor& r, timer_wheel& timers, const endpoint& at,
                                                          bool share_port) {
  unique_fd fd = bind_socket(at, share_port);
  // Accepted sockets inherit TCP_NODELAY, which saves them a system call.
  if (!fd || !set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1) || ::listen(fd.get(), backlog) != 0) {
    return failure<int>{errno};
  }
  descriptor_ptr socket = r.make_descriptor();
  if (const int error = socket->watch(fd.take(), EPOLLIN); error != 0) return failure<int>{error};
  return std::unique_ptr<listener>(new tcp_listener(std::move(socket), timers));
}

tcp_listener::tcp_listener(descriptor_ptr socket, timer_wheel& timers)
    : socket_(std::move(socket)), timers_(timers), local_(local_endpoint(socket_->fd())) {
  socket_->owner(*this);
}

tcp_listener::~tcp_listener() { tcp_listener::close(); }

void tcp_listener::close() noexcept {
  if (gone_ != nullptr) *std::exchange(gone_, nullptr) = true;
  pause_.clear();
  socket_->close();
}

void tcp_listener::finish() noexcept {
  GATEHOUSE_ASSERT(gone_ == nullptr);
  // At most what the kernel's queue holds: who connects while this runs could keep it busy for ever.
  for (int left = backlog; left > 0 && owner_ != nullptr && socket_->fd() != -1; --left) {
    if (!accept_one()) break;
  }
  close();
}

void tcp_listener::start(acceptor_owner& owner) {
  owner_ = &owner;
  socket_->again();  // some may have come since the socket listens
}

void tcp_listener::on_ready(std::uint32_t) noexcept {
  if (owner_ == nullptr || socket_->fd() == -1 || pause_.is_set()) return;
  bool gone = false;
  gone_ = &gone;
  std::size_t round = 0;
  while (round < accepts_in_a_row && accept_one() && !gone) ++round;
  if (gone) return;
  gone_ = nullptr;
  if (round == accepts_in_a_row) socket_->again();
}

bool tcp_listener::accept_one() noexcept {
  socket_address peer;
  unique_fd fd(::accept4(socket_->fd(), peer.data(), peer.size(), SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd) {
    const int error = errno;
    if (error == EAGAIN) return false;
    if (!is_lasting(error)) return true;
    report_failure(error);
    return false;
  }
  descriptor_ptr socket = socket_->loop().make_descriptor();
  if (const int error = socket->watch(fd.take(), plain_stream::watched_events); error != 0) {
    report_failure(error);
    return false;
  }
  owner_->on_accept(plain_stream::make(std::move(socket), 0), peer.to_endpoint());
  return true;
}

void tcp_listener::report_failure(int error_number) noexcept {
  timers_.set(pause_, socket_->loop().now() + pause_without_descriptors);
  owner_->on_accept_failure(error_number);
}

}  // namespace gatehouse::detail::net
