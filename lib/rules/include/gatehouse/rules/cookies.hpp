#pragma once
// Hardening of Set-Cookie on the way out, and the __Host- mapping in both directions. Source: RFC 6265bis
// (draft-ietf-httpbis-rfc6265bis) sections 4.1.2 and 5.7; choices: docs/cookies.md

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/http/received_cookie.hpp>
#include <gatehouse/rules/rule.hpp>

namespace gatehouse {

/// Of each list of names in cookies_config: every cookie is looked up in them.
inline constexpr std::size_t max_listed_cookies = 64;

struct cookies_config {
  /// Names that scripts read: they get no HttpOnly. Names with "csrf" or "xsrf" in them never do.
  std::vector<std::string> readable_by_scripts{};
  /// Names that other sites' pages need (a login by form_post, a widget): what they say of SameSite, or do not, stays.
  std::vector<std::string> cross_site{};
  /// Names that browsers see with "__Host-" before them, over HTTPS; who stands behind sees the plain name, and never a
  /// cookie that came under it.
  std::vector<std::string> map_to_host_prefix{};
  bool dangerously_off = false;  ///< Set-Cookie passes as it is
  /// Hosts of upstreams, without a port: a Domain that names one, and that a browser would refuse, is removed.
  std::vector<std::string> upstream_hosts{};
  friend bool operator==(const cookies_config&, const cookies_config&) = default;
};

/// What the rule needs besides the cookie.
struct cookie_surroundings {
  bool secure = false;            ///< the client speaks HTTPS
  bool of_upstream = true;        ///< an upstream sets it; a handler's HttpOnly is its author's word
  std::string_view asked_host{};  ///< whom the client asked, without a port; empty: it did not say
};

/// What becomes of a cookie. Nothing is ever made weaker.
struct cookie_changes {
  bool add_secure = false;
  bool add_http_only = false;
  bool add_lax = false;      ///< and what browsers do not know as SameSite goes
  bool drop_domain = false;  ///< all of them: an earlier one must not come to life
  bool map_to_host = false;  ///< "__Host-" before the name, no Domain
  bool root_path = false;    ///< with it: Path=/ instead of all others

  [[nodiscard]] bool any() const noexcept {
    return add_secure || add_http_only || add_lax || drop_domain || map_to_host || root_path;
  }
  friend bool operator==(const cookie_changes&, const cookie_changes&) = default;
};

/// Default: `app.use(cookies());` as it is without being asked for. Customised:
/// `app.use(cookies({.readable_by_scripts = {"theme"}, .map_to_host_prefix = {"session"}}));`
class cookies_policy final : public rule {
 public:
  /// Errors: one for each name that is none, that is there twice, or that cannot be mapped; settings beside
  /// dangerously_off.
  [[nodiscard]] static result<std::unique_ptr<const cookies_policy>, config_errors> make(const cookies_config& c);

  /// Pure. `c` has a name.
  [[nodiscard]] cookie_changes check(const received_cookie& c, const cookie_surroundings& around) const noexcept;

  /// Renames mapped cookies in the request, and removes those that came under the plain name. Reason:
  /// limit.exchange-memory.
  [[nodiscard]] step on_request(exchange& e, slot& s) const noexcept override;
  /// A line that browsers ignore, or that has no name, is removed: it cannot be hardened, and others may read it
  /// otherwise. So is one for whose changes the exchange has no memory left (fails closed).
  [[nodiscard]] body_plan on_response(exchange& e, slot& s, response_head& head) const noexcept override;
  [[nodiscard]] std::string_view name() const noexcept override { return "cookies"; }
  [[nodiscard]] rule_order order() const noexcept override { return rule_order::cookies; }

 private:
  cookies_policy() = default;
  [[nodiscard]] bool is_mapped(std::string_view name) const noexcept;
  [[nodiscard]] std::string_view plain_name(std::string_view name) const noexcept;
  [[nodiscard]] bool takes_place_of_mapped(std::string_view name) const noexcept;
  [[nodiscard]] bool names_upstream(std::string_view domain, std::string_view asked_host) const noexcept;
  [[nodiscard]] bool needs_mapping(std::string_view cookies) const noexcept;
  [[nodiscard]] std::size_t map_request(std::string_view cookies, char* out) const noexcept;

  cookies_config config_{};
};

[[nodiscard]] pending_rule cookies(cookies_config c = {});

}  // namespace gatehouse
