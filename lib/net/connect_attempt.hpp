#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/net/loop.hpp>
#include <gatehouse/net/timer_wheel.hpp>

#include "reactor.hpp"
#include "resolver.hpp"

namespace gatehouse::detail::net {

/// Finds the addresses of a host and tries one after the other.
class connect_attempt final : public connecting, private descriptor_owner, private lookup_owner, private deadline {
 public:
  connect_attempt(reactor& r, timer_wheel& timers, resolver& names, std::string_view host, std::uint16_t port,
                  milliseconds timeout, connect_owner& owner);
  /// To a Unix socket.
  connect_attempt(reactor& r, timer_wheel& timers, std::string_view path, milliseconds timeout, connect_owner& owner);

 private:
  void on_addresses(std::vector<ip_address> addresses) noexcept override;
  void on_ready(std::uint32_t events) noexcept override;
  void expired() noexcept override;

  /// Starts with the next address that does not fail at once. False when there is none left.
  [[nodiscard]] bool try_next() noexcept;
  /// Starts connecting; returns errno.
  [[nodiscard]] int start(const ip_address& address) noexcept;
  /// As above, with the Unix socket. EAGAIN: its queue is full.
  [[nodiscard]] int start_local() noexcept;
  /// Starts, or waits a little while the queue is full; returns errno.
  [[nodiscard]] int try_local() noexcept;
  void give_up_address(int error_number) noexcept;
  void finish(connect_result r) noexcept;
  void finish_later(int error_number, bool name_not_found) noexcept;

  reactor& reactor_;
  timer_wheel& timers_;
  connect_owner& owner_;
  steady_time deadline_;
  std::uint16_t port_ = 0;
  std::string path_{};                   // of a Unix socket; then there are no addresses
  ip_address address_{};                 // the one being tried
  std::vector<ip_address> addresses_{};  // those left, last first
  descriptor_ptr socket_;
  std::shared_ptr<const lookup> lookup_{};
  connect_result failure_{};  // what is reported when no address is left
  bool finishing_ = false;    // failure_ is to be reported as soon as the loop runs
};

}  // namespace gatehouse::detail::net
