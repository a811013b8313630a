#include "upstream_connection.hpp"

#include <mutex>
#include <utility>
#include <vector>

#include "upstream_pool.hpp"

namespace gatehouse::detail::proxy {
namespace {

/// Streams whose loop ended before anybody closed them (see loop_pulse): touching them would touch freed memory, so
/// they are kept until the process ends. Reachable, or a leak checker would take them for ours.
void bury(stream_ptr s) {
  static auto& all = *new std::vector<stream*>;
  static auto& busy = *new std::mutex;
  const std::scoped_lock lock(busy);
  all.push_back(s.release());
}

}  // namespace

void upstream_connection::open(stream_ptr s, const ip_address& address, stream_owner& user) noexcept {
  address_ = address;
  stream_ = std::move(s);
  stream_->owner(*this);
  user_ = &user;
  reused_ = false;
}

void upstream_connection::use(stream_owner& user) noexcept {
  clear();
  user_ = &user;
}

void upstream_connection::rest(timer_wheel& timers, steady_time until) noexcept {
  user_ = nullptr;
  reused_ = true;
  timers.set(*this, until);
  stream_->receive();
}

void upstream_connection::close() noexcept {
  clear();
  user_ = nullptr;
  stream_.reset();
}

void upstream_connection::forget() noexcept {
  user_ = nullptr;
  if (stream_ != nullptr) bury(std::move(stream_));
}

std::span<char> upstream_connection::receive_space() noexcept {
  return user_ != nullptr ? user_->receive_space() : std::span<char>{unwanted_};
}

// Whatever an idle upstream sends answers no request of ours: the next one must not get it (response queue poisoning).
void upstream_connection::on_received(std::size_t n) noexcept {
  if (user_ != nullptr) return user_->on_received(n);
  pool_.drop(*this);
}

void upstream_connection::on_end() noexcept {
  if (user_ != nullptr) return user_->on_end();
  pool_.drop(*this);
}

void upstream_connection::on_writable() noexcept {
  if (user_ != nullptr) user_->on_writable();
}

void upstream_connection::on_failure(int error_number) noexcept {
  if (user_ != nullptr) return user_->on_failure(error_number);
  pool_.drop(*this);
}

void upstream_connection::expired() noexcept { pool_.drop(*this); }

}  // namespace gatehouse::detail::proxy
