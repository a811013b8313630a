#pragma once

#include <algorithm>
#include <array>

#include <gatehouse/http/field.hpp>

namespace gatehouse {

/// X-HTTP-Method-Override and its kind: fields in which some frameworks read another method than that of the request
/// line. The one list of them (spec/browser_hardening.md section 3b).
inline constexpr std::array method_overrides{field::x_http_method_override, field::x_http_method,
                                             field::x_method_override};

[[nodiscard]] constexpr bool overrides_method(field f) noexcept {
  return std::ranges::find(method_overrides, f) != method_overrides.end();
}

}  // namespace gatehouse
