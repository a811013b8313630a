#pragma once
// A cookie to be set, as RFC 6265bis (draft-ietf-httpbis-rfc6265bis) section 4.1 lets servers write it. Combinations
// that browsers refuse cannot be made: a cookie that silently does not arrive is a bug nobody finds.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gatehouse/base/result.hpp>
#include <gatehouse/http/received_cookie.hpp>

namespace gatehouse {

/// Browsers keep no cookie longer (section 5.5).
inline constexpr std::chrono::seconds max_cookie_age = std::chrono::hours{24} * 400;

/// What cannot be sent, or would not be taken.
enum class cookie_mistake : std::uint8_t {
  name,       ///< not a token of RFC 9110
  value,      ///< a byte outside of `cookie-value`: a space, quote, comma, semicolon, backslash, or no ASCII
  too_long,   ///< name and value over max_cookie_bytes, or path or domain over max_cookie_attribute_bytes
  max_age,    ///< not within a second and 400 days
  path,       ///< does not begin with "/", or has a byte that ends it
  domain,     ///< no host name in lower case
  same_site,  ///< unset: what that means depends on the browser
  same_site_none_insecure,  ///< SameSite=None without Secure
  partitioned_insecure,     ///< Partitioned without Secure
  prefix_insecure,          ///< a name that begins with __Secure-, __Host- or __Http- without Secure
  host_prefix_with_domain,  ///< __Host- with a Domain
  host_prefix_with_path,    ///< __Host- with a Path other than "/"
  http_prefix_for_scripts,  ///< __Http- or __Host-Http- without HttpOnly
};
/// A sentence for the developer: "a cookie whose name begins with __Host- has no Domain".
[[nodiscard]] std::string_view describe(cookie_mistake m) noexcept;

/// The defaults are those of a session: until the browser ends, for every path of this host alone, over HTTPS, not for
/// scripts, not from other sites' pages. (Browsers take Secure cookies from http://localhost, too; Safari does not:
/// `.secure = request.is_secure()`.)
struct cookie_options {
  std::optional<std::chrono::seconds> max_age{};  ///< a second to 400 days; absent: until the browser ends
  std::string path = "/";
  std::string domain{};   ///< "example.com": its subdomains get the cookie, too; empty: this host alone
  bool secure = true;     ///< only over HTTPS
  bool http_only = true;  ///< not for scripts
  same_site_mode same_site = same_site_mode::lax;
  bool partitioned = false;  ///< one for each site that embeds us (CHIPS)
};

/// Of a __Host- cookie. What such a cookie cannot have is no member: it is always Secure, for "/" and this host alone.
struct host_cookie_options {
  std::optional<std::chrono::seconds> max_age{};
  bool http_only = true;
  same_site_mode same_site = same_site_mode::lax;
  bool partitioned = false;
};

/// A Set-Cookie field's value. Immutable and always valid.
class set_cookie {
 public:
  [[nodiscard]] static result<set_cookie, cookie_mistake> make(std::string_view name, std::string_view value,
                                                               const cookie_options& options = {});
  /// Named "__Host-" and `name`, which is the safest there is: neither a sibling domain nor a plain-HTTP page can set
  /// or replace it. `name` is without the prefix. Read with gh::cookie<"__Host-name">.
  [[nodiscard]] static result<set_cookie, cookie_mistake> host(std::string_view name, std::string_view value,
                                                               const host_cookie_options& options = {});
  /// Makes browsers forget the cookie of this name, which must have been set with the same path and domain (of
  /// `options` max_age means nothing here).
  [[nodiscard]] static result<set_cookie, cookie_mistake> clear(std::string_view name, cookie_options options = {});
  [[nodiscard]] static result<set_cookie, cookie_mistake> clear_host(std::string_view name);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  explicit set_cookie(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// `cookie-octet`s of section 4.1.1, in one pair of quotes or without. Pure.
[[nodiscard]] bool is_cookie_value(std::string_view text) noexcept;

}  // namespace gatehouse
