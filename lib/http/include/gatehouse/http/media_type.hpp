#pragma once

#include <string_view>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse {

/// What of a Content-Type says the kind of content: "text/html" of "text/html ;charset=utf-8", without white space
/// around it; case as sent, nothing is validated. A view into `content_type`. Source: RFC 9110 section 8.3.1.
[[nodiscard]] constexpr std::string_view media_type_essence(std::string_view content_type) noexcept {
  return ascii::trim(content_type.substr(0, content_type.find(';')));
}

/// Whether it is of this kind, whatever its parameters say. `essence`: "text/html"; compared without case.
[[nodiscard]] constexpr bool is_media_type(std::string_view content_type, std::string_view essence) noexcept {
  return ascii::equal_ignoring_case(media_type_essence(content_type), essence);
}

}  // namespace gatehouse
