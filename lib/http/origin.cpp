#include <gatehouse/http/origin.hpp>

#include <algorithm>

namespace gatehouse {

// https://www.rfc-editor.org/rfc/rfc6454#section-7.1 , with one origin (the list is history) and the deviations of the
// header.
std::optional<origin> origin::parse(std::string_view text) noexcept {
  constexpr std::string_view separator = "://";
  if (text.size() > max_origin_bytes) return std::nullopt;
  const std::size_t end = text.find(separator);
  if (end == std::string_view::npos || !is_scheme(text.substr(0, end))) return std::nullopt;
  const std::string_view rest = text.substr(end + separator.size());
  // A browser's URL parser has put a host into lower case before it is serialised.
  if (std::ranges::any_of(rest, [](char c) { return c >= 'A' && c <= 'Z'; })) return std::nullopt;
  const auto parsed = authority::parse(rest);  // userinfo, a path, spaces, control bytes: not in its grammar
  if (!parsed) return std::nullopt;
  origin out{.text = text,
             .scheme = text.substr(0, end),
             .host = parsed->host,
             .port = parsed->port,
             .address = parsed->address};
  if (out.port && out.port == default_port(out.scheme)) return std::nullopt;
  return out;
}

bool origin::is_loopback() const noexcept {
  return authority{.text = host, .host = host, .address = address}.is_loopback();
}

}  // namespace gatehouse
