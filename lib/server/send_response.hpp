#pragma once

#include <gatehouse/server/call.hpp>
#include <gatehouse/server/response.hpp>

namespace gatehouse::detail::server {

inline constexpr std::string_view plain_text_type = "text/plain; charset=utf-8";
inline constexpr std::string_view json_type = "application/json";

/// Ends the call with `r`, which has no mistake(); only a call whose memory is used up fails (limit.exchange-memory).
void send_response(call& c, const response& r);

/// Ends the call with this content, 200 and `media_type` (static text). Allocates nothing.
void send_content(call& c, std::string_view content, std::string_view media_type) noexcept;
void send_no_content(call& c) noexcept;

}  // namespace gatehouse::detail::server
