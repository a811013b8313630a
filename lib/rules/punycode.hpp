#pragma once

#include <string>
#include <string_view>

namespace gatehouse::detail::rules {

/// A host name in UTF-8 as browsers send it: labels that are not ASCII in lower case, as "xn--" and RFC 3492. Empty
/// when it is no UTF-8 or longer than a name can be. For suggestions: what IDNA maps beyond that is not.
[[nodiscard]] std::string ascii_host(std::string_view host);

}  // namespace gatehouse::detail::rules
