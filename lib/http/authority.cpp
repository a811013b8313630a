#include <gatehouse/http/authority.hpp>

#include <array>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/http/origin.hpp>

namespace gatehouse {
namespace {

constexpr std::size_t max_name = 253;  // RFC 1035 section 2.3.4, as text without the root's dot
constexpr std::size_t max_label = 63;

// One bit each, so that the kinds of a label's characters are gathered without a branch for each.
constexpr std::uint8_t no_label_char = 1;
constexpr std::uint8_t label_char = 2;
constexpr std::uint8_t digit_char = 4;
constexpr std::uint8_t dot = 8;

using char_kinds = std::array<std::uint8_t, 256>;

constexpr char_kinds kinds_with(bool capitals) noexcept {
  char_kinds table{};
  table.fill(no_label_char);
  table['.'] = dot;
  for (unsigned i = 0; i < table.size(); ++i) {
    const auto c = static_cast<char>(static_cast<unsigned char>(i));
    const bool taken = ascii::is_alnum(c) && (capitals || ascii::to_lower(c) == c);
    if (taken || c == '-' || c == '_') table[i] = ascii::is_digit(c) ? digit_char : label_char;
  }
  return table;
}
constexpr char_kinds any_case = kinds_with(true);
constexpr char_kinds lower_case = kinds_with(false);

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

enum class name_kind : std::uint8_t { not_a_name, name, number_at_end };

/// Non-empty labels of letters, digits, "-" and "_", with a dot between them. A name whose last label is a number is an
/// IPv4 address to browsers ("127.1", "0x7f.1": URL Standard, "ends in a number") and a name to others.
name_kind judge_name(std::string_view name, const char_kinds& kinds) noexcept {
  if (name.size() > max_name) return name_kind::not_a_name;
  const char* at = name.data();
  const char* const end = at + name.size();
  for (unsigned seen_before = 0;; ++at) {
    const char* const label = at;
    unsigned seen = 0;
    for (unsigned kind = 0; at != end && (kind = kinds[static_cast<unsigned char>(*at)]) != dot; ++at) seen |= kind;
    seen_before |= seen;
    const auto size = static_cast<std::size_t>(at - label);
    if (size == 0 || size > max_label) return name_kind::not_a_name;
    if (at != end) continue;
    if ((seen_before & no_label_char) != 0) return name_kind::not_a_name;
    const bool is_number = seen == digit_char || is_hexadecimal_number({label, size});
    return is_number ? name_kind::number_at_end : name_kind::name;
  }
}

/// Whether `host` is a name or an IPv4 address; `address` is set for the latter.
bool read_name_or_ipv4(std::string_view host, std::optional<ip_address>& address) noexcept {
  switch (judge_name(without_root(host), any_case)) {
    case name_kind::not_a_name: return false;
    case name_kind::name: return true;
    case name_kind::number_at_end: break;
  }
  // CHOICE: four plain decimal parts and no dot behind them, or nothing: no form that two readers resolve differently.
  address = ip_address::parse(host);
  return address.has_value();  // an IPv6 address has a colon, which is no label's
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

// https://www.rfc-editor.org/rfc/rfc3986#section-3.2 , without userinfo, IPvFuture and percent-encoding.
bool read(std::string_view text, authority& out) noexcept {
  const bool in_brackets = text.starts_with('[');
  const std::size_t host_end = in_brackets ? text.find(']') + 1 : text.find(':');  // no "]": npos + 1 = 0, an empty
                                                                                   // host
  out.text = text;
  out.host = text.substr(0, host_end);
  if (out.host.empty()) return false;
  if (in_brackets) {
    out.address = bracketed_address(out.host);
    if (!out.address) return false;
  } else if (!read_name_or_ipv4(out.host, out.address)) {
    return false;
  }

  const std::string_view rest = text.substr(out.host.size());
  if (rest.empty()) return true;
  if (rest.front() != ':') return false;
  out.port = parse_port(rest.substr(1));
  return out.port.has_value();
}

}  // namespace

std::optional<authority> authority::parse(std::string_view text) noexcept {
  // OPTIMIZATION: read into what is returned; a copy of members just written waits for each of them.
  std::optional<authority> parsed(std::in_place);
  if (!read(text, *parsed)) parsed.reset();
  return parsed;
}

bool is_lower_case_name(std::string_view host) noexcept {
  return judge_name(without_root(host), lower_case) == name_kind::name;
}

std::optional<authority> authority_memory::parse(std::string_view text) noexcept {
  if (!text.empty() && text == std::string_view{text_.data(), size_}) {
    return authority{.text = text, .host = text.substr(0, host_size_), .port = port_, .address = address_};
  }
  const auto parsed = authority::parse(text);
  if (parsed && text.size() <= text_.size()) {
    text.copy(text_.data(), text.size());
    size_ = static_cast<std::uint8_t>(text.size());
    host_size_ = static_cast<std::uint8_t>(parsed->host.size());
    port_ = parsed->port;
    address_ = parsed->address;
  }
  return parsed;
}

authority authority::moved_to(std::string_view copy) const noexcept {
  return {.text = copy, .host = copy.substr(0, host.size()), .port = port, .address = address};
}

bool authority::is_loopback() const noexcept {
  if (address) return address->is_loopback();
  // https://www.rfc-editor.org/rfc/rfc6761#section-6.3 : localhost and every name below it.
  constexpr std::string_view local = "localhost";
  const std::string_view name = without_root(host);
  if (name.size() < local.size()) return false;
  const std::string_view last = name.substr(name.size() - local.size());
  if (!ascii::equal_ignoring_case(last, local)) return false;
  return name.size() == local.size() || name[name.size() - local.size() - 1] == '.';
}

bool same_host(const authority& a, const authority& b) noexcept {
  if (a.empty() || b.empty()) return false;
  if (a.address || b.address) return a.address == b.address;
  return ascii::equal_ignoring_case(without_root(a.host), without_root(b.host));
}

}  // namespace gatehouse
