#include "origin_pattern.hpp"

#include <algorithm>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/authority.hpp>
#include <gatehouse/http/origin.hpp>

#include "punycode.hpp"
#include "suggest.hpp"

namespace gatehouse::detail::rules {
namespace {

constexpr std::string_view separator = "://";
constexpr std::string_view below = "*.";
constexpr std::string_view any_port = ":*";

/// Why a text is no pattern; `says` empty: it is one.
struct wrong {
  std::string_view code{};
  std::string_view says{};
};

bool is_plain_ascii(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || text.front() == '0') return std::nullopt;
  const auto value = ascii::parse_decimal(text);
  if (!value || *value > UINT16_MAX) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

/// "{8080,8443}"
bool read_port_list(std::string_view text, std::vector<std::uint16_t>& out) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return false;
  text = text.substr(1, text.size() - 2);
  while (true) {
    const auto end = text.find(',');
    const auto port = parse_port(ascii::trim(text.substr(0, end)));
    if (!port) return false;
    out.push_back(*port);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  std::ranges::sort(out);
  return std::ranges::adjacent_find(out) == out.end();
}

wrong read_port(std::string_view text, origin_pattern& out) {
  constexpr wrong invalid{"invalid-port", "A port is 1 to 65535, :* for any, or a list such as :{8080,8443}."};
  if (text.empty()) return {};
  if (text == any_port) {
    out.which = origin_pattern::ports::any;
    return {};
  }
  text.remove_prefix(1);
  if (text.starts_with('{')) {
    out.which = origin_pattern::ports::listed;
    return read_port_list(text, out.listed) ? wrong{} : invalid;
  }
  out.port = parse_port(text);
  if (!out.port) return invalid;
  if (out.port == default_port(out.scheme)) {
    return {"default-port", "Browsers leave the usual port of a scheme out, so this would never be equal."};
  }
  return {};
}

wrong read_host(std::string_view host, origin_pattern& out) {
  if (host.starts_with(below)) {
    out.subdomains = true;
    host.remove_prefix(below.size());
  }
  if (host.find('*') != std::string_view::npos) {
    return {"wildcard-place",
            "A * stands for whole labels in front of a host name (https://*.example.com) or for the port, nowhere "
            "else: https://*example.com would also be evilexample.com."};
  }
  const auto parsed = authority::parse(host);
  if (!parsed || parsed->port) return {"invalid-host", "This is no host name and no address."};
  out.host = host;
  out.address = parsed->address;
  if (!out.address) return {};
  if (out.subdomains) return {"wildcard-address", "An address has no names below it."};
  if (!host.starts_with('[')) return {};
  if (!out.address->is_v6() || host.find('.') != std::string_view::npos) {
    return {"mapped-address", "An IPv4 address inside of an IPv6 one is not written in the same way by everybody."};
  }
  if ('[' + out.address->to_string() + ']' != host) {
    return {"uncompressed-address",
            "Browsers write an IPv6 address in its shortest form, so this would never be equal."};
  }
  return {};
}

wrong read_scheme(std::string_view text, origin_pattern& out) {
  const auto end = text.find(separator);
  if (end == std::string_view::npos) return {"missing-scheme", "An origin begins with its scheme."};
  out.scheme = text.substr(0, end);
  if (!is_scheme(out.scheme)) return {"invalid-scheme", "An origin begins with a scheme such as https."};
  if (out.scheme == "file") return {"file-origin", "Browsers send null for a file: page, and null is everybody's."};
  return {};
}

wrong read(std::string_view text, origin_pattern& out) {
  if (text.empty()) return {"invalid-origin", "This is empty."};
  if (text.find_first_of("^$\\()|+") != std::string_view::npos || text.find("://.*") != std::string_view::npos) {
    return {"regular-expression",
            "Origins are compared, not searched: /example\\.com$/ would also be evilexample.com."};
  }
  if (!is_plain_ascii(text)) {
    const bool unicode = std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    if (unicode) return {"unicode-host", "Browsers send such a name in its ASCII form (xn--...)."};
    return {"invalid-origin", "An origin has no spaces and no control characters."};
  }
  if (text.size() > max_origin_bytes) return {"invalid-origin", "No browser sends so long an origin."};
  if (ascii::has_capital(text)) {
    return {"not-lower-case", "Browsers send scheme and host in lower case, and origins are compared byte by byte."};
  }
  if (const wrong w = read_scheme(text, out); !w.says.empty()) return w;
  const std::string_view rest = text.substr(out.scheme.size() + separator.size());
  if (rest.find('@') != std::string_view::npos) return {"userinfo", "An origin has no user name and no password."};
  if (rest.ends_with('/') && rest.find_first_of("/?#") == rest.size() - 1) {
    return {"trailing-slash", "An origin has no slash at its end, and origins are compared byte by byte."};
  }
  if (rest.find_first_of("/?#") != std::string_view::npos) {
    return {"has-path", "An origin is scheme, host and port: no path, no query."};
  }
  const auto bracket = rest.find(']');
  const auto colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (const wrong w = read_host(rest.substr(0, colon), out); !w.says.empty()) return w;
  if (const wrong w = read_port(rest.substr(std::min(colon, rest.size())), out); !w.says.empty()) return w;
  if ((out.subdomains || out.which != origin_pattern::ports::one) && out.scheme != "http" && out.scheme != "https") {
    return {"exact-only", "Patterns are for http and https: with other schemes nobody knows who owns what is below."};
  }
  return {};
}

/// What was most likely meant, or the empty text.
std::string meant(std::string_view written) {
  std::string text = lower_case(ascii::trim(written));
  const std::string_view quotes = "'\"";
  while (!text.empty() && quotes.find(text.front()) != std::string_view::npos) text.erase(0, 1);
  while (!text.empty() && quotes.find(text.back()) != std::string_view::npos) text.pop_back();
  if (text.find(separator) == std::string::npos) {
    text.erase(0, std::min(text.find_first_not_of(":/"), text.size()));
    const auto alone = authority::parse(std::string_view{text}.substr(0, text.find('/')));
    text.insert(0, alone && alone->is_loopback() ? "http://" : "https://");
  }
  const std::size_t host = text.find(separator) + separator.size();
  if (const auto at = text.find('@', host); at != std::string::npos) text.erase(host, at + 1 - host);
  if (const auto end = text.find_first_of("/?#", host); end != std::string::npos) text.erase(end);
  const bool ascii = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii) {
    const std::size_t end = std::min(text.find(':', host), text.size());
    text.replace(host, end - host, ascii_host(std::string_view{text}.substr(host, end - host)));
  }
  const std::string_view scheme = std::string_view{text}.substr(0, host - separator.size());
  if (const auto port = default_port(scheme)) {
    const std::string written_port = ':' + std::to_string(*port);
    if (text.ends_with(written_port)) text.erase(text.size() - written_port.size());
  }
  if (text.size() > host + 1 && text[host] == '*' && text[host + 1] != '.') text.insert(host + 1, ".");
  if (text.size() > host && text[host] == '[') {
    const auto end = text.find(']', host);
    if (end != std::string::npos) {
      const auto address = ip_address::parse(std::string_view{text}.substr(host + 1, end - host - 1));
      if (address && address->is_v6()) text.replace(host + 1, end - host - 1, address->to_string());
    }
  }
  origin_pattern ignored;
  return read(text, ignored).says.empty() ? text : std::string{};
}

bool is_below(std::string_view host, std::string_view parent) noexcept {
  return host.size() > parent.size() + 1 && host.ends_with(parent) && host[host.size() - parent.size() - 1] == '.';
}

}  // namespace

