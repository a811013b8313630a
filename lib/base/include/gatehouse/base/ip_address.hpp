#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

/// An IPv4 or IPv6 address. IPv4-mapped IPv6 (::ffff:a.b.c.d) is always kept as IPv4, so that one client has one form;
/// a zone id is not part of it.
class ip_address {
 public:
  /// 0.0.0.0, for "no address" (a Unix socket).
  constexpr ip_address() noexcept = default;

  /// From network-order bytes; `v6` maps to IPv4 where it is an IPv4-mapped address.
  [[nodiscard]] static ip_address v4(std::array<std::uint8_t, 4> bytes) noexcept;
  [[nodiscard]] static ip_address v6(const std::array<std::uint8_t, 16>& bytes) noexcept;

  /// Strict: dotted decimal with four parts, no leading zeros, no octal, no hexadecimal; RFC 4291 text form for IPv6,
  /// without brackets, port or zone. Anything else: nothing.
  [[nodiscard]] static std::optional<ip_address> parse(std::string_view text) noexcept;

  [[nodiscard]] constexpr bool is_v4() const noexcept { return is_v4_; }
  [[nodiscard]] constexpr bool is_v6() const noexcept { return !is_v4_; }
  [[nodiscard]] bool is_loopback() const noexcept;
  /// RFC 1918, link-local, RFC 4193: an address a reverse proxy of one's own would have.
  [[nodiscard]] bool is_private() const noexcept;
  [[nodiscard]] bool is_unspecified() const noexcept;

  /// 16 bytes; an IPv4 address stands in its mapped form.
  [[nodiscard]] constexpr const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }
  /// With all but the first `bits` cleared; counted from the top of the address's own family (32 or 128).
  [[nodiscard]] ip_address truncated(unsigned bits) const noexcept;

  /// Longest text is 39 characters (RFC 5952 form for IPv6).
  static constexpr std::size_t max_text = 45;
  /// Writes the text form to `out` (at least `max_text` bytes) and returns its length.
  std::size_t write(char* out) const noexcept;
  [[nodiscard]] std::string to_string() const;

  friend constexpr auto operator<=>(const ip_address&, const ip_address&) noexcept = default;
  /// OPTIMIZATION: two words; the bytes tell the families apart, since an IPv4 address is never kept in two forms.
  [[gnu::always_inline]] friend constexpr bool operator==(const ip_address& a, const ip_address& b) noexcept {
    using words = std::array<std::uint64_t, 2>;
    const auto of_a = std::bit_cast<words>(a.bytes_);
    const auto of_b = std::bit_cast<words>(b.bytes_);
    return of_a[0] == of_b[0] && of_a[1] == of_b[1];
  }

 private:
  std::array<std::uint8_t, 16> bytes_{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
  bool is_v4_ = true;
};

/// An address range, "10.0.0.0/8" or "2001:db8::/32"; a bare address is the range of itself.
class ip_range {
 public:
  constexpr ip_range() noexcept = default;
  /// Refuses bits set behind the prefix ("10.0.0.1/8"): whoever wrote that meant something else.
  [[nodiscard]] static std::optional<ip_range> parse(std::string_view text) noexcept;
  [[nodiscard]] bool contains(const ip_address& address) const noexcept;
  [[nodiscard]] std::string to_string() const;
  friend constexpr auto operator<=>(const ip_range&, const ip_range&) noexcept = default;

 private:
  ip_address network_{};
  std::uint8_t bits_ = 32;
};

}  // namespace gatehouse
