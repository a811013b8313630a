#pragma once

#include <string_view>

#include <gatehouse/rules/exchange.hpp>

namespace gatehouse::detail::proxy {

/// The X-Forwarded-For that the upstream gets (spec/rate_limit.md section 5), in the exchange's memory. From anybody:
/// the client's address, nothing of what it sent. From a trusted proxy: what that sent (or the client, when it sent
/// none), then the proxy's own address. A null view: no memory left.
[[nodiscard]] std::string_view forwarded_for(exchange& e) noexcept;

}  // namespace gatehouse::detail::proxy
