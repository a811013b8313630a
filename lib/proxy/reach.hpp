#pragma once

#include <memory>

#include <gatehouse/net/loop.hpp>

#include "settings.hpp"

namespace gatehouse::detail::proxy {

/// Begins to connect to an upstream in the way that its URL says, its handshake included.
[[nodiscard]] std::unique_ptr<connecting> reach(loop& l, const upstream& to,
                                                const std::shared_ptr<tls_sessions>& sessions, milliseconds timeout,
                                                connect_owner& owner);

}  // namespace gatehouse::detail::proxy
