#include <gatehouse/base/ip_address.hpp>

#include <algorithm>
#include <cstring>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned v4_bits = 32;
constexpr unsigned v6_bits = 128;
constexpr unsigned mapped_bits = v6_bits - v4_bits;

/// A prefix length: one to three digits without leading zeros, for "010" is 8 to inet_aton and 10 to a
/// reader.
std::optional<unsigned> parse_small(std::string_view text, unsigned max) noexcept {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    if (!ascii::is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (value > max) return std::nullopt;
  return value;
}

/// Four octets as parse_small reads them, with dots between. OPTIMIZATION: in one pass, since most of a developer's
/// requests name 127.0.0.1.
std::optional<std::array<std::uint8_t, 4>> parse_v4(std::string_view text) noexcept {
  std::array<std::uint8_t, 4> out{};
  std::size_t part = 0;
  unsigned value = 0;
  unsigned digits = 0;
  for (const char c : text) {
    if (ascii::is_digit(c)) {
      if (digits == 3 || (digits == 1 && value == 0)) return std::nullopt;
      value = value * 10 + static_cast<unsigned>(c - '0');
      ++digits;
    } else {
      if (c != '.' || digits == 0 || value > 255 || part + 1 == out.size()) return std::nullopt;
      out[part++] = static_cast<std::uint8_t>(value);
      value = digits = 0;
    }
  }
  if (part + 1 != out.size() || digits == 0 || value > 255) return std::nullopt;
  out[part] = static_cast<std::uint8_t>(value);
  return out;
}

/// The groups on one side of "::", or all of them. Writes two bytes a group to `out` and returns how many bytes, or
/// nothing. The dotted form may only end an address (RFC 4291 section 2.2, form 3): `may_end_dotted`.
std::optional<std::size_t> parse_groups(std::string_view text, bool may_end_dotted,
                                        std::array<std::uint8_t, 16>& out) noexcept {
  std::size_t written = 0;
  while (true) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && may_end_dotted && group.find('.') != std::string_view::npos) {
      const auto dotted = parse_v4(group);
      if (!dotted || written + 4 > out.size()) return std::nullopt;
      std::copy(dotted->begin(), dotted->end(), out.begin() + static_cast<std::ptrdiff_t>(written));
      return written + 4;
    }
    if (group.empty() || group.size() > 4 || written + 2 > out.size()) return std::nullopt;
    unsigned value = 0;
    for (const char c : group) {
      const int digit = ascii::hex_value(c);
      if (digit < 0) return std::nullopt;
      value = value << 4 | static_cast<unsigned>(digit);
    }
    out[written++] = static_cast<std::uint8_t>(value >> 8);
    out[written++] = static_cast<std::uint8_t>(value & 0xff);
    if (colon == std::string_view::npos) return written;
    text.remove_prefix(colon + 1);
  }
}

// RFC 4291 section 2.2. A second "::" is refused as an empty group.
std::optional<std::array<std::uint8_t, 16>> parse_v6(std::string_view text) noexcept {
  std::array<std::uint8_t, 16> out{};
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    const auto all = parse_groups(text, true, out);
    return all == out.size() ? std::optional{out} : std::nullopt;
  }
  const std::string_view before = text.substr(0, gap);
  const std::string_view after = text.substr(gap + 2);
  std::array<std::uint8_t, 16> tail{};
  const auto head_size = before.empty() ? std::optional<std::size_t>{0} : parse_groups(before, false, out);
  const auto tail_size = after.empty() ? std::optional<std::size_t>{0} : parse_groups(after, true, tail);
  // "::" stands for at least one group (RFC 5952 section 4.2.2 has the writer keep to it; "1:2:3:4:5:6:7::" is one
  // group).
  if (!head_size || !tail_size || *head_size + *tail_size > out.size() - 2) return std::nullopt;
  std::copy_n(tail.begin(), *tail_size, out.end() - static_cast<std::ptrdiff_t>(*tail_size));
  return out;
}

/// The text of each octet with a dot behind it, and how long that is. OPTIMIZATION: addresses are logged and forwarded
/// for every request.
struct octet_text {
  std::array<char, 4> dotted{};
  std::uint8_t size = 0;
};
constexpr auto octet_texts = [] {
  std::array<octet_text, 256> out{};
  for (unsigned value = 0; value < out.size(); ++value) {
    auto& [dotted, size] = out[value];
    if (value >= 100) dotted[size++] = static_cast<char>('0' + value / 100);
    if (value >= 10) dotted[size++] = static_cast<char>('0' + value / 10 % 10);
    dotted[size++] = static_cast<char>('0' + value % 10);
    dotted[size++] = '.';
  }
  return out;
}();

/// Writes four bytes, also of an octet with fewer digits: what follows is written over them, or is no part of it.
char* write_octet(char* out, std::uint8_t value) noexcept {
  const octet_text& text = octet_texts[value];
  std::memcpy(out, text.dotted.data(), text.dotted.size());
  return out + text.size;
}

char* write_group(char* out, unsigned value) noexcept {
  bool started = false;
  for (int shift = 12; shift >= 0; shift -= 4) {
    const unsigned digit = value >> shift & 0xf;
    started = started || digit != 0 || shift == 0;
    if (started) *out++ = "0123456789abcdef"[digit];
  }
  return out;
}

