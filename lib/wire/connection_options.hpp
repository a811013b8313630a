#pragma once
// What Connection, Upgrade and Expect ask for.

#include <gatehouse/base/reason.hpp>
#include <gatehouse/http/request_head.hpp>

namespace gatehouse::detail::wire {

/// The options of all Connection lines (RFC 9110 section 7.6.1).
struct connection_options {
  bool close = false;
  bool keep_alive = false;
  bool upgrade = false;
};

/// Errors: http.invalid-connection for an element that is no token, or one that names a field nobody may have removed.
[[nodiscard]] reason read_connection(const fields& f, connection_options& out) noexcept;

/// Whether the connection goes on after this message: RFC 9112 section 9.3.
[[nodiscard]] bool persists(const connection_options& options, http_version version) noexcept;

/// Fills keep_alive, expects_continue and upgrade_websocket of `head`, whose framing is known.
/// Errors: http.invalid-connection, http.unsupported-expectation, http.invalid-upgrade.
[[nodiscard]] reason read_connection_fields(request_head& head) noexcept;

}  // namespace gatehouse::detail::wire