bool origin_pattern::is_loopback() const noexcept {
  return authority{.text = host, .host = host, .address = address}.is_loopback();
}

bool origin_pattern::accepts_port(std::optional<std::uint16_t> asked) const noexcept {
  switch (which) {
    case ports::any: return true;
    case ports::one: return asked == port;
    case ports::listed: break;
  }
  const auto real = asked ? asked : default_port(scheme);
  return real && std::ranges::binary_search(listed, *real);
}

std::vector<std::string> origin_pattern::serialised() const {
  const std::string begin = scheme + std::string{separator} + host;
  if (which == ports::one) return {port ? begin + ':' + std::to_string(*port) : begin};
  std::vector<std::string> out;
  out.reserve(listed.size());
  for (const std::uint16_t p : listed) {
    out.push_back(default_port(scheme) == p ? begin : begin + ':' + std::to_string(p));
  }
  return out;
}

bool origin_pattern::covers(const origin_pattern& other) const noexcept {
  if (scheme != other.scheme) return false;
  const bool same_names = host == other.host && subdomains == other.subdomains;
  if (!same_names && !(subdomains && is_below(other.host, host))) return false;
  switch (other.which) {
    case ports::any: return which == ports::any;
    case ports::one: return accepts_port(other.port);
    case ports::listed: break;
  }
  return std::ranges::all_of(other.listed, [this](std::uint16_t p) {
    return accepts_port(default_port(scheme) == p ? std::nullopt : std::optional{p});
  });
}

result<origin_pattern, config_error> parse_origin_pattern(std::string_view text) {
  origin_pattern out{.text = std::string{text}};
  const wrong w = read(text, out);
  if (w.says.empty()) return out;
  return failure{config_error{.value = std::string{text},
                              .code = std::string{w.code},
                              .message = std::string{w.says},
                              .suggestion = meant(text)}};
}

}  // namespace gatehouse::detail::rules