struct zero_run {
  std::size_t begin = 8;
  std::size_t size = 0;
};

/// The groups that "::" stands for: the longest run of at least two, the first of equals (RFC 5952 section 4.2).
zero_run longest_zero_run(const std::array<unsigned, 8>& groups) noexcept {
  zero_run best{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::size_t end = i;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - i >= 2 && end - i > best.size) best = {.begin = i, .size = end - i};
    if (end > i) i = end - 1;
  }
  return best;
}

char* write_v6(char* out, const std::array<std::uint8_t, 16>& bytes) noexcept {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = static_cast<unsigned>(bytes[2 * i]) << 8 | bytes[2 * i + 1];
  }
  const zero_run skipped = longest_zero_run(groups);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i == skipped.begin) {
      *out++ = ':';
      *out++ = ':';
      i += skipped.size - 1;
      continue;
    }
    if (i != 0 && i != skipped.begin + skipped.size) *out++ = ':';
    out = write_group(out, groups[i]);
  }
  return out;
}

}  // namespace

ip_address ip_address::v4(std::array<std::uint8_t, 4> bytes) noexcept {
  ip_address made;
  std::copy(bytes.begin(), bytes.end(), made.bytes_.begin() + mapped_prefix.size());
  return made;
}

ip_address ip_address::v6(const std::array<std::uint8_t, 16>& bytes) noexcept {
  ip_address made;
  made.bytes_ = bytes;
  made.is_v4_ = std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin());
  return made;
}

std::optional<ip_address> ip_address::parse(std::string_view text) noexcept {
  if (text.size() > max_text) return std::nullopt;  // before any scanning: hostile text meets a constant
  if (text.find(':') == std::string_view::npos) {
    const auto bytes = parse_v4(text);
    return bytes ? std::optional{v4(*bytes)} : std::nullopt;
  }
  const auto bytes = parse_v6(text);
  return bytes ? std::optional{v6(*bytes)} : std::nullopt;
}

bool ip_address::is_loopback() const noexcept {
  if (is_v4_) return bytes_[12] == 127;  // RFC 1122 section 3.2.1.3: all of 127/8
  return std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t b) { return b == 0; }) && bytes_[15] == 1;
}

bool ip_address::is_private() const noexcept {
  if (is_v4_) {
    const unsigned first = bytes_[12];
    const unsigned second = bytes_[13];
    return first == 10 || (first == 172 && second >= 16 && second < 32) || (first == 192 && second == 168) ||
           (first == 169 && second == 254);
  }
  return (bytes_[0] & 0xfeU) == 0xfc || (bytes_[0] == 0xfe && (bytes_[1] & 0xc0U) == 0x80);
}

bool ip_address::is_unspecified() const noexcept {
  const auto from = is_v4_ ? bytes_.begin() + mapped_prefix.size() : bytes_.begin();
  return std::all_of(from, bytes_.end(), [](std::uint8_t b) { return b == 0; });
}

ip_address ip_address::truncated(unsigned bits) const noexcept {
  ip_address made = *this;
  unsigned keep = is_v4_ ? mapped_bits + std::min(bits, v4_bits) : std::min(bits, v6_bits);
  for (std::uint8_t& byte : made.bytes_) {
    if (keep >= 8) {
      keep -= 8;
    } else {
      byte = static_cast<std::uint8_t>(byte & (0xff00U >> keep));
      keep = 0;
    }
  }
  return made;
}

std::size_t ip_address::write(char* out) const noexcept {
  char* at = out;
  if (!is_v4_) return static_cast<std::size_t>(write_v6(out, bytes_) - out);
  for (std::size_t i = mapped_prefix.size(); i < bytes_.size(); ++i) at = write_octet(at, bytes_[i]);
  return static_cast<std::size_t>(at - out) - 1;  // without the last dot
}

std::string ip_address::to_string() const {
  char text[max_text];
  return {text, write(text)};
}

std::optional<ip_range> ip_range::parse(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  const auto network = ip_address::parse(text.substr(0, slash));
  if (!network) return std::nullopt;
  // "::ffff:10.0.0.0/104" counts from the top of the text it stands behind, and is 10.0.0.0/8.
  const bool mapped = network->is_v4() && text.find(':') != std::string_view::npos;
  unsigned bits = network->is_v4() && !mapped ? v4_bits : v6_bits;
  if (slash != std::string_view::npos) {
    const auto written = parse_small(text.substr(slash + 1), bits);
    if (!written) return std::nullopt;
    bits = *written;
  }
  if (mapped) {
    if (bits < mapped_bits) return std::nullopt;
    bits -= mapped_bits;
  }
  if (network->truncated(bits) != *network) return std::nullopt;
  ip_range made;
  made.network_ = *network;
  made.bits_ = static_cast<std::uint8_t>(bits);
  return made;
}

bool ip_range::contains(const ip_address& address) const noexcept {
  return address.is_v4() == network_.is_v4() && address.truncated(bits_) == network_;
}

std::string ip_range::to_string() const { return network_.to_string() + '/' + std::to_string(bits_); }

}  // namespace gatehouse
