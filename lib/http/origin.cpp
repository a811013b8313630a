#include <gatehouse/http/origin.hpp>

#include <utility>

#include <gatehouse/base/byte_words.hpp>

namespace gatehouse {
namespace {

bool has_capital(std::string_view text) noexcept {
  constexpr std::size_t word = sizeof(std::uint64_t);
  std::size_t at = 0;
  for (; text.size() - at >= word; at += word) {
    if (byte_words::has_capital(byte_words::load(text.data() + at))) return true;
  }
  for (; at < text.size(); ++at) {
    if (text[at] >= 'A' && text[at] <= 'Z') return true;
  }
  return false;
}

// https://www.rfc-editor.org/rfc/rfc6454#section-7.1 , with one origin (the list is history) and the deviations of the
// header.
bool read(std::string_view text, origin& out) noexcept {
  constexpr std::string_view separator = "://";
  if (text.size() > max_origin_bytes) return false;
  // OPTIMIZATION: what nearly every origin begins with.
  std::size_t end = text.starts_with("https://") ? 5 : text.starts_with("http://") ? 4 : std::string_view::npos;
  if (end == std::string_view::npos) {
    end = text.find(separator);
    if (end == std::string_view::npos || !is_scheme(text.substr(0, end))) return false;
  }
  const std::string_view rest = text.substr(end + separator.size());
  // A browser's URL parser has put a host into lower case before it is serialised.
  if (has_capital(rest)) return false;
  const auto parsed = authority::parse(rest);  // userinfo, a path, spaces, control bytes: not in its grammar
  if (!parsed) return false;
  out.text = text;
  out.scheme = text.substr(0, end);
  out.host = parsed->host;
  out.port = parsed->port;
  if (parsed->address) out.address = parsed->address;
  return !out.port || out.port != default_port(out.scheme);
}

}  // namespace

std::optional<origin> origin::parse(std::string_view text) noexcept {
  // OPTIMIZATION: read into what is returned; a copy of members just written waits for each of them.
  std::optional<origin> parsed(std::in_place);
  if (!read(text, *parsed)) parsed.reset();
  return parsed;
}

bool origin::is_loopback() const noexcept {
  return authority{.text = host, .host = host, .address = address}.is_loopback();
}

}  // namespace gatehouse
