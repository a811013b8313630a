#pragma once
// Why a request was refused or an exchange failed. One enumeration for the log, the metrics, the problem document,
// `explain` and the tests. Here are only the codes; status and public title of each stand in http/problem.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse {

// One row a reason: enumerator, stable text code. Codes are never renamed or reused: dashboards and scripts depend on
// them.
#define GATEHOUSE_REASONS(X)                                                  \
  X(none, "none")                                                             \
  /* HTTP protocol: what a peer sent is malformed, ambiguous or refused */    \
  X(http_malformed_request_line, "http.malformed-request-line")               \
  X(http_invalid_method, "http.invalid-method")                               \
  X(http_unknown_method, "http.unknown-method")                               \
  X(http_connect_refused, "http.connect-refused")                             \
  X(http_trace_refused, "http.trace-refused")                                 \
  X(http_invalid_target, "http.invalid-target")                               \
  X(http_ambiguous_path, "http.ambiguous-path")                               \
  X(http_invalid_version, "http.invalid-version")                             \
  X(http_unsupported_version, "http.unsupported-version")                     \
  X(http_bare_line_ending, "http.bare-line-ending")                           \
  X(http_invalid_field_line, "http.invalid-field-line")                       \
  X(http_invalid_field_name, "http.invalid-field-name")                       \
  X(http_invalid_field_value, "http.invalid-field-value")                     \
  X(http_obsolete_line_folding, "http.obsolete-line-folding")                 \
  X(http_space_before_colon, "http.space-before-colon")                       \
  X(http_underscore_in_field_name, "http.underscore-in-field-name")           \
  X(http_missing_host, "http.missing-host")                                   \
  X(http_duplicate_host, "http.duplicate-host")                               \
  X(http_invalid_host, "http.invalid-host")                                   \
  X(http_host_mismatch, "http.host-mismatch")                                 \
  X(http_host_not_allowed, "http.host-not-allowed")                           \
  X(http_conflicting_length, "http.conflicting-length")                       \
  X(http_invalid_content_length, "http.invalid-content-length")               \
  X(http_duplicate_content_length, "http.duplicate-content-length")           \
  X(http_invalid_transfer_encoding, "http.invalid-transfer-encoding")         \
  X(http_unsupported_transfer_encoding, "http.unsupported-transfer-encoding") \
  X(http_invalid_chunk, "http.invalid-chunk")                                 \
  X(http_invalid_trailer, "http.invalid-trailer")                             \
  X(http_invalid_connection, "http.invalid-connection")                       \
  X(http_invalid_upgrade, "http.invalid-upgrade")                             \
  X(http_unsupported_expectation, "http.unsupported-expectation")             \
  X(http_duplicate_field, "http.duplicate-field")                             \
  X(http_not_found, "http.not-found")                                         \
  X(http_method_not_allowed, "http.method-not-allowed")                       \
  X(http_unsupported_media_type, "http.unsupported-media-type")               \
  X(http_bad_request, "http.bad-request")                                     \
  X(http_client_closed, "http.client-closed")                                 \
  /* TLS: which certificate a connection was made with */                     \
  X(tls_misdirected, "tls.misdirected")                                       \
  X(tls_client_certificate_required, "tls.client-certificate-required")       \
  /* cross-origin requests */                                                 \
  X(cors_origin_not_allowed, "cors.origin-not-allowed")                       \
  X(cors_invalid_origin, "cors.invalid-origin")                               \
  X(cors_multiple_origins, "cors.multiple-origins")                           \
  X(cors_method_not_allowed, "cors.method-not-allowed")                       \
  X(cors_header_not_allowed, "cors.header-not-allowed")                       \
  X(cors_invalid_preflight, "cors.invalid-preflight")                         \
  X(cors_credentials_not_allowed, "cors.credentials-not-allowed")             \
  /* requests that other sites make a browser send */                         \
  X(csrf_cross_origin, "csrf.cross-origin")                                   \
  X(csrf_websocket_origin, "csrf.websocket-origin")                           \
  X(csrf_malformed_provenance, "csrf.malformed-provenance")                   \
  X(csrf_no_provenance, "csrf.no-provenance")                                 \
  X(csrf_token, "csrf.token")                                                 \
  /* values that a route declared and a request did not keep to */            \
  X(validation_invalid_parameter, "validation.invalid-parameter")             \
  X(validation_invalid_body, "validation.invalid-body")                       \
  /* bounds */                                                                \
  X(limit_target_too_long, "limit.target-too-long")                           \
  X(limit_head_too_large, "limit.head-too-large")                             \
  X(limit_too_many_fields, "limit.too-many-fields")                           \
  X(limit_body_too_large, "limit.body-too-large")                             \
  X(limit_body_budget, "limit.body-budget")                                   \
  X(limit_head_timeout, "limit.head-timeout")                                 \
  X(limit_body_timeout, "limit.body-timeout")                                 \
  X(limit_body_too_slow, "limit.body-too-slow")                               \
  X(limit_write_stalled, "limit.write-stalled")                               \
  X(limit_connections, "limit.connections")                                   \
  X(limit_connections_per_client, "limit.connections-per-client")             \
  X(limit_exchange_memory, "limit.exchange-memory")                           \
  /* the service behind */                                                    \
  X(upstream_unreachable, "upstream.unreachable")                             \
  X(upstream_name_not_found, "upstream.name-not-found")                       \
  X(upstream_connect_timeout, "upstream.connect-timeout")                     \
  X(upstream_tls_untrusted, "upstream.tls-untrusted")                         \
  X(upstream_tls_name, "upstream.tls-name")                                   \
  X(upstream_tls_expired, "upstream.tls-expired")                             \
  X(upstream_tls_handshake, "upstream.tls-handshake")                         \
  X(upstream_timeout, "upstream.timeout")                                     \
  X(upstream_closed_early, "upstream.closed-early")                           \
  X(upstream_invalid_response, "upstream.invalid-response")                   \
  X(upstream_invalid_upgrade, "upstream.invalid-upgrade")                     \
  X(upstream_overloaded, "upstream.overloaded")                               \
  X(upstream_unavailable, "upstream.unavailable")                             \
  X(upstream_error_replaced, "upstream.error-replaced")                       \
  X(upstream_leak_replaced, "upstream.leak-replaced")                         \
  /* ourselves */                                                             \
  X(server_handler_failed, "server.handler-failed")                           \
  X(server_shutting_down, "server.shutting-down")                             \
  X(server_overloaded, "server.overloaded")

enum class reason : std::uint16_t {
#define GATEHOUSE_REASON_ENUMERATOR(name, text) name,
  GATEHOUSE_REASONS(GATEHOUSE_REASON_ENUMERATOR)
#undef GATEHOUSE_REASON_ENUMERATOR
};

namespace detail::base {
inline constexpr std::array reason_codes{
#define GATEHOUSE_REASON_CODE(name, text) std::string_view{text},
    GATEHOUSE_REASONS(GATEHOUSE_REASON_CODE)
#undef GATEHOUSE_REASON_CODE
};
}  // namespace detail::base

inline constexpr std::size_t reason_count = detail::base::reason_codes.size();

/// The stable text code, e.g. "http.conflicting-length". Static storage.
[[nodiscard]] constexpr std::string_view code(reason r) noexcept {
  return detail::base::reason_codes[static_cast<std::size_t>(r)];
}

}  // namespace gatehouse
