#pragma once

#include <string_view>

#include <gatehouse/base/arena.hpp>
#include <gatehouse/http/response_head.hpp>
#include <gatehouse/proxy/upstream_url.hpp>

namespace gatehouse::detail::proxy {

/// A URL with scheme and host that name the upstream itself becomes its path, "/notes/1": relative to whatever the
/// client asked, so that the public origin need not be known. A loopback upstream has all loopback names. Any other
/// text is returned as it is. `memory`: where the new text lives; null data: it does not fit.
/// https://www.rfc-editor.org/rfc/rfc3986#section-4.2
[[nodiscard]] std::string_view public_reference(std::string_view url, const upstream_url& own, arena& memory) noexcept;

/// The same of each <URL> of a Link value (RFC 8288 section 3).
[[nodiscard]] std::string_view public_links(std::string_view value, const upstream_url& own, arena& memory) noexcept;

/// Location, Content-Location and Link of a response; nothing else is touched. A line whose new text does not fit into
/// `memory` is removed: it would name an inner host.
void rewrite_own_links(response_head& head, const upstream_url& own, arena& memory) noexcept;

}  // namespace gatehouse::detail::proxy
