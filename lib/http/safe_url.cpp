#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/authority.hpp>
#include <gatehouse/http/encode.hpp>
#include <gatehouse/http/utf8.hpp>

#include "percent.hpp"

namespace gatehouse {
namespace {

/// Unreserved or reserved, RFC 3986 section 2: what stands in a URL as itself. "%" is looked at with its digits.
constexpr bool is_url_char(char c) noexcept {
  return ascii::is_alnum(c) || std::string_view{"-._~:/?#[]@!$&'()*+,;="}.find(c) != std::string_view::npos;
}

/// Browsers drop TAB, CR and LF wherever they stand and spaces at both ends, and take "\" for "/": what stands there is
/// not what is followed. https://url.spec.whatwg.org/#concept-basic-url-parser
constexpr bool is_trap(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7f || c == '\\';
}

bool has_whole_escapes(std::string_view text) noexcept {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (text.size() - at < 3 || ascii::hex_value(text[at + 1]) < 0 || ascii::hex_value(text[at + 2]) < 0) return false;
  }
  return true;
}

/// "//host" and what follows it; the host as Host carries it, so that every reader finds the same. A browser finds one
/// in
/// "///host" and "/host", too: refused, as userinfo and escapes are.
bool has_plain_host(std::string_view rest) noexcept {
  if (!rest.starts_with("//")) return false;
  return authority::parse(rest.substr(2, rest.find_first_of("/?#", 2) - 2)).has_value();
}

/// What stands before ":", if that comes before a path, a query or a fragment begins (RFC 3986 section 4.2).
bool is_allowed(std::string_view text) noexcept {
  const std::size_t end = text.find_first_of(":/?#");
  if (end == std::string_view::npos || text[end] != ':') return !text.starts_with("//");
  const std::string_view scheme = text.substr(0, end);
  const std::string_view rest = text.substr(end + 1);
  for (const std::string_view web : {"http", "https"}) {
    if (ascii::equal_ignoring_case(scheme, web)) return has_plain_host(rest);
  }
  return ascii::equal_ignoring_case(scheme, "mailto") && !rest.empty();
}

bool is_safe(std::string_view text) noexcept {
  if (text.empty() || !is_utf8(text) || !has_whole_escapes(text) || !is_allowed(text)) return false;
  for (const char c : text) {
    if (is_trap(c)) return false;
  }
  return true;
}

}  // namespace

bool encode::append_safe_url(std::string& to, std::string_view text) {
  if (!is_safe(text)) return false;
  for (const char c : text) {
    if (is_url_char(c) || c == '%') {
      to += c;
    } else {
      detail::http::append_percent(to, c);
    }
  }
  return true;
}

std::optional<safe_url> encode::safe_url(std::string_view text) { return gatehouse::safe_url::from(text); }

std::optional<safe_url> safe_url::from(std::string_view text) {
  std::string out;
  if (!encode::append_safe_url(out, text)) return std::nullopt;
  return safe_url{std::move(out)};
}

}  // namespace gatehouse
