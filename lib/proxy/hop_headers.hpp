#pragma once
// Which fields cross the gateway, in both directions (RFC 9110 section 7.6.1, spec/http.md section 8.3). The one home
// of the hop-by-hop rules; pure.

#include <cstdint>
#include <optional>
#include <string_view>

#include <gatehouse/base/result.hpp>
#include <gatehouse/http/fields.hpp>
#include <gatehouse/http/response_head.hpp>
#include <gatehouse/rules/exchange.hpp>

namespace gatehouse::detail::proxy {

/// How many options besides the known field names a Connection field may name. Everybody sends one or two.
inline constexpr std::size_t max_connection_options = 16;

/// Which fields that speak of the client's certificate the upstream gets.
enum class client_certificate_fields : std::uint8_t {
  strip,  ///< none
  send,   ///< Client-Cert (RFC 9440) of the certificate that was verified here, if one was shown
  pass,   ///< those of a trusted proxy, which ended TLS
};
[[nodiscard]] std::optional<client_certificate_fields> client_certificate_fields_of(std::string_view text) noexcept;

/// X-HTTP-Method-Override and its kind. Route methods, CORS and the CSRF guard judge the method that stands in the
/// request line: an upstream that obeys such a field does something else.
enum class method_override_fields : std::uint8_t { strip, pass };
[[nodiscard]] std::optional<method_override_fields> method_override_fields_of(std::string_view text) noexcept;

/// Which of the fields that not everybody should get are forwarded.
struct forwarded_fields {
  client_certificate_fields certificates = client_certificate_fields::strip;
  method_override_fields method_override = method_override_fields::strip;
};

/// Fills `out` with the lines that the upstream gets for the request of `e`: what the client sent without what belongs
/// to its own hop, and what we say of the client. Not among them: Host and the framing, which the serializer writes.
/// New text lives in the exchange's memory. Errors: http.invalid-connection (a protected field named, which the parser
/// refuses already, or too many options), limit.too-many-fields, limit.exchange-memory.
[[nodiscard]] result<void> forward_request_fields(exchange& e, fields& out, forwarded_fields wanted = {}) noexcept;

/// Appends to `out` the lines of an upstream's answer that the client gets. Text is borrowed from `received`.
/// Errors: upstream.invalid-response (too many lines or options).
[[nodiscard]] result<void> forward_response_fields(const fields& received, response_head& out) noexcept;

/// Forwarded, X-Forwarded-*, X-Real-IP, Client-IP, True-Client-IP, CF-Connecting-IP: what says who the client is, in
/// any spelling that a CGI-like upstream reads as the same ("_" for "-").
[[nodiscard]] bool says_who_the_client_is(const field_line& line) noexcept;

/// Client-Cert, Client-Cert-Chain (RFC 9440), and the names that proxies had for it before, in any spelling as above.
/// From others than the one who looked at the certificate they are forged, or as good as forged.
[[nodiscard]] bool says_whose_certificate(const field_line& line) noexcept;

}  // namespace gatehouse::detail::proxy
