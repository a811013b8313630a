#include "connection_table.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace gatehouse::detail::server {
namespace {

// An IPv6 client commonly has a /64 to itself; an IPv4 client one address.
ip_address client_of(const ip_address& peer) noexcept { return peer.is_v6() ? peer.truncated(64) : peer; }

// A fifth of the descriptors stays for upstream connections, files and logs.
std::uint64_t four_fifths_of_descriptors() noexcept {
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return 800;
  return static_cast<std::uint64_t>(descriptors.rlim_cur) / 5 * 4;
}

}  // namespace

connection_table::connection_table(const limits& l, std::vector<ip_range> uncapped, bool exempt_loopback,
                                   keyed_hash::key secret)
    : at_most_(l.connections != 0 ? l.connections : four_fifths_of_descriptors()),
      per_client_(l.connections_per_client),
      uncapped_(std::move(uncapped)),
      exempt_loopback_(exempt_loopback),
      by_client_(64, hash{keyed_hash{secret}}) {}

bool connection_table::is_capped(const ip_address& peer) const noexcept {
  if (peer.is_unspecified() || (exempt_loopback_ && peer.is_loopback())) return false;
  return std::none_of(uncapped_.begin(), uncapped_.end(), [&](const ip_range& r) { return r.contains(peer); });
}

reason connection_table::open(const ip_address& peer) {
  total_.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t now = open_.fetch_add(1, std::memory_order_relaxed) + 1;
  reason why = reason::none;
  if (is_capped(peer)) {
    const std::scoped_lock lock(mutex_);
    if (++by_client_[client_of(peer)] > per_client_) why = reason::limit_connections_per_client;
  }
  if (now > at_most_) why = reason::limit_connections;
  if (why != reason::none) refused_.fetch_add(1, std::memory_order_relaxed);
  return why;
}

void connection_table::close(const ip_address& peer) noexcept {
  open_.fetch_sub(1, std::memory_order_relaxed);
  if (!is_capped(peer)) return;
  const std::scoped_lock lock(mutex_);
  const auto at = by_client_.find(client_of(peer));
  if (at != by_client_.end() && --at->second == 0) by_client_.erase(at);
}

}  // namespace gatehouse::detail::server
