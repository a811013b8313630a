#pragma once
// Who a request is for (RFC 9112 section 3.2): exactly one Host, valid, and the target's own authority the same.

#include <optional>

#include <gatehouse/base/reason.hpp>
#include <gatehouse/http/request_head.hpp>

#include "request_line.hpp"

namespace gatehouse::detail::wire {

/// Fills `authority` of `head`. Errors: http.missing-host, -duplicate-host, -invalid-host, -host-mismatch,
/// -invalid-target. `known`: of the connection.
[[nodiscard]] reason check_host(request_head& head, const std::optional<absolute_form>& absolute,
                                authority_memory& known) noexcept;

}  // namespace gatehouse::detail::wire
