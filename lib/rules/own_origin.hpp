#pragma once

#include <string_view>

#include <gatehouse/http/origin.hpp>
#include <gatehouse/http/request_head.hpp>

namespace gatehouse::detail::rules {

/// Whether `asked` is the origin that this request was sent to, under the scheme that its client speaks. Default ports
/// count as none.
[[nodiscard]] bool is_where_it_was_sent(const request_head& head, const origin& asked, bool secure) noexcept;
/// As above, whatever the scheme (and its default port) is.
[[nodiscard]] bool is_host_it_was_sent_to(const request_head& head, const origin& asked) noexcept;

}  // namespace gatehouse::detail::rules
