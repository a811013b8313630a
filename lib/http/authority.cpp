#include <gatehouse/http/authority.hpp>

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/base/byte_words.hpp>
#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/http/origin.hpp>

#include "authority_read.hpp"

namespace gatehouse {
namespace {

using detail::http::letters;

constexpr std::size_t max_name = 253;  // RFC 1035 section 2.3.4, as text without the root's dot
constexpr std::size_t max_label = 63;

/// Of up to 64 bytes of a name.
struct name_block {
  std::uint64_t dots = 0;     // bit i: the byte at i is one
  std::uint64_t strange = 0;  // not 0: some byte is neither of a label nor a dot
};

/// OPTIMIZATION: eight bytes at a time, whatever they are: many short labels cost no more than a few long ones.
name_block read_block(std::string_view bytes, letters which) noexcept {
  using namespace byte_words;
  name_block out;
  for (std::size_t i = 0; i < bytes.size(); i += sizeof(std::uint64_t)) {
    const std::size_t left = bytes.size() - i;
    // Behind the last byte: small letters, which are of a label and no dot.
    const std::uint64_t word = left >= sizeof(std::uint64_t)
                                   ? load_little(bytes.data() + i)
                                   : load_few(bytes.data() + i, left) | (ones * 'a') << (8 * left);
    const std::uint64_t low = word & ~tops;
    // The bit that tells capitals from small letters, and puts nothing else among them.
    const std::uint64_t folded = which == letters::any_case ? low | ones * 0x20 : low;
    const std::uint64_t letter = at_least(folded, 'a') & ~at_least(folded, 'z' + 1);
    const std::uint64_t hyphen_to_nine = at_least(low, '-') & ~at_least(low, '9' + 1) & ~equal_to(low, '/');
    const std::uint64_t taken = letter | hyphen_to_nine | equal_to(low, '_');
    out.strange |= (word | ~taken) & tops;
    out.dots |= static_cast<std::uint64_t>(gather_tops(equal_to(low, '.'))) << i;
  }
  return out;
}

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

/// A name whose last label is a number is an IPv4 address to browsers ("127.1", "0x7f.1": URL Standard, "ends in a
/// number") and a name to others.
bool is_number(std::string_view label) noexcept {
  if (!ascii::is_digit(label.front())) return false;
  return std::ranges::all_of(label, ascii::is_digit) || is_hexadecimal_number(label);
}

/// Non-empty labels of letters, digits, "-" and "_", with a dot between them.
name_kind judge_name(std::string_view name, letters which) noexcept {
  constexpr std::size_t block_size = 64;
  static_assert(max_label < block_size);  // so that between two dots of a block no label is too long
  if (name.size() > max_name) return name_kind::not_a_name;
  std::uint64_t strange = 0;
  std::size_t label = 0;  // where the last one begins
  bool begins = true;     // the byte before the block is a dot, or none
  for (std::size_t at = 0; at < name.size(); at += block_size) {
    const std::string_view bytes = name.substr(at, block_size);
    const name_block block = read_block(bytes, which);
    strange |= block.strange;
    if ((block.dots & (block.dots << 1U | (begins ? 1U : 0U))) != 0) return name_kind::not_a_name;  // an empty label
    const auto first_dot = static_cast<std::size_t>(std::countr_zero(block.dots));  // none: behind the block
    const std::size_t first_end = at + std::min(first_dot, bytes.size());
    if (first_end - label > max_label) return name_kind::not_a_name;
    if (block.dots != 0) label = at + static_cast<std::size_t>(std::bit_width(block.dots));
    begins = label == at + bytes.size();
  }
  if (begins || strange != 0) return name_kind::not_a_name;  // the last label is empty
  return is_number(name.substr(label)) ? name_kind::number_at_end : name_kind::name;
}

/// Whether `host` is a name or an IPv4 address; `address` is set for the latter.
bool read_name_or_ipv4(std::string_view host, letters which, std::optional<ip_address>& address) noexcept {
  switch (judge_name(without_root(host), which)) {
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

/// Where the host of `text` is a name's first labels and then these very bytes, which are known to be its last ones:
/// that host; else nothing. No address: the labels in front may be numbers.
std::string_view name_with(std::string_view known_end, std::string_view text, letters which) noexcept {
  if (known_end.empty() || std::less<>{}(known_end.data(), text.data())) return {};
  const auto before = static_cast<std::size_t>(known_end.data() - text.data());
  if (before > text.size() || text.size() - before < known_end.size()) return {};
  const std::string_view host(text.data(), before + known_end.size());
  if (text.size() != host.size() && text[host.size()] != ':') return {};
  if (without_root(host).size() > max_name) return {};
  return judge_name({text.data(), before}, which) == name_kind::not_a_name ? std::string_view{} : host;
}

/// The beginning of `text` that is a host.
bool read_host(std::string_view text, letters which, authority& out) noexcept {
  const bool in_brackets = text.starts_with('[');
  const std::size_t host_end = in_brackets ? text.find(']') + 1 : text.find(':');  // no "]": npos + 1 = 0, an empty
                                                                                   // host
  out.host = text.substr(0, host_end);
  if (out.host.empty()) return false;
  if (!in_brackets) return read_name_or_ipv4(out.host, which, out.address);
  out.address = bracketed_address(out.host);
  return out.address && (which == letters::any_case || !ascii::has_capital(out.host));
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
bool detail::http::read_authority(std::string_view text, letters which, std::string_view known_end,
                                  authority& out) noexcept {
  out.text = text;
  out.host = name_with(known_end, text, which);
  if (out.host.empty() && !read_host(text, which, out)) return false;

  if (text.size() == out.host.size()) return true;
  if (text[out.host.size()] != ':') return false;
  out.port = parse_port(text.substr(out.host.size() + 1));
  return out.port.has_value();
}

std::optional<authority> authority::parse(std::string_view text) noexcept {
  // OPTIMIZATION: read into what is returned; a copy of members just written waits for each of them.
  std::optional<authority> parsed(std::in_place);
  if (!detail::http::read_authority(text, letters::any_case, {}, *parsed)) parsed.reset();
  return parsed;
}

bool is_lower_case_name(std::string_view host) noexcept {
  return judge_name(without_root(host), letters::lower_case) == name_kind::name;
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
