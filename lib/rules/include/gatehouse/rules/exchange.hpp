#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>
#include <type_traits>

#include <gatehouse/base/arena.hpp>
#include <gatehouse/base/clock.hpp>
#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/base/limits.hpp>
#include <gatehouse/base/random.hpp>
#include <gatehouse/base/secure_channel.hpp>
#include <gatehouse/http/request_head.hpp>
#include <gatehouse/http/status.hpp>
#include <gatehouse/rules/cors_denial.hpp>
#include <gatehouse/rules/leak.hpp>
#include <gatehouse/rules/noted_cookies.hpp>
#include <gatehouse/rules/provenance.hpp>
#include <gatehouse/rules/route_info.hpp>
#include <gatehouse/rules/trace.hpp>

namespace gatehouse {

/// What is known about the connection an exchange came on. Constant for the connection.
struct connection_info {
  ip_address peer{};  ///< the socket's other end; unspecified for a Unix socket
  std::uint16_t peer_port = 0;
  std::uint16_t local_port = 0;
  bool unix_socket = false;
  bool loopback_listener = false;           ///< the listener is bound to a loopback address (or a Unix socket)
  bool secure = false;                      ///< TLS ends here
  const secure_channel* channel = nullptr;  ///< what TLS made known; null without it. Lives as long as the exchange.

  /// Whether the client has shown a certificate, which was verified then: an ambient credential, which its browser
  /// shows for any page that asks. Whose it is: channel->client.
  [[nodiscard]] bool has_client_certificate() const noexcept {
    return channel != nullptr && channel->client != nullptr;
  }
};

/// A rule's own place in an exchange: small, fixed, not destroyed. One slot a rule and exchange; nothing is allocated.
class slot {
 public:
  static constexpr std::size_t capacity = 48;
  /// Begins the life of a `T` in the slot, value-initialised; once an exchange.
  template <typename T>
  T& begin() noexcept {
    static_assert(sizeof(T) <= capacity && alignof(T) <= alignof(std::max_align_t) &&
                  std::is_trivially_destructible_v<T>);
    used_ = true;
    return *new (bytes_.data()) T{};
  }
  /// What `begin` made, or nullptr when on_request of this rule never ran (the head was refused, or an earlier rule
  /// answered).
  template <typename T>
  [[nodiscard]] T* get() noexcept {
    return used_ ? std::launder(reinterpret_cast<T*>(bytes_.data())) : nullptr;
  }
  void clear() noexcept { used_ = false; }

 private:
  alignas(std::max_align_t) std::array<std::byte, capacity> bytes_;
  bool used_ = false;
};

/// Who made a response.
enum class response_source : std::uint8_t { gatehouse, handler, upstream };

class policy;
static_assert(max_rules < 64, "exchange::begun has one bit a rule");

/// One request and its response, as the rules see it. Filled by the server (or a test); pooled and reused, never
/// copied.
struct exchange {
  exchange() = default;
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  // Set before the rules run.
  request_head request{};     ///< rule cookies may replace its Cookie field
  bool head_refused = false;  ///< the head was not valid: `request` holds what was read of it (see request_parser)
  connection_info connection{};
  arena memory{};  ///< lives as long as the exchange; a policy's own text lives longer
  steady_time began{};
  system_time began_at{};
  random_source* random = nullptr;    ///< never null once the exchange began
  const route_info* route = nullptr;  ///< found by host and path; null when there is none
  std::uint64_t body_limit = 0;       ///< bytes; of route or limits, until who buffers the content sets its own
  const gatehouse::policy* rules = nullptr;

  // Set by rules.
  ip_address client{};                ///< rule client_ip; the connection's peer until then
  bool client_secure = false;         ///< the client speaks HTTPS, to us or to a trusted proxy; rule client_ip
  bool peer_trusted = false;          ///< the peer is a trusted proxy; known before the first rule runs
  bool untrusted_forwarding = false;  ///< forwarded fields came from a private peer that nobody listed; rule client_ip
  std::string_view id{};              ///< request_id: 36 characters of a UUID, or what a trusted proxy sent
  std::string_view trace_id{};        ///< trace_context: 32 digits; empty: it belongs to no trace
  std::string_view traceparent{};     ///< trace_context: as it is forwarded, of version 00; see ensure_traceparent
  enum class trace_origin : std::uint8_t { unjudged, client, us };
  trace_origin trace_from = trace_origin::unjudged;     ///< whose `traceparent` is; `us` also where none was begun
  response_source source = response_source::gatehouse;  ///< set with the response
  bool has_content = false;            ///< set with the response: it has content, or would have it if this were a GET
  bool was_untyped = false;            ///< rule errors: content came without a usable Content-Type, and got one
  leak leaked = leak::none;            ///< rule errors: what was found in content that was not passed on for that
  reason why = reason::none;           ///< of a refusal or failure: what the log says
  reason would_refuse = reason::none;  ///< as `why`, of the first rule that was only watching
  origin_standing standing = origin_standing::unlisted;  ///< rule cors: whether it lists the Origin
  csrf_remedy remedy = csrf_remedy::none;                ///< rule csrf: of what it refuses
  cors_denial denied{};                                  ///< rule cors: what a page of another origin may not do
  cors_change next_cors = cors_change::none;             ///< rule cors: what the policy that is tried would change
  cors_denial next_denied{};                             ///< of `next_cors` would_deny: as `denied`. Else anything
  noted_cookies cookies{};                               ///< rule cookies

  std::string_view csp_nonce{};  ///< security_headers: empty until csp_nonce() makes it

  decision_trace trace{};
  std::array<slot, max_rules> slots{};

  // Book-keeping of policy, request_id and trace_context; nobody else writes it.
  std::uint64_t begun = 0;         ///< bit i: on_request of the policy's rule i ran and its on_finish has not
  std::uint8_t slots_touched = 0;  ///< how many slots `clear` must look at
  std::uint8_t inspecting = 0;     ///< 1 + the policy's rule that wants to see the response's content; 0: none
  std::array<char, 36> id_text;    ///< where a generated `id` stands
  static constexpr std::size_t traceparent_size = 55;
  std::array<char, traceparent_size> traceparent_text;  ///< where a generated `traceparent` and `trace_id` stand
  static constexpr std::size_t csp_nonce_size = 24;
  std::array<char, csp_nonce_size> csp_nonce_text;  ///< where `csp_nonce` stands
  std::uint8_t begun_trace_flags = 0;               ///< of a `traceparent` that is still to be generated

  /// As new; keeps `random` and `connection`, and the memory's block. `client` becomes the connection's peer, so set
  /// `connection` first. Cheap: on the path of every request.
  void clear() noexcept;
};

}  // namespace gatehouse
