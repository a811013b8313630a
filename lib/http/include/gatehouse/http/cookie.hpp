#pragma once
// The Cookie field, RFC 6265bis (draft-ietf-httpbis-rfc6265bis) section 4.2. Pure.

#include <cstddef>
#include <string_view>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse {

/// Calls `visit(name, value)` for each "name=value" of a Cookie field, in the order sent, as sent: quotes are part of a
/// value, and nothing is percent-decoded. Pairs without "=" or without a name are skipped: a browser sends such a
/// cookie when a page set it without a name, and nobody asks for it by one.
template <typename Visit>
constexpr void for_each_cookie(std::string_view cookies, Visit visit) {
  while (!cookies.empty()) {
    const std::size_t end = cookies.find(';');
    const std::string_view pair = ascii::trim(cookies.substr(0, end));
    cookies.remove_prefix(end == std::string_view::npos ? cookies.size() : end + 1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = ascii::trim(pair.substr(0, equals));
    if (!name.empty()) visit(name, ascii::trim(pair.substr(equals + 1)));
  }
}

struct found_cookie {
  std::string_view value{};
  std::size_t count = 0;  ///< how often the name was sent
};
/// The cookie of this name (case-sensitive); of several the first. Who trusts it asks `count`: a page of a sibling
/// domain can add one of the same name, and nothing says which is which.
[[nodiscard]] constexpr found_cookie find_cookie(std::string_view cookies, std::string_view name) {
  found_cookie found;
  for_each_cookie(cookies, [&](std::string_view n, std::string_view value) {
    if (n == name && found.count++ == 0) found.value = value;
  });
  return found;
}

}  // namespace gatehouse
