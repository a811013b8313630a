#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse {

/// host [":" port] of RFC 3986, as Host and absolute-form targets carry it. Views into the text it was parsed from.
struct authority {
  std::string_view host;              ///< registered name, IPv4 address, or IPv6 address with its brackets; never empty
  std::optional<std::uint16_t> port;  ///< absent when not written; an empty port ("h:") is refused

  /// Strict: no userinfo, no percent-encoding, no empty host; letters, digits, "-", "." and "_" in a name, no leading
  /// dot, no empty label; a valid address in brackets; port 1 to 65535 without leading zeros. Otherwise nothing.
  [[nodiscard]] static std::optional<authority> parse(std::string_view text) noexcept;
};

/// The same host: letters compared without case, one trailing dot ignored; IPv6 addresses by value.
[[nodiscard]] bool same_host(std::string_view a, std::string_view b) noexcept;
/// localhost, *.localhost, 127.0.0.0/8 or [::1]: names that always mean this machine.
[[nodiscard]] bool is_loopback_host(std::string_view host) noexcept;

}  // namespace gatehouse
