#pragma once

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

 private:
  void on_addresses(std::vector<ip_address> addresses) noexcept override;
  void on_ready(std::uint32_t events) noexcept override;
  void expired() noexcept override;

  /// Starts with the next address that does not fail at once. False when there is none left.
  [[nodiscard]] bool try_next() noexcept;
  /// Starts connecting; returns errno.
  [[nodiscard]] int start(const ip_address& address) noexcept;
  void give_up_address(int error_number) noexcept;
  void finish(connect_result r) noexcept;
  void finish_later(int error_number, bool name_not_found) noexcept;

  reactor& reactor_;
  timer_wheel& timers_;
  connect_owner& owner_;
  steady_time deadline_;
  std::uint16_t port_;
  std::vector<ip_address> addresses_{};  // those left, last first
  descriptor_ptr socket_;
  std::shared_ptr<const lookup> lookup_{};
  connect_result failure_{};  // what is reported when no address is left
  bool finishing_ = false;    // failure_ is to be reported as soon as the loop runs
};

}  // namespace gatehouse::detail::net
