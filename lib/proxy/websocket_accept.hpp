#pragma once
// The WebSocket handshake, as far as a gateway must understand it: nothing becomes a tunnel that both ends did not
// agree on.

#include <array>
#include <string_view>

#include <gatehouse/http/fields.hpp>

namespace gatehouse::detail::proxy {

inline constexpr std::size_t websocket_accept_size = 28;

/// base64(SHA-1(key + GUID)), RFC 6455 section 4.2.2 step 5.4.
[[nodiscard]] std::array<char, websocket_accept_size> websocket_accept(std::string_view key) noexcept;

/// Whether a 101 with the fields `answer` is the upstream's agreement to the handshake `asked` (RFC 6455 section 4.1,
/// the checks of a client): Upgrade, Connection, Accept, and only subprotocols and extensions that were offered.
/// Whoever tunnels after any other 101 lets a client speak raw HTTP to the upstream, behind every rule (pingora
/// CVE-2026-2833).
[[nodiscard]] bool is_verified_upgrade(const fields& asked, const fields& answer) noexcept;

}  // namespace gatehouse::detail::proxy
