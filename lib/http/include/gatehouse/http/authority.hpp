#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include <gatehouse/base/ip_address.hpp>

namespace gatehouse {

/// host [":" port] of RFC 3986, as Host and absolute-form targets carry it. Views into the text it was parsed from.
/// Taken apart once, by the parser; all that compare or judge it ask the parts.
struct authority {
  std::string_view text{};  ///< all of it, as sent; empty only when there is none (HTTP/1.0 without Host)
  std::string_view host{};  ///< the beginning of text: registered name, IPv4 address, or IPv6 address with its brackets
  std::optional<std::uint16_t> port{};  ///< absent when not written; an empty port ("h:") is refused
  std::optional<ip_address> address{};  ///< of a host that is an address

  /// Strict: no userinfo, no percent-encoding, no empty host; letters, digits, "-", "." and "_" in a name, no leading
  /// dot, no empty label; a valid address in brackets; port 1 to 65535 without leading zeros. Otherwise nothing.
  [[nodiscard]] static std::optional<authority> parse(std::string_view text) noexcept;

  [[nodiscard]] bool empty() const noexcept { return text.empty(); }
  /// The same with views into `copy`, which holds the bytes of `text`.
  [[nodiscard]] authority moved_to(std::string_view copy) const noexcept;
  /// localhost, *.localhost, 127.0.0.0/8 or [::1]: hosts that always mean this machine. False when empty.
  [[nodiscard]] bool is_loopback() const noexcept;
};

/// Parses as `authority::parse` does, and remembers the last valid one: what one connection asks for is nearly always
/// of the same authority. OPTIMIZATION: comparing the bytes is a tenth of the work of judging them again.
class authority_memory {
 public:
  /// The views of the result are into `text`.
  [[nodiscard]] std::optional<authority> parse(std::string_view text) noexcept;

 private:
  std::array<char, 46> text_{};  ///< longer ones are parsed each time; every idle connection has one of these
  std::uint8_t size_ = 0;        ///< 0: none yet
  std::uint8_t host_size_ = 0;
  std::optional<std::uint16_t> port_{};
  std::optional<ip_address> address_{};
};

/// The same host, whatever the ports: letters compared without case, one trailing dot ignored; addresses by value.
/// False when one is empty: no host is nobody's.
[[nodiscard]] bool same_host(const authority& a, const authority& b) noexcept;

}  // namespace gatehouse
