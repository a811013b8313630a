#pragma once
// Cross-origin resource sharing: what pages of other origins may do, and what they may read.
// Source: https://fetch.spec.whatwg.org/#http-cors-protocol ; deviations and choices: docs/cors.md

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/http/method.hpp>
#include <gatehouse/http/origin.hpp>
#include <gatehouse/rules/rule.hpp>

namespace gatehouse {

/// Field names that pages may send unless `request_headers` says otherwise: what frameworks, tracers and caches send.
[[nodiscard]] std::vector<std::string> default_cors_request_headers();

struct cors_config {
  /// "https://app.example.com", "https://*.example.com" (one or more labels in front), "http://localhost:*" (any port),
  /// "https://app.example.com:{8080,8443}", or "*" alone. Byte-exact: lower case, no path, no default port.
  std::vector<std::string> origins{};
  bool credentials = false;  ///< cookies and HTTP authentication may come along; excludes "*" and all that means it
  /// Empty: those that the route has; where they are not known GET, HEAD, POST, PUT, PATCH and DELETE. GET, HEAD and
  /// POST are always allowed (Fetch, CORS-safelisted method).
  std::vector<std::string> methods{};
  std::vector<std::string> request_headers = default_cors_request_headers();  ///< "*": any but Authorization
  std::vector<std::string> expose_headers{};                                  ///< what pages may read; "*": everything
  milliseconds max_age{600'000};  ///< how long a browser keeps a preflight's answer: whole seconds, at most 24 h
  /// What the answer to a preflight tells. full: the whole policy, which browsers keep for all methods and fields.
  /// minimal: only what was asked for. stepwise: as full, and of what is not allowed so much that the browser's console
  /// says which method or field it was; for development.
  std::string disclose = "full";
  std::uint16_t preflight_status = 204;    ///< 204 or 200, which some old clients need
  bool allow_private_network = false;      ///< deprecated: browsers ask for a permission now (Local Network Access)
  bool timing = false;                     ///< Timing-Allow-Origin for the same origins
  bool enforce = false;                    ///< requests from other origins get 403 instead of an answer nobody may read
  bool report_only = false;                ///< nothing is answered, added or removed; what would be denied is logged
  std::string upstream_headers = "strip";  ///< strip | pass: CORS fields of who stands behind. pass: the API does CORS
                                           ///< itself, its preflights included
  std::vector<std::string> public_origins{};  ///< our own, as clients see them: requests from there are not
                                              ///< cross-origin
  bool single_label = false;                  ///< "*." in front of a host stands for one label only
  /// http: origins (other than loopback) with credentials: whoever is on the way can be such a page.
  bool dangerously_allow_insecure_origins = false;
  /// Patterns over names that strangers register ("https://*.github.io") with credentials.
  bool dangerously_allow_public_suffixes = false;
  std::string public_suffix_list{};  ///< a newer list than the system's, as a file; empty: the system's
  friend bool operator==(const cors_config&, const cors_config&) = default;
};

/// What a request is to CORS, and what may come of it. Views borrow from the request.
struct cors_decision {
  enum class kind : std::uint8_t {
    not_cors,     ///< no Origin: no page of another origin asks (or it reads nothing)
    same_origin,  ///< an Origin, and it is our own
    request,
    preflight,
  };
  kind what = kind::not_cors;
  bool any_origin = false;  ///< allowed as "*"
  reason why = reason::none;
  std::string_view origin{};  ///< as sent; validated only when allowed() and not any_origin
  std::string_view denied{};  ///< the method or field name that `why` is about, as sent

  /// A page of `origin` may have the answer (of a preflight: may send the request).
  [[nodiscard]] bool allowed() const noexcept {
    return why == reason::none && (what == kind::request || what == kind::preflight);
  }
};

namespace detail::rules {
class origin_table;
class text_table;
}  // namespace detail::rules

/// One configured policy; of all rules the one that decides who may read.
///
/// Default: there is none, and no page of another origin reads anything. `app.use(cors({.origins =
/// {"https://app.example.com"}}));` Customised: `app.use(cors({.origins = {"https://*.example.com"}, .credentials =
/// true, .max_age = 2h}));`
class cors_policy final : public rule {
 public:
  /// Errors: one for each value that is wrong; see docs/cors.md for all of them. Cost: O(total pattern bytes).
  [[nodiscard]] static result<std::unique_ptr<const cors_policy>, config_errors> make(const cors_config& c,
                                                                                      state_registry& states);
  /// As above, and an empty list is none that was forgotten: nobody may, every preflight is refused.
  [[nodiscard]] static result<std::unique_ptr<const cors_policy>, config_errors> make_even_for_nobody(
      const cors_config& c, state_registry& states);
  /// As above. `next` decides about every request, too, and nothing comes of it but what exchange::next_cors says:
  /// neither its max_age, disclose, expose_headers nor report_only matter. Errors: of either; keys of `next` begin with
  /// "cors_next"; and where `c` leaves everything to the API.
  [[nodiscard]] static result<std::unique_ptr<const cors_policy>, config_errors> make_with_next(const cors_config& c,
                                                                                                const cors_config& next,
                                                                                                state_registry& states,
                                                                                                bool may_be_empty);
  ~cors_policy() override;

