#pragma once
// What the proxy knows of a failing service and the client must not read: for the operator's log.

#include <string>
#include <string_view>

#include <gatehouse/base/reason.hpp>
#include <gatehouse/http/status.hpp>
#include <gatehouse/proxy/upstream_url.hpp>
#include <gatehouse/rules/exchange.hpp>

namespace gatehouse {

/// Told about the upstream's troubles. Called on many loops at once; must not block. Views are valid during the call
/// only.
class upstream_events {
 public:
  upstream_events() = default;
  upstream_events(const upstream_events&) = delete;
  upstream_events& operator=(const upstream_events&) = delete;
  virtual ~upstream_events() = default;

  /// No connection could be made, or none that is safe. `address`: "127.0.0.1:5000"; `error_number`: errno, 0 when the
  /// name was not found; `text`: the sentence for the log, "nothing listens on 127.0.0.1:5000".
  virtual void on_unreachable(const exchange&, std::string_view /*address*/, int /*error_number*/,
                              std::string_view /*text*/) noexcept {}
  /// The rules replaced the content of an upstream's error. `body`: how the original began, at most 4 KiB, not checked
  /// in any way.
  virtual void on_error_replaced(const exchange&, status, std::string_view /*body*/) noexcept {}
  /// What the upstream sent was not a valid response, ended too early, or took too long.
  virtual void on_broken_response(const exchange&, std::string_view /*address*/, reason) noexcept {}
  /// An upstream of several was taken out of its service, or is in use again. `text`: the sentence for the log.
  virtual void on_health_changed(std::string_view /*address*/, bool /*in_use*/, std::string_view /*text*/) noexcept {}
  /// The first answer with an X-Powered-By: "Express". Once for each proxy.
  virtual void on_powered_by(std::string_view /*product*/) noexcept {}
  /// The first page (HTML) that a browser went to while headers.profile is one of an API. Once for each proxy.
  virtual void on_page(const exchange&) noexcept {}
  /// The first answer with content and without a usable Content-Type. Once for each route.
  virtual void on_untyped(const exchange&) noexcept {}
};

/// The sentence for the log about a connection that could not be made. `in_container`: then a loopback address of the
/// upstream is the container itself, which is said. `error_number` 0: the name was not found.
[[nodiscard]] std::string describe_unreachable(const upstream_url& upstream, int error_number, bool in_container);

/// As above, of one that was reached and could not be spoken to over TLS. `text`: of connect_result.
[[nodiscard]] std::string describe_insecure(const upstream_url& upstream, std::string_view text);

}  // namespace gatehouse
