// How others call what we have: Express and its packages, nginx, Caddy, HAProxy, Django, Spring, Node. Compared as
// snake_case.
#include <array>

#include <gatehouse/config/nearest.hpp>

#include "unknown_key.hpp"

namespace gatehouse::detail::config {
namespace {

struct synonym {
  std::string_view foreign;
  std::string_view key;
};

constexpr std::array synonyms{
    // where
    synonym{"port", "listen"},
    synonym{"bind", "listen"},
    synonym{"address", "listen"},
    synonym{"listen_address", "listen"},
    synonym{"listen_addr", "listen"},
    synonym{"listener", "listen"},
    synonym{"listeners", "listen"},
    synonym{"to", "upstream"},
    synonym{"target", "upstream"},
    synonym{"backend", "upstream"},
    synonym{"backends", "upstream"},
    synonym{"proxy_pass", "upstream"},
    synonym{"reverse_proxy", "upstream"},
    synonym{"upstream_url", "upstream"},
    synonym{"forward_to", "upstream"},
    synonym{"destination", "upstream"},
    synonym{"host", "hosts"},
    synonym{"server_name", "hosts"},
    synonym{"allowed_hosts", "hosts"},
    synonym{"virtual_hosts", "hosts"},
    synonym{"domain", "hosts"},
    synonym{"domains", "hosts"},
    synonym{"workers", "threads"},
    synonym{"worker_processes", "threads"},
    synonym{"worker_threads", "threads"},
    synonym{"nbthread", "threads"},
    synonym{"cluster", "threads"},
    synonym{"allow_http", "insecure_plain_http"},
    synonym{"plain_http", "insecure_plain_http"},
    synonym{"insecure", "insecure_plain_http"},
    synonym{"dry_run", "report_only"},
    synonym{"shadow", "report_only"},
    synonym{"monitor", "report_only"},
    // headers
    synonym{"helmet", "headers"},
    synonym{"security_headers", "headers"},
    synonym{"csp_value", "headers.content_security_policy"},
    synonym{"hsts", "headers.strict_transport_security"},
    synonym{"frameguard", "headers.x_frame_options"},
    synonym{"frame_options", "headers.x_frame_options"},
    synonym{"corp", "headers.cross_origin_resource_policy"},
    synonym{"coop", "headers.cross_origin_opener_policy"},
    synonym{"no_cache", "headers.cache_control"},
    // who is the client
    synonym{"trust_proxy", "client_ip.trusted_proxies"},
    synonym{"trusted_proxy", "client_ip.trusted_proxies"},
    synonym{"proxies", "client_ip.trusted_proxies"},
    synonym{"set_real_ip_from", "client_ip.trusted_proxies"},
    synonym{"forwarded_allow_ips", "client_ip.trusted_proxies"},
    synonym{"real_ip_header", "client_ip.header"},
    synonym{"client_ip_headers", "client_ip.header"},
    synonym{"ip_header", "client_ip.header"},
    // limits
    synonym{"limit", "limits.max_body"},
    synonym{"body_limit", "limits.max_body"},
    synonym{"max_body_size", "limits.max_body"},
    synonym{"max_body_bytes", "limits.max_body"},
    synonym{"client_max_body_size", "limits.max_body"},
    synonym{"max_request_body_size", "limits.max_body"},
    synonym{"max_request_size", "limits.max_body"},
    synonym{"body_bytes", "limits.max_body"},
    synonym{"max_http_post_size", "limits.max_body"},
    synonym{"max_content_length", "limits.max_body"},
    synonym{"body_size", "limits.max_body"},
    synonym{"max_header_size", "limits.max_head"},
    synonym{"max_header_bytes", "limits.max_head"},
    synonym{"large_client_header_buffers", "limits.max_head"},
    synonym{"head_bytes", "limits.max_head"},
    synonym{"max_url", "limits.max_target"},
    synonym{"max_uri", "limits.max_target"},
    synonym{"target_bytes", "limits.max_target"},
    synonym{"max_headers", "limits.max_fields"},
    synonym{"max_headers_count", "limits.max_fields"},
    synonym{"max_header_count", "limits.max_fields"},
    synonym{"headers_timeout", "limits.head_timeout"},
    synonym{"header_timeout", "limits.head_timeout"},
    synonym{"request_timeout", "limits.head_timeout"},
    synonym{"read_header_timeout", "limits.head_timeout"},
    synonym{"client_header_timeout", "limits.head_timeout"},
    synonym{"timeout", "limits.head_timeout"},
    synonym{"body_timeout", "limits.body_idle_timeout"},
    synonym{"client_body_timeout", "limits.body_idle_timeout"},
    synonym{"read_timeout", "limits.body_idle_timeout"},
    synonym{"send_timeout", "limits.write_stall_timeout"},
    synonym{"write_timeout", "limits.write_stall_timeout"},
    synonym{"keep_alive_timeout", "limits.idle_timeout"},
    synonym{"keepalive_timeout", "limits.idle_timeout"},
    synonym{"keep_alive", "limits.idle_timeout"},
    synonym{"keepalive_requests", "limits.max_connection_requests"},
    synonym{"max_requests_per_socket", "limits.max_connection_requests"},
    synonym{"limit_conn", "limits.max_connections_per_client"},
    synonym{"max_connections_per_ip", "limits.max_connections_per_client"},
    synonym{"worker_connections", "limits.max_connections"},
    synonym{"maxconn", "limits.max_connections"},
    synonym{"graceful_timeout", "limits.shutdown_timeout"},
    synonym{"grace_period", "limits.shutdown_timeout"},
    // how the upstream is asked
    synonym{"proxy_timeout", "proxy.first_byte_timeout"},
    synonym{"proxy_read_timeout", "proxy.first_byte_timeout"},
    synonym{"upstream_timeout", "proxy.first_byte_timeout"},
    synonym{"response_timeout", "proxy.first_byte_timeout"},
    synonym{"proxy_connect_timeout", "proxy.connect_timeout"},
    synonym{"change_origin", "proxy.host"},
    synonym{"preserve_host", "proxy.host"},
    synonym{"proxy_preserve_host", "proxy.host"},
    synonym{"pass_host_header", "proxy.host"},
    // the rest
    synonym{"proxy_intercept_errors", "errors.upstream_5xx"},
    synonym{"intercept_errors", "errors.upstream_5xx"},
    synonym{"error_page", "errors.upstream_5xx"},
    synonym{"hide_errors", "errors.upstream_5xx"},
    synonym{"log_format", "log.format"},
    synonym{"access_log", "log.format"},
    synonym{"logging", "log"},
    synonym{"logger", "log"},
    synonym{"morgan", "log"},
    synonym{"trace", "trace_context"},
    synonym{"tracing", "trace_context"},
    synonym{"opentelemetry", "trace_context"},
    synonym{"traceparent", "trace_context.begin"},
    // what comes later: better said than guessed at
    synonym{"origin", "cors.origins"},
    synonym{"origins", "cors.origins"},
    synonym{"allow_origin", "cors.origins"},
    synonym{"allowed_origins", "cors.origins"},
    synonym{"allow_origins", "cors.origins"},
    synonym{"allowed_headers", "cors.request_headers"},
    synonym{"allow_headers", "cors.request_headers"},
    synonym{"exposed_headers", "cors.expose_headers"},
    synonym{"allowed_methods", "cors.methods"},
    synonym{"allow_methods", "cors.methods"},
    synonym{"credentials", "cors.credentials"},
    synonym{"supports_credentials", "cors.credentials"},
    synonym{"allow_credentials", "cors.credentials"},
    synonym{"max_age", "cors.max_age"},
    synonym{"preflight_max_age", "cors.max_age"},
    synonym{"window_ms", "rate_limit.window"},
    synonym{"window", "rate_limit.window"},
    synonym{"ratelimit", "rate_limit"},
    synonym{"throttle", "rate_limit"},
    synonym{"limiter", "rate_limit"},
    synonym{"csurf", "csrf"},
    synonym{"xsrf", "csrf"},
    synonym{"ssl", "tls"},
    synonym{"https", "tls"},
    synonym{"cert", "tls.certificate"},
    synonym{"certificate", "tls.certificate"},
    synonym{"ssl_certificate", "tls.certificate"},
    synonym{"ssl_certificate_key", "tls.key"},
    synonym{"private_key", "tls.key"},
    // TLS towards the upstream
    synonym{"upstream_tls", "proxy.tls.ca"},
    synonym{"proxy_ssl_trusted_certificate", "proxy.tls.ca"},
    synonym{"proxy_ssl_verify", "proxy.tls.ca"},
    synonym{"reject_unauthorized", "proxy.tls.ca"},
    synonym{"proxy_ssl_name", "proxy.tls.server_name"},
    synonym{"proxy_ssl_certificate", "proxy.tls.certificate"},
    synonym{"proxy_ssl_certificate_key", "proxy.tls.key"},
    synonym{"insecure_skip_verify", "proxy.tls.ca"},
    synonym{"location", "route"},
    synonym{"routes", "route"},
    synonym{"services", "service"},
    synonym{"metrics", "telemetry"},
    synonym{"dashboard", "admin"},
    synonym{"swagger", "openapi"},
};

}  // namespace

std::string_view synonym_of(std::string_view name) {
  constexpr std::size_t longest = 64;
  if (name.size() > longest) return {};
  const std::string wanted = snake_case(name);
  for (const synonym& s : synonyms) {
    if (s.foreign == wanted) return s.key;
  }
  return {};
}

}  // namespace gatehouse::detail::config
