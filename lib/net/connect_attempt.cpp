#include "connect_attempt.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include <gatehouse/base/ascii.hpp>

#include "plain_stream.hpp"
#include "socket.hpp"

namespace gatehouse::detail::net {
namespace {

constexpr std::size_t max_name = 253;  // RFC 1035 section 2.3.4, without the final dot

/// Addresses that need no resolver; last first.
std::vector<ip_address> known_addresses(std::string_view host) {
  if (const auto address = ip_address::parse(host)) return {*address};
  // RFC 6761 section 6.3: never asked of a resolver. Both, because servers that are told "localhost" may have picked
  // either.
  if (ascii::equal_ignoring_case(host, "localhost"))
    return {*ip_address::parse("127.0.0.1"), *ip_address::parse("::1")};
  return {};
}

bool may_be_looked_up(std::string_view host) noexcept {
  return !host.empty() && host.size() <= max_name && host.find('\0') == std::string_view::npos;
}

/// The error of a connection that epoll has spoken about; EINPROGRESS when it is not yet decided.
int outcome(int fd) noexcept {
  if (const int error = take_error(fd); error != 0) return error;
  return is_connected(fd) ? 0 : EINPROGRESS;
}

}  // namespace

}  // namespace gatehouse::detail::net

namespace gatehouse {

bool is_looked_up(std::string_view host) noexcept {
  return !ip_address::parse(host) && !ascii::equal_ignoring_case(host, "localhost");
}

}  // namespace gatehouse

namespace gatehouse::detail::net {

connect_attempt::connect_attempt(reactor& r, timer_wheel& timers, resolver& names, std::string_view host,
                                 std::uint16_t port, milliseconds timeout, connect_owner& owner)
    : reactor_(r),
      timers_(timers),
      owner_(owner),
      deadline_(r.now() + timeout),
      port_(port),
      socket_(r.make_descriptor()) {
  socket_->owner(*this);
  addresses_ = known_addresses(host);
  if (!addresses_.empty()) {
    if (!try_next()) finish_later(failure_.error_number, false);
    return;
  }
  if (!may_be_looked_up(host)) {
    finish_later(EHOSTUNREACH, true);
    return;
  }
  lookup_ = names.start(std::string(host), *this);
  timers_.set(*this, deadline_);
}

connect_attempt::connect_attempt(reactor& r, timer_wheel& timers, std::string_view path, milliseconds timeout,
                                 connect_owner& owner)
    : reactor_(r),
      timers_(timers),
      owner_(owner),
      deadline_(r.now() + timeout),
      path_(path),
      socket_(r.make_descriptor()) {
  socket_->owner(*this);
  if (const int error = try_local(); error != 0) finish_later(error, false);
}

void connect_attempt::on_addresses(std::vector<ip_address> addresses) noexcept {
  addresses_ = std::move(addresses);
  std::reverse(addresses_.begin(), addresses_.end());
  if (addresses_.empty()) return finish({.connection = nullptr, .error_number = EHOSTUNREACH, .name_not_found = true});
  if (!try_next()) finish(std::move(failure_));
}

bool connect_attempt::try_next() noexcept {
  while (!addresses_.empty()) {
    const auto left = static_cast<std::chrono::steady_clock::rep>(addresses_.size());
    const ip_address address = addresses_.back();
    addresses_.pop_back();
    address_ = address;
    failure_.error_number = start(address);
    if (failure_.error_number != 0) continue;
    // CHOICE: each address has an equal share of the time that is left, so that one that never answers does not keep
    // the next from being tried.
    const steady_time now = reactor_.now();
    timers_.set(*this, now + (deadline_ - now) / left);
    return true;
  }
  return false;
}

int connect_attempt::start(const ip_address& address) noexcept {
  unique_fd fd = open_socket(address);
  if (!fd || !set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1)) return errno;
  const socket_address to(endpoint{.address = address, .port = port_});
  if (::connect(fd.get(), to.data(), to.length()) != 0 && errno != EINPROGRESS) return errno;
  // Watched only now: an unconnected socket reports that it is hung up.
  const int error = socket_->watch(fd.take(), plain_stream::watched_events | EPOLLOUT);
  if (error != 0) socket_->close();
  return error;
}

int connect_attempt::try_local() noexcept {
  const int error = start_local();
  const steady_time now = reactor_.now();
  if (error == EAGAIN) {
    // connect(2) says EAGAIN and waits for nothing where TCP would keep knocking.
    timers_.set(*this, std::min(deadline_, now + timer_wheel::tick));
    return 0;
  }
  if (error == 0) timers_.set(*this, deadline_);
  return error;
}

int connect_attempt::start_local() noexcept {
  const auto to = local_address::make(path_);
  if (!to) return ENAMETOOLONG;
  unique_fd fd = open_local_socket();
  if (!fd) return errno;
  if (::connect(fd.get(), to->data(), to->length()) != 0) return errno;
  const int error = socket_->watch(fd.take(), plain_stream::watched_events | EPOLLOUT);
  if (error != 0) socket_->close();
  return error;
}

void connect_attempt::on_ready(std::uint32_t events) noexcept {
  if (socket_->fd() == -1) {
    if (std::exchange(finishing_, false)) finish(std::move(failure_));
    return;
  }
  const int error = outcome(socket_->fd());
  if (error == EINPROGRESS) return;
  if (error != 0) return give_up_address(error);
  if (path_.empty() && is_connected_to_itself(socket_->fd())) return give_up_address(ECONNREFUSED);
  finish({.connection = plain_stream::make(std::move(socket_), events), .error_number = 0, .address = address_});
}

void connect_attempt::expired() noexcept {
  const bool queue_was_full = !path_.empty() && socket_->fd() == -1;
  if (!queue_was_full || reactor_.now() >= deadline_) return give_up_address(ETIMEDOUT);
  if (const int error = try_local(); error != 0) give_up_address(error);
}

void connect_attempt::give_up_address(int error_number) noexcept {
  socket_->close();
  failure_.error_number = error_number;
  const bool out_of_time = reactor_.now() >= deadline_;
  if (out_of_time || !try_next()) finish(std::move(failure_));
}

void connect_attempt::finish(connect_result r) noexcept {
  deadline::clear();
  lookup_.reset();
  owner_.on_connect(std::move(r));  // may destroy this
}

void connect_attempt::finish_later(int error_number, bool name_not_found) noexcept {
  failure_.error_number = error_number;
  failure_.name_not_found = name_not_found;
  finishing_ = true;
  socket_->again();
}

}  // namespace gatehouse::detail::net
