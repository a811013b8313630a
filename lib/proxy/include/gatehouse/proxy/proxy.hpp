#pragma once
// A service behind: a handler that forwards requests to it.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/base/limits.hpp>
#include <gatehouse/net/tls_client.hpp>
#include <gatehouse/proxy/health.hpp>
#include <gatehouse/proxy/upstream_events.hpp>
#include <gatehouse/server/pending_handler.hpp>

namespace gatehouse {

class loop;

/// How a service is reached. Deadlines and bounds: docs/forwarding.md.
struct proxy_options {
  std::string host = "client";  ///< the Host that the service sees: "client" (as the client sent it) or "upstream"
  std::string balance = "round-robin";  ///< of several upstreams: in turn, or "least-loaded"
  /// What the service learns of clients' certificates: "strip" (nothing), "send" (Client-Cert of RFC 9440, of one that
  /// was verified here), or "pass" (what trusted proxies send). What anybody else sends in its place is removed always.
  std::string client_certificate = "strip";
  /// X-HTTP-Method-Override and its kind: "strip", or "pass" for a service that obeys them. The rules judge the method
  /// of the request line; the CSRF guard takes a request with such a field for one that changes something.
  std::string method_override = "strip";
  std::string strip_prefix{};  ///< "/legacy" of "/legacy/x" is cut off: the service sees "/x". Paths that are not below
                               ///< it are forwarded as they are
  milliseconds connect_timeout{2'000};         ///< all addresses of an upstream together, and its handshake: 504
  milliseconds first_byte_timeout{30'000};     ///< from the whole request to the whole head of the answer: 504
  milliseconds response_idle_timeout{60'000};  ///< between two pieces; not of event streams and tunnels: the answer is
                                               ///< cut
  milliseconds keep_alive_timeout{4'000};  ///< of an idle connection, less where the service says so (Node closes after
                                           ///< 5 s)
  std::uint32_t idle_connections = 64;     ///< kept at most, per loop and upstream
  std::uint32_t connections = 1'024;       ///< at most, per loop and upstream; above it: 503
  passive_health_options passive_health{};
  active_health_options active_health{};
  tls_client_config tls{};            ///< of "https://" upstreams: who they have to be
  gatehouse::limits limits{};         ///< of the service's answers: head_bytes x 4, chunks
  bool in_container = false;          ///< for the hint in describe_unreachable
  bool counted = false;               ///< requests are counted, for service::upstreams()
  upstream_events* events = nullptr;  ///< borrowed; may be null
};

/// Forwards to `url`, "http://127.0.0.1:4000", "https://api.internal" or "unix:/run/notes.sock": what `app.mount`
/// takes. Never throws. Errors of make(): every mistake in the URL and the options, under `key`
/// ("upstream.connect_timeout").
[[nodiscard]] pending_handler proxy(std::string_view url, proxy_options options = {},
                                    std::string_view key = "upstream");
/// As above, to several: `gh::proxy({"http://10.0.0.1:80", "http://10.0.0.2:80"}, {.balance = "least-loaded"})`. One
/// that fails is taken out and comes back by itself (gatehouse/proxy/health.hpp); what could not be sent to one goes to
/// another.
[[nodiscard]] pending_handler proxy(std::initializer_list<std::string_view> urls, proxy_options options = {},
                                    std::string_view key = "upstream");

/// Closes the idle connections that proxies keep on `l`. On the loop's thread, before the loop is destroyed. (At the
/// end of a thread it happens by itself.)
void close_idle_upstreams(const loop& l) noexcept;

}  // namespace gatehouse
