#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gatehouse {

/// The candidate that `text` is most likely a misspelling of, or empty. Camel case, dashes and upper case do not count
/// as mistakes; beyond that, one slip (a letter missing, doubled, wrong, or two swapped) for every three letters.
[[nodiscard]] std::string_view nearest_name(std::string_view text, std::span<const std::string_view> candidates);

/// "trustedProxies", "Trusted-Proxies" and "trusted proxies" as "trusted_proxies".
[[nodiscard]] std::string snake_case(std::string_view text);

}  // namespace gatehouse
