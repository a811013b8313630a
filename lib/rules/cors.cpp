#include <gatehouse/rules/cors.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>
#include <gatehouse/http/origin.hpp>

#include "cors_lists.hpp"
#include "origin_table.hpp"
#include "own_origin.hpp"
#include "response_edit.hpp"
#include "text_table.hpp"
#include "vary.hpp"

namespace gatehouse {
namespace {

using namespace detail::rules;

constexpr std::size_t max_method_bytes = 32;  // of a method that is looked at
constexpr std::string_view any = "*";

/// GET, HEAD and POST stand first: a browser allows them whatever the list says (Fetch, CORS-safelisted method). By the
/// four others, one bit each.
constexpr std::array<std::string_view, 16> method_texts{
    "GET, HEAD, POST",
    "GET, HEAD, POST, PUT",
    "GET, HEAD, POST, PATCH",
    "GET, HEAD, POST, PUT, PATCH",
    "GET, HEAD, POST, DELETE",
    "GET, HEAD, POST, PUT, DELETE",
    "GET, HEAD, POST, PATCH, DELETE",
    "GET, HEAD, POST, PUT, PATCH, DELETE",
    "GET, HEAD, POST, OPTIONS",
    "GET, HEAD, POST, PUT, OPTIONS",
    "GET, HEAD, POST, PATCH, OPTIONS",
    "GET, HEAD, POST, PUT, PATCH, OPTIONS",
    "GET, HEAD, POST, DELETE, OPTIONS",
    "GET, HEAD, POST, PUT, DELETE, OPTIONS",
    "GET, HEAD, POST, PATCH, DELETE, OPTIONS",
    "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
};

std::string_view text_of(method_set allowed) noexcept {
  const unsigned at = (allowed.contains(method::put) ? 1U : 0U) | (allowed.contains(method::patch) ? 2U : 0U) |
                      (allowed.contains(method::delete_) ? 4U : 0U) | (allowed.contains(method::options) ? 8U : 0U);
  return method_texts[at];
}

constexpr std::array<std::string_view, 1> vary_on_origin{"Origin"};
constexpr std::array<std::string_view, 3> vary_on_preflight{"Origin", "Access-Control-Request-Method",
                                                            "Access-Control-Request-Headers"};

/// Fields that say what pages may do: of whoever stands behind, and of nobody else than this policy.
bool is_cors_field(const field_line& line) noexcept {
  constexpr std::string_view prefix = "access-control-";
  if (line.id == field::timing_allow_origin) return true;
  // Also those that are not known by name, such as Access-Control-Allow-Private-Network.
  return ascii::equal_ignoring_case(line.name.substr(0, prefix.size()), prefix);
}

/// Where there is no route nothing is known of it: a page may read the 404.
const route_info& route_of(const exchange& e) noexcept {
  static const route_info none{};
  return e.route == nullptr ? none : *e.route;
}

origin_standing standing_of(const cors_decision& d, const cors_config& c) noexcept {
  const bool is_listed = d.what != cors_decision::kind::not_cors && d.what != cors_decision::kind::same_origin &&
                         d.why == reason::none;
  if (!is_listed) return origin_standing::unlisted;
  if (d.any_origin) return origin_standing::any;
  return c.credentials ? origin_standing::listed_with_credentials : origin_standing::listed;
}

/// A head that was refused because it was too long was read up to there, and its Origin with it (design.md: the one
/// exception).
bool was_only_too_long(reason why) noexcept {
  return why == reason::limit_target_too_long || why == reason::limit_head_too_large ||
         why == reason::limit_too_many_fields;
}

/// Why no page of its origin gets what this is about; none: one does. Only of a request in CORS mode its cookies are in
/// the way: a navigation carries them, too, and reads nothing.
reason why_unreadable(const request_head& head, const cors_decision& d, bool with_credentials) noexcept {
  if (d.what == cors_decision::kind::same_origin) return reason::none;
  if (d.why != reason::none || d.what == cors_decision::kind::preflight || with_credentials) return d.why;
  const bool in_cors_mode = head.fields.get(field::sec_fetch_mode).value_or("cors") == "cors";
  return in_cors_mode && head.fields.has(field::cookie) ? reason::cors_credentials_not_allowed : reason::none;
}

/// A field name as the tables have it. Longer than all of them: cut, and known by `fits`.
struct lower_name {
  explicit lower_name(std::string_view name) noexcept : fits(name.size() <= bytes.size()) {
    size = std::min(name.size(), bytes.size());
    std::ranges::transform(name.substr(0, size), bytes.begin(), ascii::to_lower);
  }
  [[nodiscard]] std::string_view text() const noexcept { return {bytes.data(), size}; }

