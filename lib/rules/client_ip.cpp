#include <gatehouse/rules/client_ip.hpp>

#include <algorithm>

#include <gatehouse/base/ascii.hpp>

#include "forwarded.hpp"
#include "pending.hpp"

namespace gatehouse {
namespace {

using detail::rules::elements_backwards;
using quoting = elements_backwards::quoting;

/// A peer of one's own network: most likely a proxy that somebody forgot to list.
bool is_near(const ip_address& peer) noexcept { return peer.is_private() || peer.is_loopback(); }

bool has_forwarding_fields(const fields& all) noexcept {
  return std::ranges::any_of(forwarding_fields, [&all](field f) { return all.has(f); });
}

/// What the nearest proxy says of its own client: the last element of the last line. Anything further left it only
/// passed on.
bool forwarded_over_https(const fields& all) noexcept {
  const auto last = elements_backwards(all, field::x_forwarded_proto, quoting::none).next();
  return last && detail::rules::is_secure_scheme(*last);
}

}  // namespace

bool client_ip_policy::trusts(const ip_address& a) const noexcept {
  return std::ranges::any_of(trusted_, [&a](const ip_range& range) { return range.contains(a); });
}

/// Nobody but a process of this machine with the right to the socket file can be behind a Unix socket: trusted.
bool client_ip_policy::trusts_peer(const connection_info& connection) const noexcept {
  return connection.unix_socket || trusts(connection.peer);
}

// spec/rate_limit.md section 5.
client_ip_decision client_ip_policy::check(const request_head& head, const connection_info& connection) const noexcept {
  client_ip_decision d{.client = connection.peer, .client_secure = connection.secure};
  d.peer_trusted = trusts_peer(connection);
  if (!d.peer_trusted) {
    // Nothing in the fields is read: whoever connects could have written it.
    d.untrusted_forwarding = is_near(connection.peer) && has_forwarding_fields(head.fields);
    return d;
  }
  switch (source_) {
    case source::none: break;
    case source::list: walk_list(head, d); break;
    case source::forwarded: walk_forwarded(head, d); break;
    case source::single: take_single(head, d); break;
  }
  return d;
}

// "for item from right to left, at most max_hops: invalid: return last valid trusted hop; not in trusted: return addr".
void client_ip_policy::walk_list(const request_head& head, client_ip_decision& d) const noexcept {
  d.client_secure = d.client_secure || forwarded_over_https(head.fields);
  elements_backwards items(head.fields, header_, quoting::none);
  while (d.hops < max_hops_) {
    const auto item = items.next();
    if (!item) return;
    // X-Forwarded-For has no specification, and so no form with a port: strictly an address.
    const auto address = ip_address::parse(*item);
    if (!address) return;
    d.client = *address;
    ++d.hops;
    if (!trusts(*address)) return;
  }
}

void client_ip_policy::walk_forwarded(const request_head& head, client_ip_decision& d) const noexcept {
  const bool own_tls = d.client_secure;
  elements_backwards items(head.fields, field::forwarded, quoting::quoted_strings);
  while (d.hops < max_hops_) {
    const auto item = items.next();
    if (!item) return;
    const auto element = detail::rules::parse_forwarded(*item);
    if (!element || !element->node) return;
    d.client = *element->node;
    // How this very client came: elements to the right tell of hops between proxies.
    d.client_secure = own_tls || element->https;
    ++d.hops;
    if (!trusts(d.client)) return;
  }
}

/// CF-Connecting-IP and its kind: exactly one line with exactly one address, or nothing is believed.
void client_ip_policy::take_single(const request_head& head, client_ip_decision& d) const noexcept {
  d.client_secure = d.client_secure || forwarded_over_https(head.fields);
  const auto is_it = [this](const field_line& line) {
    return line.id == header_ && (header_ != field::other || ascii::equal_ignoring_case(line.name, header_name_));
  };
  const field_line* const line = std::find_if(head.fields.begin(), head.fields.end(), is_it);
  if (line == head.fields.end() || std::any_of(line + 1, head.fields.end(), is_it)) return;
  const auto address = ip_address::parse(ascii::trim(line->value));
  if (!address) return;
  d.client = *address;
  d.hops = 1;
}

step client_ip_policy::on_request(exchange& e, slot&) const noexcept {
  const client_ip_decision d = check(e.request, e.connection);
  e.client = d.client;
  e.client_secure = d.client_secure;
  e.peer_trusted = d.peer_trusted;
  e.untrusted_forwarding = d.untrusted_forwarding;
  return step::pass();
}

pending_rule client_ip(client_ip_config c) {
  return detail::rules::pending<client_ip_policy>(rule_order::client_ip, std::move(c));
}

}  // namespace gatehouse
