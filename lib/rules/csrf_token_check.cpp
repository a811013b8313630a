// The guard's side of tokens: whose a request is, where its token stands, and who is given one.
#include <gatehouse/rules/csrf.hpp>

#include <algorithm>
#include <utility>

#include <gatehouse/http/cookie.hpp>
#include <gatehouse/http/form.hpp>
#include <gatehouse/http/media_type.hpp>

namespace gatehouse {
namespace {

using ground = csrf_verdict::ground;

constexpr csrf_verdict no_token{.on = ground::refused, .why = reason::csrf_token};

/// The cookie of this name in all lines there are.
found_cookie cookie_of(const request_head& head, std::string_view name) {
  found_cookie all;
  head.fields.for_each(field::cookie, [&](std::string_view line) {
    const found_cookie here = find_cookie(line, name);
    if (all.count == 0) all.value = here.value;
    all.count += here.count;
  });
  return all;
}

/// Whether its content may be looked into: a form that a page without scripts sends, of a length that is known before
/// it comes. Not what is compressed: nobody inflates what a stranger sent.
bool is_short_form(const request_head& head) noexcept {
  const body_framing& framing = head.framing;
  if (head.verb != method::post || head.fields.has(field::content_encoding)) return false;
  if (framing.how != body_framing::kind::length || framing.length == 0 || framing.length > max_csrf_form_bytes) {
    return false;
  }
  const std::string_view type = head.fields.get(field::content_type).value_or("");
  return head.fields.count(field::content_type) == 1 && is_media_type(type, "application/x-www-form-urlencoded");
}

/// The one field of this name; empty without one, or with two. Not decoded: nothing in a token or in this name is ever
/// escaped by a browser (https://url.spec.whatwg.org/#application-x-www-form-urlencoded-percent-encode-set).
std::string_view token_in_form(std::string_view content) {
  constexpr form_limits bounds{.fields = 1'000, .field_bytes = max_csrf_form_bytes};
  const auto pairs = parse_urlencoded(content, bounds);
  if (!pairs) return {};
  const auto is_it = [](const form_pair& p) { return p.name == csrf_form_field; };
  const auto found = std::ranges::find_if(*pairs, is_it);
  if (found == pairs->end() || std::any_of(found + 1, pairs->end(), is_it)) return {};
  return found->value;
}

}  // namespace

/// What a token of this request is bound to. Empty: it is nobody's. Nothing: two cookies claim to be the session, and a
/// page of a sibling domain may have set one of them.
std::optional<std::string> csrf_policy::session_of(const request_head& head, bool secure) const {
  if (!config_.session_cookie.empty()) {
    const found_cookie session = cookie_of(head, secure ? secure_session_cookie_ : config_.session_cookie);
    if (session.count > 1) return std::nullopt;
    if (!session.value.empty()) return csrf_session_id(session.value);
  }
  // Of another length than a hash: an id that somebody chose is never a session's.
  const found_cookie own = cookie_of(head, csrf_id_cookie);
  if (own.count > 1) return std::nullopt;
  return is_random_csrf_id(own.value) ? std::string{own.value} : std::string{};
}

/// Never in a cookie, which browsers send for everybody's pages, nor in a query, which stands in logs and in Referer.
csrf_verdict csrf_policy::judge_token(const request_head& head, bool secure) const noexcept {
  const auto sent = head.fields.get(field::x_csrf_token);
  if (!sent) {
    csrf_verdict v = no_token;
    v.form_may_have_token = is_short_form(head);
    return v;
  }
  // The parser refuses a second one; who asks with a head of another source is refused here.
  if (head.fields.count(field::x_csrf_token) > 1) return no_token;
  const auto session = session_of(head, secure);
  return session && keys_->verify(*sent, *session) ? csrf_verdict{.on = ground::token} : no_token;
}

csrf_verdict csrf_policy::check_form(const request_head& head, bool secure, std::string_view content) const noexcept {
  const auto session = session_of(head, secure);
  const bool verified = session && keys_ && keys_->verify(token_in_form(content), *session);
  return verified ? csrf_verdict{.on = ground::token} : no_token;
}

result<issued_csrf_token> csrf_policy::issue_token(const request_head& head, bool secure, random_source& random) const {
  const auto origin = head.fields.get(field::origin);
  const auto site = head.fields.get(field::sec_fetch_site);
  const bool one_each = head.fields.count(field::origin) <= 1 && head.fields.count(field::sec_fetch_site) <= 1;
  // A page of another origin that could read the answer is in CORS mode, and sends its Origin in every browser.
  const bool same_origin = (!site || *site == "same-origin") && (!origin || is_own(head, *origin, secure));
  if (!keys_ || !one_each || !same_origin) return error{.why = reason::csrf_cross_origin};

  const auto session = session_of(head, secure);
  if (!session) return error{.why = reason::csrf_token};
  if (!session->empty()) return issued_csrf_token{.token = keys_->issue(*session, random), .new_id = {}};
  std::string id = random_csrf_id(random);
  std::string token = keys_->issue(id, random);
  return issued_csrf_token{.token = std::move(token), .new_id = std::move(id)};
}

}  // namespace gatehouse
