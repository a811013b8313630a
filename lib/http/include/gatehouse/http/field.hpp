#pragma once
// The field names that anybody here decides by, interned at parse time. Security decisions compare these, never text,
// so an alias such as X_Forwarded_For can not pass for one of them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse {

// enumerator, name as we write it. Sorted by name.
#define GATEHOUSE_FIELDS(X)                                                               \
  X(accept, "Accept")                                                                     \
  X(accept_encoding, "Accept-Encoding")                                                   \
  X(accept_language, "Accept-Language")                                                   \
  X(accept_ranges, "Accept-Ranges")                                                       \
  X(access_control_allow_credentials, "Access-Control-Allow-Credentials")                 \
  X(access_control_allow_headers, "Access-Control-Allow-Headers")                         \
  X(access_control_allow_methods, "Access-Control-Allow-Methods")                         \
  X(access_control_allow_origin, "Access-Control-Allow-Origin")                           \
  X(access_control_expose_headers, "Access-Control-Expose-Headers")                       \
  X(access_control_max_age, "Access-Control-Max-Age")                                     \
  X(access_control_request_headers, "Access-Control-Request-Headers")                     \
  X(access_control_request_method, "Access-Control-Request-Method")                       \
  X(age, "Age")                                                                           \
  X(allow, "Allow")                                                                       \
  X(alt_svc, "Alt-Svc")                                                                   \
  X(authorization, "Authorization")                                                       \
  X(cache_control, "Cache-Control")                                                       \
  X(cf_connecting_ip, "CF-Connecting-IP")                                                 \
  X(clear_site_data, "Clear-Site-Data")                                                   \
  X(client_ip, "Client-IP")                                                               \
  X(connection, "Connection")                                                             \
  X(content_disposition, "Content-Disposition")                                           \
  X(content_encoding, "Content-Encoding")                                                 \
  X(content_language, "Content-Language")                                                 \
  X(content_length, "Content-Length")                                                     \
  X(content_location, "Content-Location")                                                 \
  X(content_range, "Content-Range")                                                       \
  X(content_security_policy, "Content-Security-Policy")                                   \
  X(content_security_policy_report_only, "Content-Security-Policy-Report-Only")           \
  X(content_type, "Content-Type")                                                         \
  X(cookie, "Cookie")                                                                     \
  X(cross_origin_embedder_policy, "Cross-Origin-Embedder-Policy")                         \
  X(cross_origin_embedder_policy_report_only, "Cross-Origin-Embedder-Policy-Report-Only") \
  X(cross_origin_opener_policy, "Cross-Origin-Opener-Policy")                             \
  X(cross_origin_opener_policy_report_only, "Cross-Origin-Opener-Policy-Report-Only")     \
  X(cross_origin_resource_policy, "Cross-Origin-Resource-Policy")                         \
  X(date, "Date")                                                                         \
  X(etag, "ETag")                                                                         \
  X(expect, "Expect")                                                                     \
  X(expires, "Expires")                                                                   \
  X(forwarded, "Forwarded")                                                               \
  X(host, "Host")                                                                         \
  X(http2_settings, "HTTP2-Settings")                                                     \
  X(if_match, "If-Match")                                                                 \
  X(if_modified_since, "If-Modified-Since")                                               \
  X(if_none_match, "If-None-Match")                                                       \
  X(if_range, "If-Range")                                                                 \
  X(if_unmodified_since, "If-Unmodified-Since")                                           \
  X(keep_alive, "Keep-Alive")                                                             \
  X(last_modified, "Last-Modified")                                                       \
  X(link, "Link")                                                                         \
  X(location, "Location")                                                                 \
  X(origin, "Origin")                                                                     \
  X(origin_agent_cluster, "Origin-Agent-Cluster")                                         \
  X(permissions_policy, "Permissions-Policy")                                             \
  X(pragma, "Pragma")                                                                     \
  X(proxy, "Proxy")                                                                       \
  X(proxy_authenticate, "Proxy-Authenticate")                                             \
  X(proxy_authorization, "Proxy-Authorization")                                           \
  X(proxy_connection, "Proxy-Connection")                                                 \
  X(range, "Range")                                                                       \
  X(referer, "Referer")                                                                   \
  X(referrer_policy, "Referrer-Policy")                                                   \
  X(reporting_endpoints, "Reporting-Endpoints")                                           \
  X(retry_after, "Retry-After")                                                           \
  X(sec_fetch_dest, "Sec-Fetch-Dest")                                                     \
  X(sec_fetch_mode, "Sec-Fetch-Mode")                                                     \
  X(sec_fetch_site, "Sec-Fetch-Site")                                                     \
  X(sec_websocket_accept, "Sec-WebSocket-Accept")                                         \
  X(sec_websocket_extensions, "Sec-WebSocket-Extensions")                                 \
  X(sec_websocket_key, "Sec-WebSocket-Key")                                               \
  X(sec_websocket_protocol, "Sec-WebSocket-Protocol")                                     \
  X(sec_websocket_version, "Sec-WebSocket-Version")                                       \
  X(server, "Server")                                                                     \
  X(server_timing, "Server-Timing")                                                       \
  X(set_cookie, "Set-Cookie")                                                             \
  X(strict_transport_security, "Strict-Transport-Security")                               \
  X(te, "TE")                                                                             \
  X(timing_allow_origin, "Timing-Allow-Origin")                                           \
  X(traceparent, "traceparent")                                                           \
  X(tracestate, "tracestate")                                                             \
  X(trailer, "Trailer")                                                                   \
  X(transfer_encoding, "Transfer-Encoding")                                               \
  X(true_client_ip, "True-Client-IP")                                                     \
  X(upgrade, "Upgrade")                                                                   \
  X(user_agent, "User-Agent")                                                             \
  X(vary, "Vary")                                                                         \
  X(via, "Via")                                                                           \
  X(www_authenticate, "WWW-Authenticate")                                                 \
  X(x_content_type_options, "X-Content-Type-Options")                                     \
  X(x_csp_nonce, "X-CSP-Nonce")                                                           \
  X(x_csrf_token, "X-CSRF-Token")                                                         \
  X(x_dns_prefetch_control, "X-DNS-Prefetch-Control")                                     \
  X(x_download_options, "X-Download-Options")                                             \
  X(x_forwarded_for, "X-Forwarded-For")                                                   \
  X(x_forwarded_host, "X-Forwarded-Host")                                                 \
  X(x_forwarded_port, "X-Forwarded-Port")                                                 \
  X(x_forwarded_prefix, "X-Forwarded-Prefix")                                             \
  X(x_forwarded_proto, "X-Forwarded-Proto")                                               \
  X(x_forwarded_server, "X-Forwarded-Server")                                             \
  X(x_frame_options, "X-Frame-Options")                                                   \
  X(x_http_method, "X-HTTP-Method")                                                       \
  X(x_http_method_override, "X-HTTP-Method-Override")                                     \
  X(x_method_override, "X-Method-Override")                                               \
  X(x_permitted_cross_domain_policies, "X-Permitted-Cross-Domain-Policies")               \
  X(x_powered_by, "X-Powered-By")                                                         \
  X(x_real_ip, "X-Real-IP")                                                               \
  X(x_request_id, "X-Request-Id")                                                         \
  X(x_requested_with, "X-Requested-With")                                                 \
  X(x_xss_protection, "X-XSS-Protection")

/// A known field name, or `other`.
enum class field : std::uint8_t {
#define GATEHOUSE_FIELD_ENUMERATOR(name, text) name,
  GATEHOUSE_FIELDS(GATEHOUSE_FIELD_ENUMERATOR)
#undef GATEHOUSE_FIELD_ENUMERATOR
      other
};

inline constexpr std::size_t known_field_count = static_cast<std::size_t>(field::other);
static_assert(known_field_count < 255);

namespace detail::http {
inline constexpr std::array<std::string_view, known_field_count> field_texts{
#define GATEHOUSE_FIELD_TEXT(name, text) std::string_view{text},
    GATEHOUSE_FIELDS(GATEHOUSE_FIELD_TEXT)
#undef GATEHOUSE_FIELD_TEXT
};
}  // namespace detail::http

/// The name as we write it. `other` has none: an empty text.
[[nodiscard]] constexpr std::string_view name(field f) noexcept {
  return f == field::other ? std::string_view{} : detail::http::field_texts[static_cast<std::size_t>(f)];
}

/// The known field of this name, compared case-insensitively, or `other`. Constant time in the number of fields: one
/// hash, one comparison.
[[nodiscard]] field find_field(std::string_view name) noexcept;

}  // namespace gatehouse
