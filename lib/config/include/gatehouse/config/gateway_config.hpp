#pragma once
// Everything a gateway can be told, as one aggregate. Its parts are the library's own configuration structs, so that
// the file and the C++ interface cannot drift apart; config/catalog says which key of gatehouse.toml fills which
// member.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gatehouse/base/limits.hpp>
#include <gatehouse/net/tls.hpp>
#include <gatehouse/proxy/proxy.hpp>
#include <gatehouse/rules/standard_set.hpp>

namespace gatehouse {

struct log_config {
  std::string format = "auto";         ///< auto (terminal on a terminal, else json) | terminal | json
  std::string file{};                  ///< empty: standard error
  std::string client = "full";         ///< full | network | none: how much of a client's address
  std::string requests = "all";        ///< all | problems | none: which requests get a line
  std::uint32_t sample_repeats = 100;  ///< lines a second of one reason on one route; more are counted; 0: no bound
};

struct telemetry_config {
  std::vector<std::string> listen{};  ///< empty: there is no such listener, and nothing is counted
};

/// [admin]: what looks into the running gateway. See admin_address.hpp for `listen`.
struct admin_config {
  std::string listen = "auto";
  std::string token{};  ///< asked of every client; empty: of none, which only works on loopback and Unix sockets
};

/// [service.NAME]: upstreams that answer alike.
struct service_config {
  std::string name{};
  std::vector<std::string> upstreams{};
  proxy_options options{};  ///< as gateway_config::proxy
};

/// [[route]]: which requests go to which service. Of those that match, the one for the request's host and then the
/// most specific path wins; only then the method is judged.
struct route_config {
  std::vector<std::string> host{};                   ///< names without a port; empty: any
  std::string match = "/*";                          ///< "/notes/:id"; "/notes/*" is "/notes" and everything below it
  std::vector<std::string> methods{};                ///< empty: every one
  std::string service{};                             ///< empty: `upstream`
  std::string strip_prefix{};                        ///< what `match` begins with and the service does not know
  std::uint64_t max_body = 0;                        ///< 0: limits.body_bytes
  bool require_client_certificate = false;           ///< of a listener whose tls.client_certificate is "optional"
  std::optional<security_headers_config> headers{};  ///< set: instead of gateway_config::headers, whole
  std::optional<cors_config> cors{};       ///< set: instead of gateway_config::cors, whole; no origins: nobody
  std::optional<cors_config> cors_next{};  ///< as gateway_config::cors_next, of this route's policy
  std::optional<csrf_config> csrf{};       ///< set: instead of gateway_config::csrf, whole
};

struct gateway_config {
  std::vector<std::string> listen{"127.0.0.1:8080"};
  std::vector<std::string> include{};        ///< patterns of files with services and routes; read by read_config
  std::vector<std::string> upstream{};       ///< gets what no route takes: a service without a name
  unsigned threads = 0;                      ///< 0: one a core
  bool insecure_plain_http = false;          ///< plain HTTP on an address that other machines reach
  bool report_only = false;                  ///< rules that can block only watch
  std::vector<std::string> redirect_from{};  ///< with `tls`: where plain HTTP is sent to HTTPS, and nothing else is
                                             ///< done
  tls_config tls{};                          ///< on: every address of `listen` is for HTTPS, and nothing else
  host_check_config host_check{};
  std::vector<std::string> public_origin{};  ///< as clients see us, where TLS ends elsewhere: "https://api.example.com"
  std::optional<cors_config> cors{};         ///< not set: what the upstream says about CORS passes as it is
  std::optional<cors_config> cors_next{};    ///< tried beside `cors`: decides too, and nothing comes of it but a count
  csrf_config csrf{};
  cookies_config cookies{};
  security_headers_config headers{};
  client_ip_config client_ip{};
  gatehouse::limits limits{};
  proxy_options proxy{};  ///< how `upstream` is asked; `limits` and `events` are set by who runs it
  error_hygiene_config errors{};
  trace_context_config trace_context{};
  log_config log{};
  telemetry_config telemetry{};
  admin_config admin{};
  std::vector<service_config> services{};
  std::vector<route_config> routes{};
};

}  // namespace gatehouse
