#pragma once
// The guard against requests that other sites make a browser send (cross-site request forgery), WebSocket handshakes
// among them. Source: https://www.w3.org/TR/fetch-metadata/ , https://fetch.spec.whatwg.org/#origin-header ; choices
// and what it is stronger in than others: docs/csrf.md

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/http/method.hpp>
#include <gatehouse/rules/csrf_token.hpp>
#include <gatehouse/rules/provenance.hpp>
#include <gatehouse/rules/rule.hpp>

namespace gatehouse {

/// Who has no session yet is known by this cookie, which only we set.
inline constexpr std::string_view csrf_id_cookie = "__Host-gh-csrf";
/// The field of a form (application/x-www-form-urlencoded) that a token may come in when there is no X-CSRF-Token.
inline constexpr std::string_view csrf_form_field = "csrf_token";
/// Longer forms are not looked into: their page sends the field.
inline constexpr std::size_t max_csrf_form_bytes = std::size_t{64} * 1024;

struct csrf_config {
  /// Whose pages may send anything, with cookies: "https://pay.example.com". Exact, as browsers serialise them.
  std::vector<std::string> trusted_origins{};
  /// Requests that anybody's page may cause: "POST /webhooks/pay", the method and the whole path, byte for byte.
  std::vector<std::string> exempt{};
  /// What says nothing of where it comes from (no browser of today does that) is refused when it acts as somebody.
  bool strict = false;
  /// With `strict`: the field that own pages send, such as "X-Requested-With"; others cannot without a preflight.
  std::string strict_header{};
  /// Keys of signed tokens (csrf_token.hpp): the first issues, all verify. With them a request that says nothing of
  /// where it comes from and acts as somebody passes with a token of its session, and with nothing else.
  std::vector<std::string> token_keys{};
  /// With `token_keys`: the application's cookie that names a session, and changes at login. Without it, or who has
  /// none: csrf_id_cookie.
  std::string session_cookie{};
  /// With `token_keys`: own pages, and what the user opens, need a token as well when the request acts as somebody.
  bool require_token = false;
  bool unsafe_get = false;   ///< GET and HEAD change something here: judged as POST
  bool report_only = false;  ///< what would be refused is forwarded, and logged
  bool dangerously_off = false;
  std::vector<std::string> public_origins{};  ///< our own, as clients see them; empty: where the request was sent to
  bool session_cookie_is_mapped = false;      ///< over HTTPS its name begins with __Host- (cookies.map_to_host_prefix)
  friend bool operator==(const csrf_config&, const csrf_config&) = default;
};

/// What the guard needs besides the head.
struct csrf_surroundings {
  bool secure = false;              ///< the client speaks HTTPS
  bool client_certificate = false;  ///< and showed who it is
  origin_standing standing = origin_standing::unlisted;
};

struct csrf_verdict {
  /// Why it passed, or that it did not.
  enum class ground : std::uint8_t {
    safe_method,  ///< it changes nothing
    same_origin,  ///< one of our own pages
    user,         ///< typed, bookmarked, opened from elsewhere: no page
    no_browser,   ///< it says nothing of where it comes from
    listed,       ///< of a page that the CORS policy lists
    trusted,      ///< of trusted_origins
    exempt,       ///< by method and path
    token,        ///< it has a token of its session
    off,          ///< there is no guard
    refused,
  };
  ground on = ground::safe_method;
  reason why = reason::none;
  csrf_remedy remedy = csrf_remedy::none;
  bool form_may_have_token = false;  ///< refused for now: the token may stand in its content (csrf_policy::check_form)

  [[nodiscard]] bool passes() const noexcept { return on != ground::refused; }
};

/// A token for who asked, and the cookie it needs.
struct issued_csrf_token {
  std::string token;
  std::string new_id;  ///< to be set as csrf_id_cookie; empty: who asked has a session, or such an id
};

/// Default: `app.use(csrf_guard());` as it is without being asked for. Customised:
/// `app.use(csrf_guard({.trusted_origins = {"https://pay.example.com"}, .exempt = {"POST /saml/acs"}}));`
class csrf_policy final : public rule {
 public:
  /// Errors: one for each value that is wrong.
  [[nodiscard]] static result<std::unique_ptr<const csrf_policy>, config_errors> make(const csrf_config& c);

  /// Pure. Fails closed: what is malformed, or not known to be ours, is refused. Reasons: csrf.cross-origin,
  /// csrf.websocket-origin, csrf.malformed-provenance, csrf.no-provenance, csrf.token. Bounded by the configuration.
  /// Without token_keys nothing is allocated.
  [[nodiscard]] csrf_verdict check(const request_head& head, const csrf_surroundings& around) const noexcept;
  /// After a verdict with `form_may_have_token`: whether the form has a token. Pure. Reason: csrf.token.
  [[nodiscard]] csrf_verdict check_form(const request_head& head, bool secure, std::string_view content) const noexcept;

  /// Whether there are token_keys.
  [[nodiscard]] bool issues_tokens() const noexcept { return keys_.has_value(); }
  /// A token for who asks with `head`, over HTTPS or not. Only with token_keys. Errors: csrf.cross-origin unless an own
  /// page asks, or nobody says who does: to another's page, listed or not, it would be the key to the house; csrf.token
  /// when two cookies claim to be the session.
  [[nodiscard]] result<issued_csrf_token> issue_token(const request_head& head, bool secure,
                                                      random_source& random) const;

  [[nodiscard]] std::string_view name() const noexcept override { return "csrf"; }
  [[nodiscard]] rule_order order() const noexcept override { return rule_order::csrf; }
  [[nodiscard]] bool report_only() const noexcept override { return config_.report_only; }
  [[nodiscard]] step on_request(exchange& e, slot& s) const noexcept override;
  [[nodiscard]] step on_body(exchange& e, slot& s, std::span<const char> content) const noexcept override;
  [[nodiscard]] body_plan on_response(exchange& e, slot& s, response_head& head) const noexcept override;

 private:
  struct exemption {
    method verb;
    std::string_view path;  // into config_
  };

  csrf_policy() = default;
  [[nodiscard]] bool is_safe(const request_head& head) const noexcept;
  [[nodiscard]] bool is_own(const request_head& head, std::string_view sent, bool secure) const noexcept;
  [[nodiscard]] bool is_exempt(const request_head& head) const noexcept;
  [[nodiscard]] csrf_verdict judge_page(const request_head& head, std::string_view sent,
                                        const csrf_surroundings& around) const noexcept;
  [[nodiscard]] csrf_verdict judge_provenance(const request_head& head, const csrf_surroundings& around) const noexcept;
  [[nodiscard]] csrf_verdict judge_token(const request_head& head, bool secure) const noexcept;
  [[nodiscard]] std::optional<std::string> session_of(const request_head& head, bool secure) const;
  [[nodiscard]] csrf_verdict judge_unknown(const request_head& head, const csrf_surroundings& around) const noexcept;
  [[nodiscard]] csrf_verdict judge_websocket(const request_head& head, std::string_view sent,
                                             const csrf_surroundings& around) const noexcept;

  csrf_config config_{};
  std::vector<std::string> own_{};      // serialised; empty: where the request was sent to
  std::vector<std::string> trusted_{};  // serialised
  std::vector<exemption> exempt_{};
  std::optional<csrf_keyring> keys_{};
  std::string secure_session_cookie_{};  // what session_cookie is called over HTTPS
};

[[nodiscard]] pending_rule csrf_guard(csrf_config c = {});

}  // namespace gatehouse
