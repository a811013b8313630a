#include "plain_stream.hpp"

#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <gatehouse/base/internal_limits.hpp>

namespace gatehouse::detail::net {
namespace {

constexpr std::size_t max_pieces = 8;

// OPTIMIZATION: recv(2) and send(2) as system calls. Those of the C library are cancellation points, which in a process
// with threads costs two atomic exchanges each; nothing of ours is ever cancelled.
#if defined(GATEHOUSE_THREAD_SANITIZER)  // which knows what a socket orders only from the C library's functions
ssize_t receive_bytes(int fd, std::span<char> out) noexcept { return ::recv(fd, out.data(), out.size(), 0); }
ssize_t send_bytes(int fd, const_bytes bytes) noexcept { return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
#else
ssize_t receive_bytes(int fd, std::span<char> out) noexcept {
  return ::syscall(SYS_recvfrom, fd, out.data(), out.size(), 0, nullptr, nullptr);
}
ssize_t send_bytes(int fd, const_bytes bytes) noexcept {
  return ::syscall(SYS_sendto, fd, bytes.data(), bytes.size(), MSG_NOSIGNAL, nullptr, 0);
}
#endif

/// At most `longest` bytes of `pieces`.
ssize_t send_pieces(int fd, std::span<const const_bytes> pieces, std::size_t longest) noexcept {
  if (pieces.size() == 1) return send_bytes(fd, pieces[0].substr(0, longest));
  std::array<iovec, max_pieces> vectors;
  std::transform(pieces.begin(), pieces.end(), vectors.begin(), [&longest](const_bytes piece) {
    const std::size_t size = std::min(piece.size(), longest);
    longest -= size;
    return iovec{.iov_base = const_cast<char*>(piece.data()), .iov_len = size};  // NOLINT: iovec serves both ways
  });
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = pieces.size();
  return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

std::size_t total_size(std::span<const const_bytes> pieces) noexcept {
  std::size_t sum = 0;
  for (const const_bytes piece : pieces) sum += piece.size();
  return sum;
}

}  // namespace

const std::uint32_t plain_stream::watched_events = EPOLLIN | EPOLLRDHUP;

stream_ptr plain_stream::make(descriptor_ptr socket, std::uint32_t events_seen) {
  return stream_ptr(new plain_stream(std::move(socket), events_seen));
}

plain_stream::plain_stream(descriptor_ptr socket, std::uint32_t events_seen) noexcept : socket_(std::move(socket)) {
  socket_->owner(*this);
  note(events_seen);
}

plain_stream::~plain_stream() {
  if (gone_ != nullptr) *gone_ = true;
}

void plain_stream::note(std::uint32_t events) noexcept {
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) hung_up_ = true;
  if (hung_up_ || (events & EPOLLIN) != 0) readable_ = true;
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) blocked_ = false;
}

void plain_stream::receive() noexcept {
  if (finished_) return;
  receiving_ = true;
  // Inside on_ready its loop goes on by itself.
  if (readable_ && gone_ == nullptr) socket_->again();
}

void plain_stream::on_ready(std::uint32_t events) noexcept {
  note(events);
  bool gone = false;
  gone_ = &gone;
  if (awaiting_writable_ && !blocked_) {
    awaiting_writable_ = false;
    owner_->on_writable();
    if (gone) return;
  }
  for (std::size_t round = 0; receiving_ && readable_; ++round) {
    if (round == receives_in_a_row) {
      socket_->again();
      break;
    }
    receive_once();
    if (gone) return;
  }
  gone_ = nullptr;
}

void plain_stream::receive_once() noexcept {
  std::span<char> space = owner_->receive_space();
  space = space.first(std::min(space.size(), max_received_at_once));
  if (space.empty()) return fail(ENOBUFS);
  const ssize_t n = receive_bytes(socket_->fd(), space);
  if (n <= 0) {
    if (n == 0) errno = 0;
    return on_nothing_received();
  }
  const auto size = static_cast<std::size_t>(n);
  // OPTIMIZATION: a short read empties the socket, and what comes later raises a new edge; so there is no need to ask
  // again until EAGAIN. A FIN or RST that is there already raises none, hence EPOLLRDHUP.
  if (size < space.size() && !hung_up_) readable_ = false;
  receiving_ = false;
  owner_->on_received(size);
}

void plain_stream::on_nothing_received() noexcept {
  const int error = errno;
  if (error == EINTR) return;
  if (error == EAGAIN) {  // a false alarm; the receive stays armed
    readable_ = false;
    hung_up_ = false;
    return;
  }
  if (error != 0) return fail(error);
  // A send that failed took the connection's error with it, and then a reset looks like an end here.
  if (lost_ != 0) return fail(lost_);
  receiving_ = false;
  finished_ = true;
  owner_->on_end();
}

void plain_stream::fail(int error_number) noexcept {
  receiving_ = false;
  awaiting_writable_ = false;
  finished_ = true;
  owner_->on_failure(error_number);
}

bool plain_stream::has_unread() const noexcept {
  int waiting = 0;
  return ::ioctl(socket_->fd(), FIONREAD, &waiting) == 0 && waiting > 0;
}

stream::send_result plain_stream::send(std::span<const const_bytes> pieces) noexcept {
  pieces = pieces.first(std::min(pieces.size(), max_pieces));
  const std::size_t wanted = total_size(pieces);
  if (wanted == 0) return {};
  const ssize_t n = send_pieces(socket_->fd(), pieces, max_sent_at_once);
  if (n < 0 && errno != EAGAIN && errno != EINTR) {
    lost_ = errno;
    return {.sent = 0, .error_number = lost_};
  }
  const std::size_t sent = n < 0 ? 0 : static_cast<std::size_t>(n);
  blocked_ = sent < std::min(wanted, max_sent_at_once);
  return {.sent = sent, .error_number = 0};
}

void plain_stream::want_writable() noexcept {
  awaiting_writable_ = true;
  if (!blocked_) return socket_->again();
  if (std::exchange(write_watched_, true)) return;
  // Registered only now, since most connections never block; registering reports at once what is ready already.
  if (socket_->rewatch(watched_events | EPOLLOUT) != 0) {
    write_watched_ = false;
    blocked_ = false;  // let the owner try, as good as can be done without memory for a watch
    socket_->again();
  }
}

void plain_stream::finish_sending() noexcept { ::shutdown(socket_->fd(), SHUT_WR); }

void plain_stream::abort() noexcept {
  receiving_ = false;
  awaiting_writable_ = false;
  finished_ = true;
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_->fd(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  socket_->close();
}

}  // namespace gatehouse::detail::net