  /// Pure: decides from the head alone. `secure`: the client speaks HTTPS, which tells what our own origin is where
  /// `public_origins` is empty. Bounded by the configuration, whatever the request's size.
  [[nodiscard]] cors_decision check(const request_head& head, const route_info& route,
                                    bool secure = false) const noexcept;
  /// Why a denied one was: what is nearest to it and how it differs. Not for allowed ones.
  [[nodiscard]] cors_denial explain(const cors_decision& denied) const noexcept;

  /// The methods that a preflight may ask for on this route, GET, HEAD and POST among them.
  [[nodiscard]] method_set methods_of(const route_info& route) const noexcept;
  [[nodiscard]] const cors_config& configured() const noexcept { return config_; }
  [[nodiscard]] bool allows_any_origin() const noexcept { return any_origin_; }

  [[nodiscard]] std::string_view name() const noexcept override { return "cors"; }
  [[nodiscard]] rule_order order() const noexcept override { return rule_order::cors; }
  [[nodiscard]] bool report_only() const noexcept override { return config_.report_only; }
  [[nodiscard]] bool lists_origins() const noexcept override;
  [[nodiscard]] step on_request(exchange& e, slot& s) const noexcept override;
  [[nodiscard]] body_plan on_response(exchange& e, slot& s, response_head& head) const noexcept override;

 private:
  cors_policy();
  [[nodiscard]] static result<std::unique_ptr<cors_policy>, config_errors> build(const cors_config& c,
                                                                                 state_registry& states,
                                                                                 bool may_be_empty);
  [[nodiscard]] reason judge_origin(std::string_view sent, std::optional<origin>& other) const noexcept;
  [[nodiscard]] reason judge_method(std::string_view asked, const route_info& route) const noexcept;
  [[nodiscard]] reason judge_headers(const fields& all, std::string_view& denied) const noexcept;
  [[nodiscard]] bool is_own(const request_head& head, std::string_view sent, const std::optional<origin>& asked,
                            bool secure) const noexcept;
  void put_fields(exchange& e, const cors_decision& d, response_head& head) const noexcept;
  void put_preflight_fields(exchange& e, response_head& head) const noexcept;
  [[nodiscard]] std::string_view asked_headers(exchange& e) const noexcept;
  [[nodiscard]] bool tells_why(const cors_decision& d) const noexcept;
  void try_next(exchange& e, const cors_decision& now) const noexcept;

  cors_config config_{};
  bool any_origin_ = false;
  bool any_header_ = false;
  bool minimal_ = false;  // tells only what was asked for
  bool stepwise_ = false;
  bool passes_ = false;  // the API does CORS itself
  bool ours_configured_ = false;
  method_set methods_{};           // empty: those of the route
  std::size_t header_budget_ = 0;  // bytes of all Access-Control-Request-Headers values together
  std::unique_ptr<const detail::rules::origin_table> origins_{};
  std::unique_ptr<const detail::rules::origin_table> own_{};
  std::unique_ptr<const detail::rules::text_table> headers_{};  // in lower case
  std::string headers_text_{};                                  // Access-Control-Allow-Headers
  std::string exposed_text_{};
  std::string max_age_text_{};
  std::unique_ptr<const cors_policy> next_{};  // null: none is tried
};

/// How bad something in a valid policy is: what `check` prints.
enum class cors_severity : std::uint8_t { info, warning, error };

/// A doubtful choice in a policy that could be made. `id` is of the table in docs/cors.md: "C04".
struct cors_finding {
  std::string_view id{};
  cors_severity how_bad = cors_severity::warning;
  config_error what{};  ///< key relative to the policy: "origins[0]", "max_age"
};
/// What of the rest of the configuration the findings need.
struct cors_surroundings {
  bool upstream_is_private = false;      ///< loopback or a private address: out of reach for the world
  bool methods_known = false;            ///< of every route that the policy is for
  method_set route_methods{};            ///< of all of them
  bool redirects_to_https = false;       ///< plain HTTP gets a redirect to HTTPS
  std::string corp{};                    ///< Cross-Origin-Resource-Policy if it is set by hand
  std::vector<std::string> own_hosts{};  ///< names that clients know us by; empty: not known
  bool adds_same_site = false;           ///< cookies of who stands behind become SameSite=Lax, and none is an exception
};
/// Everything doubtful about a policy that `make` accepts.
[[nodiscard]] std::vector<cors_finding> lint_cors(const cors_config& c, const cors_surroundings& around);

[[nodiscard]] pending_rule cors(cors_config c);
/// As cors(now), and `next` is tried: cors_policy::make_with_next.
[[nodiscard]] pending_rule cors(cors_config now, cors_config next);
/// As cors(); with an empty list no page of another origin may anything.
[[nodiscard]] pending_rule cors_even_for_nobody(cors_config c);
[[nodiscard]] pending_rule cors_even_for_nobody(cors_config now, cors_config next);

}  // namespace gatehouse
