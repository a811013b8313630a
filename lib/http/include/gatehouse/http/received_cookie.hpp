#pragma once
// The Set-Cookie field as browsers read it: RFC 6265bis (draft-ietf-httpbis-rfc6265bis) section 5.6. Pure, without
// allocation; linear in the text. What is written here is in set_cookie.hpp.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse {

/// Of name and value together; browsers ignore a cookie that has more (section 5.6, step 5).
inline constexpr std::size_t max_cookie_bytes = 4096;
/// Of one attribute's value; browsers ignore an attribute that has more (section 5.6, step 6).
inline constexpr std::size_t max_cookie_attribute_bytes = 1024;

/// Which requests of other sites' pages a cookie goes with. `unset`: absent, or a word that browsers do not know; some
/// take that for lax with a hole (Chromium: POST within two minutes), some for none.
enum class same_site_mode : std::uint8_t { unset, none, lax, strict };

/// What a name's beginning demands of its cookie (sections 4.1.3 and 5.7); compared in any case, as browsers do.
enum class cookie_prefix : std::uint8_t {
  none,
  secure,     ///< __Secure-: Secure
  host,       ///< __Host-: Secure, Path=/, no Domain
  http,       ///< __Http-: Secure, HttpOnly
  host_http,  ///< __Host-Http-: all of these
};
inline constexpr std::string_view host_prefix = "__Host-";
[[nodiscard]] constexpr cookie_prefix prefix_of(std::string_view name) noexcept {
  const auto begins = [name](std::string_view prefix) {
    return ascii::equal_ignoring_case(name.substr(0, prefix.size()), prefix);
  };
  if (begins("__Host-Http-")) return cookie_prefix::host_http;
  if (begins(host_prefix)) return cookie_prefix::host;
  if (begins("__Http-")) return cookie_prefix::http;
  return begins("__Secure-") ? cookie_prefix::secure : cookie_prefix::none;
}

/// One attribute of a Set-Cookie field.
struct cookie_attribute {
  enum class kind : std::uint8_t { other, domain, expires, http_only, max_age, partitioned, path, same_site, secure };
  kind what = kind::other;   ///< `other` also when browsers ignore it for its length
  std::string_view text{};   ///< as sent, from its ";" on to before the next: all of them together are the attributes
  std::string_view value{};  ///< without spaces around; empty also without "="
};

/// The attribute that `text`, from its ";" on, is.
[[nodiscard]] cookie_attribute parse_cookie_attribute(std::string_view text) noexcept;
[[nodiscard]] same_site_mode parse_same_site(std::string_view value) noexcept;

/// Calls `visit(cookie_attribute)` for each, in the order sent. `attributes` is empty or begins with ";".
template <typename Visit>
void for_each_cookie_attribute(std::string_view attributes, Visit visit) {
  while (!attributes.empty()) {
    const std::string_view one = attributes.substr(0, attributes.find(';', 1));
    attributes.remove_prefix(one.size());
    visit(parse_cookie_attribute(one));
  }
}

/// A Set-Cookie line as a browser understands it. Views into the line. Lossless: `pair` and then `attributes` are the
/// line, byte for byte. Of attributes that came twice the last counts.
struct received_cookie {
  std::string_view name{};        ///< as sent, without spaces around; empty only when there is no "=" or nothing before
  std::string_view value{};       ///< as sent, without spaces around; quotes are part of it
  std::string_view pair{};        ///< up to the first ";"
  std::string_view attributes{};  ///< from that on; may be empty
  bool secure = false;
  bool http_only = false;
  bool partitioned = false;
  same_site_mode same_site = same_site_mode::unset;
  std::optional<std::string_view> domain{};  ///< without a dot at its front
  std::optional<std::string_view> path{};

  /// Nothing for what browsers ignore: neither name nor value, a control byte (TAB aside), more than max_cookie_bytes.
  [[nodiscard]] static std::optional<received_cookie> parse(std::string_view line) noexcept;
};

}  // namespace gatehouse
