#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/rules/rule.hpp>

namespace gatehouse {

/// Who the client is when proxies stand before us. Closed by default: nobody is trusted, and the client is the socket's
/// peer.
struct client_ip_config {
  std::vector<std::string> trusted_proxies{};  ///< addresses or ranges, "10.0.0.0/8"; empty: nobody is trusted
  std::string header = "x-forwarded-for";  ///< x-forwarded-for | forwarded | none | one header name (a single address)
  unsigned max_hops = 20;                  ///< 1 to 100
};

struct client_ip_decision {
  ip_address client{};
  bool client_secure = false;  ///< HTTPS, to us or (by its word) to a trusted proxy
  bool peer_trusted = false;
  bool untrusted_forwarding = false;  ///< a private peer that is not trusted sent forwarded fields: most likely one's
                                      ///< own proxy
  std::uint8_t hops = 0;              ///< how many addresses of the field were used
  friend bool operator==(const client_ip_decision&, const client_ip_decision&) = default;
};

/// Default: `app.use(client_ip());` the client is the socket's peer.
/// Behind nginx on 10.0.0.5: `app.use(client_ip({.trusted_proxies = {"10.0.0.5"}}));`
/// Source: docs/client-ip.md.
class client_ip_policy final : public rule {
 public:
  /// Errors: one per wrong entry of `trusted_proxies`, header and max_hops.
  [[nodiscard]] static result<std::unique_ptr<const client_ip_policy>, config_errors> make(const client_ip_config& c);

  /// Pure. Reads fields only when the peer is trusted, from the right, and stops at the first text that is not an
  /// address: it fails to the nearest address we know, never to what an attacker wrote.
  [[nodiscard]] client_ip_decision check(const request_head& head, const connection_info& connection) const noexcept;

  [[nodiscard]] std::string_view name() const noexcept override { return "client_ip"; }
  [[nodiscard]] rule_order order() const noexcept override { return rule_order::client_ip; }
  [[nodiscard]] bool trusts_peer(const connection_info& connection) const noexcept override;
  [[nodiscard]] step on_request(exchange& e, slot& s) const noexcept override;

 private:
  enum class source : std::uint8_t { list, forwarded, none, single };
  client_ip_policy() = default;
  [[nodiscard]] bool trusts(const ip_address& a) const noexcept;
  void walk_list(const request_head& head, client_ip_decision& d) const noexcept;
  void walk_forwarded(const request_head& head, client_ip_decision& d) const noexcept;
  void take_single(const request_head& head, client_ip_decision& d) const noexcept;

  std::vector<ip_range> trusted_{};
  source source_ = source::list;
  field header_ = field::x_forwarded_for;
  std::string header_name_{};  // of `single` when header_ is `other`
  unsigned max_hops_ = 20;
};

/// The fields by which proxies speak of the client (and clients lie about themselves). A proxy keeps inbound ones only
/// when `exchange::peer_trusted`, and removes them otherwise.
inline constexpr field forwarding_fields[] = {
    field::forwarded,          field::x_forwarded_for,   field::x_forwarded_host,   field::x_forwarded_port,
    field::x_forwarded_prefix, field::x_forwarded_proto, field::x_forwarded_server, field::x_real_ip,
    field::true_client_ip,     field::cf_connecting_ip,  field::client_ip,
};
[[nodiscard]] constexpr bool is_forwarding_field(field f) noexcept {
  constexpr auto flags = [] {
    std::array<bool, known_field_count + 1> all{};
    for (const field one : forwarding_fields) all[static_cast<std::size_t>(one)] = true;
    return all;
  }();
  return flags[static_cast<std::size_t>(f)];
}

[[nodiscard]] pending_rule client_ip(client_ip_config c = {});

}  // namespace gatehouse
