#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::program {

/// A folder for `admin.listen = "auto"` that only this user reaches, made if need be: $XDG_RUNTIME_DIR/gatehouse, or
/// /run/gatehouse where that is this user's. Nothing when there is no safe one: then there is no admin socket.
[[nodiscard]] std::optional<std::string> make_admin_folder();

/// The sockets that gateways with `auto` may have opened, where this user looks for them.
[[nodiscard]] std::vector<std::string> admin_sockets();

/// The name of the socket in it: by the port of the gateway's first listener.
[[nodiscard]] std::string admin_socket_name(std::uint16_t port);

}  // namespace gatehouse::program
