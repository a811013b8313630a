#pragma once

#include <array>
#include <cstdint>

#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/net/stream.hpp>
#include <gatehouse/net/timer_wheel.hpp>

namespace gatehouse::detail::proxy {

class upstream_pool;

/// A connection to an upstream: used by one exchange, or idle in its pool and watched for its end. The object is
/// reused; it owns no buffer.
class upstream_connection final : private stream_owner, private deadline {
 public:
  explicit upstream_connection(upstream_pool& pool) noexcept : pool_(pool) {}
  upstream_connection(const upstream_connection&) = delete;
  upstream_connection& operator=(const upstream_connection&) = delete;

  [[nodiscard]] gatehouse::stream& stream() noexcept { return *stream_; }
  /// Whether it has carried an exchange before: then the upstream may have closed it while a request was on its way.
  [[nodiscard]] bool reused() const noexcept { return reused_; }

 private:
  friend class upstream_pool;
  void open(stream_ptr s, const ip_address& address, stream_owner& user) noexcept;
  void use(stream_owner& user) noexcept;
  void rest(timer_wheel& timers, steady_time until) noexcept;
  void close() noexcept;
  void forget() noexcept;

  // Of the stream: to the user, or, while idle, whatever happens ends the connection.
  std::span<char> receive_space() noexcept override;
  void on_received(std::size_t n) noexcept override;
  void on_end() noexcept override;
  void on_writable() noexcept override;
  void on_failure(int error_number) noexcept override;
  void expired() noexcept override;

  upstream_pool& pool_;
  stream_ptr stream_{};
  ip_address address_{};          // which of the host's
  stream_owner* user_ = nullptr;  // null: idle
  upstream_connection* newer_ = nullptr;
  upstream_connection* older_ = nullptr;
  bool reused_ = false;
  std::array<char, 16> unwanted_{};  // where bytes go that nobody asked for
};

}  // namespace gatehouse::detail::proxy
