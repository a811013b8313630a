#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/http/authority.hpp>

namespace gatehouse {

/// The longest that is looked at: a scheme of 64 bytes, a host name of 253 with the root's dot, a port.
inline constexpr std::size_t max_scheme_bytes = 64;
inline constexpr std::size_t max_origin_bytes = max_scheme_bytes + 3 + 254 + 6;

/// An origin as the Origin field has it: scheme "://" host [":" port]. Views into the text it was parsed from.
/// Source: https://fetch.spec.whatwg.org/#origin-header , `serialized-origin`; "null" is none.
/// DEVIATION: "_" and a dot at the end of a host are accepted, for real hosts have them; the default port of http and
/// https, upper-case letters and a host that only the WHATWG URL parser reads are not: no browser serialises them so.
struct origin {
  std::string_view text{};
  std::string_view scheme{};  ///< lower case
  std::string_view host{};    ///< lower case; IPv6 with its brackets
  std::optional<std::uint16_t> port{};
  std::optional<ip_address> address{};  ///< of a host that is an address

  /// Nothing when it is not exactly that, in at most max_origin_bytes.
  [[nodiscard]] static std::optional<origin> parse(std::string_view text) noexcept;
  /// The same, for whoever compared how the host ends. `known_end`: a view of these bytes in `text`, from a dot with at
  /// least one label behind it, equal to the end of a host name (no address) in lower case that authority::parse takes;
  /// they are believed. Where it is not the end of the host, or empty, this is parse().
  [[nodiscard]] static std::optional<origin> parse_ending_in(std::string_view known_end,
                                                             std::string_view text) noexcept;

  static constexpr std::string_view separator = "://";
  /// Of the scheme in front of the first separator; 0: `text` begins with none.
  [[nodiscard]] static std::size_t scheme_size(std::string_view text) noexcept;

  [[nodiscard]] bool is_http() const noexcept { return scheme == "http"; }
  [[nodiscard]] bool is_https() const noexcept { return scheme == "https"; }
  /// localhost and its kind; see authority::is_loopback.
  [[nodiscard]] bool is_loopback() const noexcept;
};

/// A host name (no address) as authority::parse takes it, without capitals.
[[nodiscard]] bool is_lower_case_name(std::string_view host) noexcept;

/// What a browser sends where there is no origin to tell (sandboxed frames, file:, some redirects). Anybody can make
/// one.
inline constexpr std::string_view null_origin = "null";

/// 80, 443, or nothing for schemes of which nobody knows a port.
[[nodiscard]] constexpr std::optional<std::uint16_t> default_port(std::string_view scheme) noexcept {
  if (scheme == "http") return std::uint16_t{80};
  if (scheme == "https") return std::uint16_t{443};
  return std::nullopt;
}

/// A scheme of RFC 3986 section 3.1 in lower case.
[[nodiscard]] constexpr bool is_scheme(std::string_view text) noexcept {
  if (text.empty() || text.size() > max_scheme_bytes || text.front() < 'a' || text.front() > 'z') return false;
  for (const char c : text) {
    const bool known = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    if (!known) return false;
  }
  return true;
}

}  // namespace gatehouse
