#pragma once
// What may be logged of one exchange: nothing else reaches a line. As views while the exchange is there, as bytes for
// the log's thread.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/base/reason.hpp>
#include <gatehouse/http/origin.hpp>
#include <gatehouse/rules/cors_denial.hpp>
#include <gatehouse/server/access_log.hpp>
#include <gatehouse/server/call.hpp>

namespace gatehouse::detail::server {

inline constexpr std::size_t max_logged_id = 128;  // the longest that request_id takes from a trusted proxy
inline constexpr std::size_t max_logged_method = 16;
inline constexpr std::size_t max_logged_path = 512;
inline constexpr std::size_t max_logged_query = 256;
inline constexpr std::size_t max_logged_route = 128;
inline constexpr std::size_t max_logged_host = 255;
inline constexpr std::size_t max_logged_trace = 32;
inline constexpr std::size_t max_logged_origin = max_origin_bytes;
inline constexpr std::size_t max_logged_denied = 64;
inline constexpr std::size_t max_logged_certificate = 64;
inline constexpr std::size_t logged_texts = 11;

/// Whether the CSRF guard refused it.
[[nodiscard]] constexpr bool is_of_csrf(reason why) noexcept {
  return why >= reason::csrf_cross_origin && why <= reason::csrf_token;
}

/// Sizes, times and codes.
struct record_numbers {
  std::int64_t began_us = 0;  ///< since 1970
  std::uint64_t duration_us = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t declared = 0;  ///< the request's Content-Length; 0: none
  std::uint64_t body_limit = 0;
  ip_address client{};
  reason why = reason::none;
  std::uint16_t status = 0;
  method verb = method::unknown;
  bool aborted = false;
  bool would_refuse = false;  ///< a report_only rule would have refused it
  bool unreadable = false;    ///< it was answered, in a way that no page of its origin can read
  origin_difference differs = origin_difference::unknown;
  csrf_remedy remedy = csrf_remedy::none;
  cors_change next = cors_change::none;  ///< what the CORS policy that is tried would change; not `same`
  bool of_next = false;  ///< with `would_refuse`: it is that policy that would have, no report_only rule
};

struct log_record {
  record_numbers numbers{};
  std::string_view id, method, path, query_keys, route;
  std::string_view host;         ///< only with the reason that is about it
  std::string_view trace;        ///< trace id
  std::string_view certificate;  ///< fingerprint of the client's: SHA-256 in hexadecimal digits
  // Only with the reasons that are about them.
  std::string_view origin;   ///< as sent
  std::string_view denied;   ///< the method or field name that is not allowed, as sent
  std::string_view nearest;  ///< the allowed origin that is most like it
};

/// How long each text of a record is that is kept as bytes.
using record_lengths = std::array<std::uint16_t, logged_texts>;
inline constexpr std::size_t max_record_bytes = sizeof(record_numbers) + sizeof(record_lengths) + max_logged_id +
                                                max_logged_method + max_logged_path + max_logged_query +
                                                max_logged_route + max_logged_host + max_logged_trace +
                                                2 * max_logged_origin + max_logged_denied + max_logged_certificate;
using record_space = std::span<char, max_record_bytes>;
using query_keys_space = std::array<char, max_logged_query>;

/// The same as bytes at the front of `out`. Returns how many, at least 1.
[[nodiscard]] std::size_t pack(const log_record& r, record_space out) noexcept;
/// Views into `bytes`, which `pack` made.
[[nodiscard]] log_record unpack(std::span<const char> bytes) noexcept;

/// "a=1&token=x&flag" → "a&token&-": the names, never the values. A part without "=" may be a secret by itself, so it
/// is no name. At most `out.size()` bytes.
[[nodiscard]] std::string_view query_keys(std::string_view query, std::span<char> out) noexcept;

/// The address as it may be logged: of a network all but its first bits (IPv4: 24, IPv6: 48) are zero.
[[nodiscard]] ip_address logged_address(const ip_address& client, logged_client how) noexcept;

[[nodiscard]] constexpr std::string_view first_bytes(std::string_view text, std::size_t longest) noexcept {
  return {text.data(), std::min(text.size(), longest)};
}

/// Whether there is anything to say of it but what there is of every exchange: a reason, whoever's.
[[nodiscard]] inline bool has_reason(const exchange& e) noexcept {
  return e.why != reason::none || e.would_refuse != reason::none || e.denied.why != reason::none;
}

/// What may be logged of every exchange: views into it, into the policy it went through and into `keys`. OPTIMIZATION:
/// inline, so that what a line does not need is never made.
[[nodiscard, gnu::always_inline]] inline log_record plain_record_of(const exchange& e, const outcome& o,
                                                                    query_keys_space& keys) noexcept {
  using std::chrono::microseconds;
  log_record r;
  record_numbers& n = r.numbers;
  n.began_us = std::chrono::duration_cast<microseconds>(e.began_at.time_since_epoch()).count();
  const auto took = std::chrono::duration_cast<microseconds>(o.ended - e.began).count();
  n.duration_us = took > 0 ? static_cast<std::uint64_t>(took) : 0;
  n.bytes_in = o.request_body_bytes;
  n.bytes_out = o.response_body_bytes;
  n.client = e.client;
  n.status = static_cast<std::uint16_t>(number(o.answered));
  n.aborted = o.aborted;
  n.verb = e.request.verb;
  r.id = first_bytes(e.id, max_logged_id);
  r.method = first_bytes(e.request.method_text, max_logged_method);
  // Of a head whose target was refused there may be no path: then what came in its place.
  const std::string_view path = e.request.path.empty() ? e.request.target.substr(0, e.request.target.find('?'))
                                                       : e.request.path;
  r.path = first_bytes(path, max_logged_path);
  if (!e.request.query.empty()) r.query_keys = query_keys(e.request.query, keys);
  if (e.route != nullptr) r.route = first_bytes(e.route->pattern, max_logged_route);
  r.trace = first_bytes(e.trace_id, max_logged_trace);
  if (e.connection.has_client_certificate()) {
    r.certificate = first_bytes(e.connection.channel->client->fingerprint, max_logged_certificate);
  }
  return r;
}

/// The same, with the reason and what it is about.
[[nodiscard]] log_record record_of(const exchange& e, const outcome& o, query_keys_space& keys) noexcept;

}  // namespace gatehouse::detail::server
