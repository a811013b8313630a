#include <gatehouse/http/authority.hpp>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/base/ip_address.hpp>

namespace gatehouse {
namespace {

constexpr std::size_t max_name = 253;  // RFC 1035 section 2.3.4, as text without the root's dot
constexpr std::size_t max_label = 63;

constexpr bool is_label_char(char c) noexcept { return ascii::is_alnum(c) || c == '-' || c == '_'; }

constexpr std::string_view without_root(std::string_view name) noexcept {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

bool is_hexadecimal_number(std::string_view label) noexcept {
  if (label.size() < 2 || label[0] != '0' || ascii::to_lower(label[1]) != 'x') return false;
  for (const char c : label.substr(2)) {
    if (ascii::hex_value(c) < 0) return false;
  }
  return true;
}

/// A name whose last label is a number is an IPv4 address to browsers ("127.1", "0x7f.1": URL Standard, "ends in a
/// number") and a name to others.
bool ends_in_number(std::string_view name) noexcept {
  const std::string_view last = name.substr(name.rfind('.') + 1);  // npos + 1 is 0
  return last.find_first_not_of("0123456789") == std::string_view::npos || is_hexadecimal_number(last);
}

bool has_only_labels(std::string_view name) noexcept {
  while (true) {
    const std::size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    if (label.empty() || label.size() > max_label) return false;
    for (const char c : label) {
      if (!is_label_char(c)) return false;
    }
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

bool is_name_or_ipv4(std::string_view host) noexcept {
  const std::string_view name = without_root(host);
  if (name.size() > max_name || !has_only_labels(name)) return false;
  // CHOICE: four plain decimal parts and no dot behind them, or nothing: no form that two readers resolve differently.
  if (!ends_in_number(name)) return true;
  const auto address = ip_address::parse(host);
  return address.has_value() && address->is_v4();
}

std::optional<ip_address> bracketed_address(std::string_view host) noexcept {
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') return std::nullopt;
  const std::string_view inside = host.substr(1, host.size() - 2);
  if (inside.find(':') == std::string_view::npos) return std::nullopt;  // "[127.0.0.1]" is no IP-literal
  return ip_address::parse(inside);
}

/// Digits without leading zeros, 1 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || text.front() == '0') return std::nullopt;
  const auto value = ascii::parse_decimal(text);
  if (!value || *value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

}  // namespace

// https://www.rfc-editor.org/rfc/rfc3986#section-3.2 , without userinfo, IPvFuture and percent-encoding.
std::optional<authority> authority::parse(std::string_view text) noexcept {
  const bool in_brackets = text.starts_with('[');
  const std::size_t host_end = in_brackets ? text.find(']') + 1 : text.find(':');  // no "]": npos + 1 = 0, an empty
                                                                                   // host
  const std::string_view host = text.substr(0, host_end);
  if (host.empty()) return std::nullopt;
  if (in_brackets ? !bracketed_address(host).has_value() : !is_name_or_ipv4(host)) return std::nullopt;

  const std::string_view rest = text.substr(host.size());
  if (rest.empty()) return authority{.host = host, .port = std::nullopt};
  if (rest.front() != ':') return std::nullopt;
  const auto port = parse_port(rest.substr(1));
  if (!port) return std::nullopt;
  return authority{.host = host, .port = port};
}

bool same_host(std::string_view a, std::string_view b) noexcept {
  if (a.empty() || b.empty()) return false;  // no host is nobody's: HTTP/1.0 without Host is the same as nothing
  if (a.starts_with('[') || b.starts_with('[')) {
    const auto left = bracketed_address(a);
    const auto right = bracketed_address(b);
    return left && right && *left == *right;
  }
  return ascii::equal_ignoring_case(without_root(a), without_root(b));
}

bool is_loopback_host(std::string_view host) noexcept {
  if (host.starts_with('[')) {
    const auto address = bracketed_address(host);
    return address && address->is_loopback();
  }
  if (const auto address = ip_address::parse(host)) return address->is_v4() && address->is_loopback();
  // https://www.rfc-editor.org/rfc/rfc6761#section-6.3 : localhost and every name below it.
  constexpr std::string_view local = "localhost";
  const std::string_view name = without_root(host);
  if (name.size() < local.size()) return false;
  const std::string_view last = name.substr(name.size() - local.size());
  if (!ascii::equal_ignoring_case(last, local)) return false;
  return name.size() == local.size() || name[name.size() - local.size() - 1] == '.';
}

}  // namespace gatehouse