  std::array<char, max_header_name_bytes> bytes;
  std::size_t size = 0;
  bool fits;
};

}  // namespace

cors_policy::cors_policy() = default;
cors_policy::~cors_policy() = default;

bool cors_policy::lists_origins() const noexcept { return !config_.report_only && origins_ && !origins_->empty(); }

method_set cors_policy::methods_of(const route_info& route) const noexcept {
  method_set out = !methods_.empty()        ? methods_
                   : !route.methods.empty() ? route.methods
                                            : method_set{method::put, method::patch, method::delete_};
  out.insert({method::get, method::head, method::post});
  return out;
}

// https://fetch.spec.whatwg.org/#concept-cors-check : bytes are compared, nothing is parsed, trimmed or lower-cased.
reason cors_policy::judge_origin(std::string_view sent, std::optional<origin>& other) const noexcept {
  if (any_origin_ || origins_->contains(sent, other)) return reason::none;
  // Closed either way; which one it is only tells the person who looks.
  return other || sent == null_origin ? reason::cors_origin_not_allowed : reason::cors_invalid_origin;
}

// https://fetch.spec.whatwg.org/#cors-preflight-fetch step 7.4: case-sensitive, for "patch" is not PATCH.
reason cors_policy::judge_method(std::string_view asked, const route_info& route) const noexcept {
  if (asked.size() > max_method_bytes || !grammar::is_token(asked)) return reason::cors_invalid_preflight;
  const method m = parse_method(asked);
  // What nobody here serves is not allowed either.
  return m != method::unknown && methods_of(route).contains(m) ? reason::none : reason::cors_method_not_allowed;
}

// CHOICE: Fetch has the names sorted, in lower case and each once. Proxies split, reorder and repeat them, and being
// strict about it broke people's applications (spec/cors.md section 0.4); so any order, case and number of lines,
// within a budget of bytes that is the configuration's.
reason cors_policy::judge_headers(const fields& all, std::string_view& denied) const noexcept {
  std::size_t bytes = 0;
  all.for_each(field::access_control_request_headers, [&](std::string_view value) { bytes += value.size() + 2; });
  if (bytes == 0) return reason::none;
  if (bytes > header_budget_) return reason::cors_invalid_preflight;
  reason why = reason::none;
  const auto judge = [&](std::string_view name) {
    const lower_name lower(name);
    if (lower.fits && headers_->contains(lower.text())) return true;
    const bool token = grammar::is_token(name);
    // https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name : "*" is not Authorization.
    if (token && any_header_ && lower.text() != "authorization") return true;
    why = token ? reason::cors_header_not_allowed : reason::cors_invalid_preflight;
    denied = name;
    return false;
  };
  all.for_each(field::access_control_request_headers, [&](std::string_view value) {
    if (why == reason::none) (void)grammar::for_each_element(value, judge);
  });
  return why;
}

/// Our own origin: a browser says so, or it is configured, or, where nothing is, it is the one that the request was
/// sent to. Sec-Fetch-Site cannot be set by pages (Fetch, forbidden request-header).
bool cors_policy::is_own(const request_head& head, std::string_view sent, const std::optional<origin>& asked,
                         bool secure) const noexcept {
  if (head.fields.get(field::sec_fetch_site) == "same-origin") return true;
  if (ours_configured_) return own_->contains(sent);
  return asked && is_where_it_was_sent(head, *asked, secure);
}

cors_decision cors_policy::check(const request_head& head, const route_info& route, bool secure) const noexcept {
  cors_decision d;
  const auto sent = head.fields.get(field::origin);
  if (!sent) return d;
  d.origin = *sent;
  // https://fetch.spec.whatwg.org/#cors-preflight-request : exactly these three. A plain OPTIONS is the application's.
  const auto asked_method = head.fields.get(field::access_control_request_method);
  d.what = head.verb == method::options && asked_method ? cors_decision::kind::preflight : cors_decision::kind::request;
  d.any_origin = any_origin_;
  const bool several = head.fields.count(field::origin) > 1;
  std::optional<origin> other;  // what one that is not allowed reads as
  d.why = several ? reason::cors_multiple_origins : judge_origin(*sent, other);
  if (d.what != cors_decision::kind::preflight) {
    if (d.why != reason::none && !several && is_own(head, *sent, other, secure)) {
      d.what = cors_decision::kind::same_origin;
      d.why = reason::none;
    }
    return d;
  }
  if (d.why == reason::none) {
    d.why = judge_method(*asked_method, route);
    if (d.why != reason::none) d.denied = *asked_method;
  }
  if (d.why == reason::none) d.why = judge_headers(head.fields, d.denied);
  return d;
}

cors_denial cors_policy::explain(const cors_decision& d) const noexcept {
  cors_denial out{.why = d.why, .origin = d.origin, .what = d.denied};
  if (d.why == reason::cors_origin_not_allowed && origins_ != nullptr) {
    const auto near = origins_->nearest(d.origin);
    out.differs = near.differs;
    out.nearest = near.text;
  }
  return out;
}

step cors_policy::on_request(exchange& e, slot& s) const noexcept {
  static_assert(sizeof(cors_decision) <= slot::capacity);
  cors_decision& d = s.begin<cors_decision>();
  d = check(e.request, route_of(e), e.client_secure);
  e.standing = standing_of(d, config_);
  if (next_ && d.what != cors_decision::kind::not_cors) try_next(e, d);
  if (d.what == cors_decision::kind::not_cors || d.what == cors_decision::kind::same_origin) return step::pass();
  const bool is_preflight = d.what == cors_decision::kind::preflight;
  if (passes_ && (is_preflight || !config_.enforce)) return step::pass();  // the API answers for itself
  if (d.why != reason::none) {
    e.denied = explain(d);
    if (tells_why(d) && !config_.report_only) return step::answer(static_cast<status>(config_.preflight_status));
    // Watching: the policy turns it into a pass and says what would have been.
    if (is_preflight || config_.enforce || config_.report_only) return step::refuse(d.why);
    return step::pass();  // sent without what would let the page read it
  }
  if (!is_preflight || config_.report_only) return step::pass();
  return step::answer(static_cast<status>(config_.preflight_status));
}

/// Counted and logged, never enforced: whatever `next_` says, the decision stays `now`.
void cors_policy::try_next(exchange& e, const cors_decision& now) const noexcept {
  const cors_decision next = next_->check(e.request, route_of(e), e.client_secure);
  const reason before = why_unreadable(e.request, now, config_.credentials);
  const reason after = why_unreadable(e.request, next, next_->config_.credentials);
  e.next_cors = cors_change::same;
  if (before != reason::none && after == reason::none) e.next_cors = cors_change::would_allow;
  if (before != reason::none || after == reason::none) return;
  e.next_cors = cors_change::would_deny;
  e.next_denied = next_->explain(next);
  e.next_denied.why = after;
  if (e.would_refuse == reason::none) e.would_refuse = after;
  e.trace.add({.rule = cors_next_rule, .what = decision_trace::verdict::would_refuse, .why = after});
}

/// Of a preflight from an allowed origin that asks for too much: it gets the lists, in which that is not, and its
/// browser says which one is missing. Where the status were 403 it would only say that.
bool cors_policy::tells_why(const cors_decision& d) const noexcept {
  return stepwise_ && d.what == cors_decision::kind::preflight &&
         (d.why == reason::cors_method_not_allowed || d.why == reason::cors_header_not_allowed);
}

body_plan cors_policy::on_response(exchange& e, slot& s, response_head& head) const noexcept {
  if (config_.report_only || passes_) return body_plan::keep();
  if (e.source != response_source::gatehouse) {
    const std::size_t before = head.fields().size();
    head.remove_if(is_cors_field);
    e.denied.of_upstream = head.fields().size() != before;
  }
  cors_decision d;
  if (const cors_decision* const known = s.get<cors_decision>()) {
    d = *known;
  } else if (!e.head_refused || was_only_too_long(e.why)) {
    // An earlier rule or the parser refused it: a page may still read that it was.
    d = check(e.request, route_of(e), e.client_secure);
  } else {
    return body_plan::keep();  // what was sent cannot be trusted to be what was read
  }
  put_fields(e, d, head);
  return body_plan::keep();
}

void cors_policy::put_fields(exchange& e, const cors_decision& d, response_head& head) const noexcept {
  const bool is_preflight = d.what == cors_decision::kind::preflight;
  // https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches : also on what is denied or not asked across origins,
  // or a cache would give that to everybody.
  if (is_preflight) {
    add_to_vary(e.memory, head, std::span{vary_on_preflight}.subspan(any_origin_ ? 1 : 0));
  } else if (!any_origin_) {
    add_to_vary(e.memory, head, vary_on_origin);
  }
  // "*" depends on nothing, so it stands on every response that is no preflight's.
  if (!d.allowed() && !tells_why(d) && (is_preflight || !any_origin_)) return;
  const std::string_view origin = any_origin_ ? any : d.origin;
  set_surely(head, field::access_control_allow_origin, origin);
  if (config_.credentials) set_surely(head, field::access_control_allow_credentials, "true");
  if (is_preflight) return put_preflight_fields(e, head);
  if (!exposed_text_.empty()) set_surely(head, field::access_control_expose_headers, exposed_text_);
  if (config_.timing) set_surely(head, field::timing_allow_origin, origin);
}

void cors_policy::put_preflight_fields(exchange& e, response_head& head) const noexcept {
  if (number(head.status()) != config_.preflight_status) return;  // something else refused it
  const auto asked_method = e.request.fields.get(field::access_control_request_method);
  const std::string_view methods = minimal_ && asked_method ? to_string(parse_method(*asked_method))
                                                            : text_of(methods_of(route_of(e)));
  set_surely(head, field::access_control_allow_methods, methods);
  const std::string_view headers = minimal_ ? asked_headers(e) : std::string_view{headers_text_};
  if (!headers.empty()) set_surely(head, field::access_control_allow_headers, headers);
  set_surely(head, field::access_control_max_age, max_age_text_);
  constexpr std::string_view asks_for_network = "Access-Control-Request-Private-Network";
  if (config_.allow_private_network && e.request.fields.get(asks_for_network) == "true") {
    (void)head.append("Access-Control-Allow-Private-Network", "true");  // a full head: the browser denies, which is
                                                                        // closed
  }
}

/// Those of an allowed preflight, as configured and each once: nothing is said back as it was sent. What does not fit
/// into the exchange's memory is not said, and the browser then denies.
std::string_view cors_policy::asked_headers(exchange& e) const noexcept {
  char* const asked = e.memory.allocate(headers_->size() + 1);  // + 1: another one, where any may be sent
  if (asked == nullptr) return {};
  std::fill_n(asked, headers_->size() + 1, '\0');
  e.request.fields.for_each(field::access_control_request_headers, [&](std::string_view value) {
    (void)grammar::for_each_element(value, [&](std::string_view name) {
      const lower_name lower(name);
      const std::size_t at = lower.fits ? headers_->find(lower.text()) : text_table::none;
      asked[at == text_table::none ? headers_->size() : at] = 1;
      return true;
    });
  });
  const auto text_at = [&](std::size_t i) { return i == headers_->size() ? any : std::string_view{headers_->at(i)}; };
  constexpr std::string_view comma = ", ";
  std::size_t size = 0;
  for (std::size_t i = 0; i <= headers_->size(); ++i) size += asked[i] != 0 ? text_at(i).size() + comma.size() : 0;
  char* const out = size == 0 ? nullptr : e.memory.allocate(size);
  if (out == nullptr) return {};
  char* end = out;
  for (std::size_t i = 0; i <= headers_->size(); ++i) {
    if (asked[i] == 0) continue;
    end += comma.copy(end, end == out ? 0 : comma.size());
    end += text_at(i).copy(end, text_at(i).size());
  }
  return {out, static_cast<std::size_t>(end - out)};
}

}  // namespace gatehouse
