#pragma once
// Which fields may stand in a message once only. The table of docs/deviations.md: keep them together.

#include <array>

#include <gatehouse/http/field.hpp>

namespace gatehouse::detail::wire {

using field_flags = std::array<bool, known_field_count + 1>;

constexpr field_flags flags_of(std::initializer_list<field> set) noexcept {
  field_flags flags{};
  for (const field f : set) flags[static_cast<std::size_t>(f)] = true;
  return flags;
}

/// Fields whose grammar is no list (RFC 9110 section 5.3: a sender must not repeat them). Of two values some servers
/// take the first, some the last, some join them; whoever checked the one would have let the other pass. Not in here:
/// fields with a refusal of their own (Host, Content-Length, Transfer-Encoding).
inline constexpr field_flags single_in_requests = flags_of({
    field::access_control_request_method,
    field::authorization,
    field::cf_connecting_ip,
    field::client_ip,
    field::content_disposition,
    field::content_location,
    field::content_range,
    field::content_type,
    field::cookie,  // RFC 6265 section 5.4; HTTP/2 may split it, HTTP/1 may not
    field::date,
    field::etag,
    field::expect,
    field::if_modified_since,
    field::if_range,
    field::if_unmodified_since,
    field::origin,
    field::proxy_authorization,
    field::range,
    field::referer,
    field::sec_fetch_dest,
    field::sec_fetch_mode,
    field::sec_fetch_site,
    field::sec_websocket_key,
    field::sec_websocket_version,
    field::traceparent,
    field::true_client_ip,
    field::user_agent,
    field::x_csrf_token,
    field::x_http_method,
    field::x_http_method_override,
    field::x_method_override,
    field::x_real_ip,
    field::x_request_id,
    field::x_requested_with,
});

/// Fewer than RFC 9110 would have: an application that repeats an unimportant field must keep working. These decide
/// what a browser does with the content, or where it goes.
inline constexpr field_flags single_in_responses = flags_of({
    field::content_range,
    field::content_type,
    field::location,
});

}  // namespace gatehouse::detail::wire
