#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/net/loop.hpp>
#include <gatehouse/net/tls_client.hpp>
#include <gatehouse/proxy/upstream_url.hpp>

#include "upstream_connection.hpp"
#include "upstream_counts.hpp"

namespace gatehouse::detail::proxy {

/// Counts the open connections of a loop and knows, from a deadline in its wheel, whether the loop still lives: `loop`
/// has no hook for its end, and closing a stream after it would touch freed memory.
class loop_pulse final : private deadline {
 public:
  explicit loop_pulse(loop& l) noexcept : loop_(l) {}
  void opened() noexcept {
    if (open_++ == 0) beat();
  }
  void closed() noexcept {
    if (--open_ == 0) clear();
  }
  [[nodiscard]] bool loop_is_gone() const noexcept { return open_ != 0 && !is_set(); }

 private:
  void beat() noexcept { loop_.timers().set(*this, loop_.now() + std::chrono::hours{1}); }
  void expired() noexcept override { beat(); }
  loop& loop_;
  std::size_t open_ = 0;
};

/// The connections of one loop to one upstream, under one policy of TLS. A name is looked up again while it is in use:
/// connections to an address that it has no more are not used again. Idle ones are used last in, first out, so that
/// those too many grow old and go.
class upstream_pool final : private resolve_owner {
 public:
  upstream_pool(loop& l, loop_pulse& pulse, upstream_url url, std::shared_ptr<const tls_client> tls = nullptr)
      : loop_(l),
        pulse_(pulse),
        url_(std::move(url)),
        tls_(std::move(tls)),
        sessions_(tls_ == nullptr ? nullptr : tls_sessions::make()),
        looked_up_(!url_.is_local() && is_looked_up(url_.host)) {}
  upstream_pool(const upstream_pool&) = delete;
  upstream_pool& operator=(const upstream_pool&) = delete;
  ~upstream_pool() {
    close_idle();
    counts_->open.set(0);
  }

  /// Whether its connections are made for this upstream, under this policy and no other one.
  [[nodiscard]] bool is_for(const upstream_url& url, const tls_client* tls) const noexcept {
    if (url_ != url || (tls_ == nullptr) != (tls == nullptr)) return false;
    return tls_ == nullptr || tls_->is_same(*tls);
  }
  [[nodiscard]] const std::shared_ptr<tls_sessions>& sessions() const noexcept { return sessions_; }
  [[nodiscard]] std::size_t open() const noexcept { return counts_->open.get(); }  ///< those being made included
  [[nodiscard]] std::size_t idle() const noexcept { return counts_->idle.get(); }
  [[nodiscard]] std::size_t in_use() const noexcept { return open() - idle(); }
  [[nodiscard]] const std::shared_ptr<pool_counts>& counts() const noexcept { return counts_; }

  /// The idle connection used last, for `user` now; null: there is none.
  [[nodiscard]] upstream_connection* take(stream_owner& user) noexcept;
  /// A place for a new one; false: there are `at_most` already. Then add(), or give_up() when no connection came of it.
  [[nodiscard]] bool reserve(std::uint32_t at_most) noexcept;
  [[nodiscard]] upstream_connection& add(stream_ptr s, const ip_address& address, stream_owner& user);
  void give_up() noexcept;

  struct keep {
    milliseconds at_most{};
    std::optional<seconds> upstream_says{};  ///< Keep-Alive: timeout
    std::uint32_t idle_at_most = 0;
  };
  /// After a whole exchange: idle from now on, or closed.
  void put_back(upstream_connection& c, const keep& k) noexcept;
  /// Closes it; it may be idle or in use.
  void drop(upstream_connection& c) noexcept;
  void close_idle() noexcept;
  /// The loop is gone, and with it what its streams stand on: lets go of them without touching them.
  void forget_all() noexcept;

 private:
  void on_resolved(std::span<const ip_address> addresses) noexcept override;
  void look_up_again() noexcept;
  [[nodiscard]] bool moved_away(const upstream_connection& c) const noexcept;
  void unlink(upstream_connection& c) noexcept;

  loop& loop_;
  loop_pulse& pulse_;
  upstream_url url_;
  std::shared_ptr<const tls_client> tls_;
  std::shared_ptr<tls_sessions> sessions_;  // that its handshakes left
  std::vector<std::unique_ptr<upstream_connection>> all_{};
  std::vector<upstream_connection*> unused_{};
  upstream_connection* newest_ = nullptr;  // of the idle ones
  upstream_connection* oldest_ = nullptr;
  std::shared_ptr<pool_counts> counts_ = std::make_shared<pool_counts>();
  bool looked_up_;                       // its host is a name
  std::vector<ip_address> addresses_{};  // that it has now; empty: not known
  steady_time look_up_at_{};
  std::unique_ptr<resolving> resolving_{};
};

/// How long an idle connection is kept: a second less than the upstream says it will (first_day.md), so that it is
/// never the one that closes while a request is on its way. Zero: not at all.
[[nodiscard]] milliseconds idle_time(milliseconds at_most, std::optional<seconds> upstream_says) noexcept;

}  // namespace gatehouse::detail::proxy
