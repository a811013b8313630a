#include <gatehouse/http/origin.hpp>

#include <cstring>

#include "authority_read.hpp"

namespace gatehouse {
namespace {

// https://www.rfc-editor.org/rfc/rfc6454#section-7.1 , with one origin (the list is history) and the deviations of the
// header.
bool read(std::string_view text, std::string_view known_end, origin& out) noexcept {
  const std::size_t scheme = origin::scheme_size(text);
  if (text.size() > max_origin_bytes || scheme == 0) return false;
  std::string_view rest = text;
  rest.remove_prefix(scheme + origin::separator.size());
  authority parsed;
  // A browser's URL parser has put a host into lower case before it is serialised. Userinfo, a path, spaces, control
  // bytes: not in an authority's grammar.
  if (!detail::http::read_authority(rest, detail::http::letters::lower_case, known_end, parsed)) return false;
  out.text = text;
  out.scheme = {text.data(), scheme};
  out.host = parsed.host;
  out.port = parsed.port;
  if (parsed.address) out.address = parsed.address;
  return !out.port || out.port != default_port(out.scheme);
}

}  // namespace

std::size_t origin::scheme_size(std::string_view text) noexcept {
  // OPTIMIZATION: what nearly every origin begins with.
  constexpr std::string_view https = "https://";
  constexpr std::string_view http = "http://";
  if (text.size() >= https.size() && std::memcmp(text.data(), https.data(), https.size()) == 0) return 5;
  if (text.size() >= http.size() && std::memcmp(text.data(), http.data(), http.size()) == 0) return 4;
  const auto end = text.substr(0, max_scheme_bytes + separator.size()).find(separator);
  return end != std::string_view::npos && is_scheme(text.substr(0, end)) ? end : 0;
}

std::optional<origin> origin::parse(std::string_view text) noexcept { return parse_ending_in({}, text); }

std::optional<origin> origin::parse_ending_in(std::string_view known_end, std::string_view text) noexcept {
  // OPTIMIZATION: read into what is returned; a copy of members just written waits for each of them.
  std::optional<origin> parsed(std::in_place);
  if (!read(text, known_end, *parsed)) parsed.reset();
  return parsed;
}

bool origin::is_loopback() const noexcept {
  return authority{.text = host, .host = host, .address = address}.is_loopback();
}

}  // namespace gatehouse
