#pragma once

#include <string_view>

#include <gatehouse/server/call.hpp>
#include <gatehouse/server/stream.hpp>

#include "handler_context.hpp"

namespace gatehouse::detail::server {

/// Answers the call with `s`, now and later. `context` and `pattern` (for reports) outlive the call.
void begin_stream(call& c, streamed&& s, const handler_context& context, std::string_view pattern);

}  // namespace gatehouse::detail::server
