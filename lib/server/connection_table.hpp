#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/base/keyed_hash.hpp>
#include <gatehouse/base/limits.hpp>
#include <gatehouse/base/reason.hpp>

namespace gatehouse::detail::server {

/// Who holds how many connections, over all loops. Asked when a connection opens and closes, never for a request.
class connection_table {
 public:
  connection_table(const limits& l, std::vector<ip_range> uncapped, bool exempt_loopback, keyed_hash::key secret);

  /// Counts a new connection of this peer. Returns the reason it must be refused with, or none; close() must follow
  /// either way.
  [[nodiscard]] reason open(const ip_address& peer);
  void close(const ip_address& peer) noexcept;

  [[nodiscard]] std::uint64_t at_most() const noexcept { return at_most_; }
  [[nodiscard]] std::uint64_t now_open() const noexcept { return open_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t total() const noexcept { return total_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

 private:
  struct hash {
    keyed_hash keyed;
    std::size_t operator()(const ip_address& a) const noexcept {
      return keyed(std::span<const std::uint8_t>{a.bytes()});
    }
  };
  [[nodiscard]] bool is_capped(const ip_address& peer) const noexcept;

  std::uint64_t at_most_;
  std::uint32_t per_client_;
  std::vector<ip_range> uncapped_;
  bool exempt_loopback_;
  std::atomic<std::uint64_t> open_{0};
  std::atomic<std::uint64_t> total_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::mutex mutex_;
  std::unordered_map<ip_address, std::uint32_t, hash> by_client_;
};

}  // namespace gatehouse::detail::server
