#pragma once

#include <string>
#include <string_view>

#include <gatehouse/server/call.hpp>
#include <gatehouse/server/response.hpp>

namespace gatehouse::detail::server {

inline constexpr std::string_view plain_text_type = "text/plain; charset=utf-8";
inline constexpr std::string_view html_type = "text/html; charset=utf-8";
inline constexpr std::string_view json_type = "application/json";

/// What browsers run the scripts of as those of a page: text/html and application/xhtml+xml, with any parameters.
[[nodiscard]] bool names_html(std::string_view media_type) noexcept;
/// What is wrong with a field that user code wants sent; empty when nothing.
[[nodiscard]] std::string response_field_mistake(std::string_view name, std::string_view value);
/// One more line, whose text is copied into the call's memory. False when that, or the head, is full.
[[nodiscard]] bool append_copy(call& c, response_head& head, std::string_view name, std::string_view value) noexcept;
/// Puts status, type and fields of `r`, which has no mistake(), into the call's response. False when there is no memory
/// left.
[[nodiscard]] bool fill_head(call& c, const response& r) noexcept;

/// Ends the call with `r`, which has no mistake(); only a call whose memory is used up fails (limit.exchange-memory).
void send_response(call& c, const response& r);

/// Ends the call with this content, 200 and `media_type` (static text). Allocates nothing.
void send_content(call& c, std::string_view content, std::string_view media_type) noexcept;
void send_no_content(call& c) noexcept;

}  // namespace gatehouse::detail::server
