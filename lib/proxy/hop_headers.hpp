#pragma once
// Which fields cross the gateway, in both directions (RFC 9110 section 7.6.1, spec/http.md section 8.3). The one home
// of the hop-by-hop rules; pure.

#include <gatehouse/base/result.hpp>
#include <gatehouse/http/fields.hpp>
#include <gatehouse/http/response_head.hpp>
#include <gatehouse/rules/exchange.hpp>

namespace gatehouse::detail::proxy {

/// How many options besides the known field names a Connection field may name. Everybody sends one or two.
inline constexpr std::size_t max_connection_options = 16;

/// Fills `out` with the lines that the upstream gets for the request of `e`: what the client sent without what belongs
/// to its own hop, and what we say of the client. Not among them: Host and the framing, which the serializer writes.
/// New text lives in the exchange's memory. Errors: http.invalid-connection (a protected field named, which the parser
/// refuses already, or too many options), limit.too-many-fields, limit.exchange-memory.
[[nodiscard]] result<void> forward_request_fields(exchange& e, fields& out) noexcept;

/// Appends to `out` the lines of an upstream's answer that the client gets. Text is borrowed from `received`.
/// Errors: upstream.invalid-response (too many lines or options).
[[nodiscard]] result<void> forward_response_fields(const fields& received, response_head& out) noexcept;

/// Forwarded, X-Forwarded-*, X-Real-IP, Client-IP, True-Client-IP, CF-Connecting-IP: what says who the client is, in
/// any spelling that a CGI-like upstream reads as the same ("_" for "-").
[[nodiscard]] bool says_who_the_client_is(const field_line& line) noexcept;

}  // namespace gatehouse::detail::proxy
