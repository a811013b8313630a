#include <gatehouse/rules/csrf.hpp>

#include <algorithm>
#include <array>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/method_override.hpp>
#include <gatehouse/http/origin.hpp>
#include <gatehouse/rules/browser_classify.hpp>

#include "own_origin.hpp"
#include "vary.hpp"

namespace gatehouse {
namespace {

using namespace detail::rules;
using ground = csrf_verdict::ground;

constexpr std::array<std::string_view, 2> vary_on_provenance{"Sec-Fetch-Site", "Origin"};

csrf_verdict pass(ground on) noexcept { return {.on = on}; }
csrf_verdict refuse(reason why, csrf_remedy remedy = csrf_remedy::none) noexcept {
  return {.on = ground::refused, .why = why, .remedy = remedy};
}

/// Whether it acts as somebody without its page having said so: what a browser adds by itself. An `Authorization:
/// Bearer` is the page's own doing, and needs a preflight.
bool is_ambient(const request_head& head, const csrf_surroundings& around) noexcept {
  if (around.client_certificate || head.fields.has(field::cookie)) return true;
  const auto sent = head.fields.get(field::authorization);
  if (!sent) return false;
  const std::string_view scheme = sent->substr(0, sent->find(' '));
  constexpr auto by_browsers = std::to_array<std::string_view>({"basic", "digest", "negotiate", "ntlm"});
  return std::ranges::any_of(by_browsers, [&](std::string_view s) { return ascii::equal_ignoring_case(scheme, s); });
}

/// Whether a page of another origin had to ask first (https://fetch.spec.whatwg.org/#cors-preflight-fetch). Only what
/// is sure: fields that browsers may have added themselves do not count.
bool was_preflighted(const request_head& head) noexcept {
  if (!is_cors_safelisted_method(head.method_text) || head.fields.has(field::authorization)) return true;
  const auto type = head.fields.get(field::content_type);
  return type && !is_cors_safelisted_request_header("content-type", *type);
}

/// A page of ours whose request went through another origin: a request in CORS mode has the Origin "null" then, and
/// Chromium still says `same-origin` (docs/csrf.md). A form's navigation has that Origin under `Referrer-Policy:
/// no-referrer`, too.
bool went_astray(const request_head& head, std::string_view sent) noexcept {
  return sent == null_origin && head.fields.get(field::sec_fetch_mode) == "cors";
}

/// The origin of a Referer (RFC 9110 section 10.1.3), or nothing.
std::string_view origin_of_url(std::string_view url) noexcept {
  const std::size_t host = url.find("://");
  if (host == std::string_view::npos) return {};
  return url.substr(0, url.find_first_of("/?#", host + 3));
}

}  // namespace

bool csrf_policy::is_safe(const request_head& head) const noexcept {
  // Who stands behind may obey it.
  if (std::ranges::any_of(method_overrides, [&](field f) { return head.fields.has(f); })) return false;
  // https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1 ; methods are case-sensitive, and unknown ones are not safe.
  if (head.verb == method::options) return true;
  return !config_.unsafe_get && (head.verb == method::get || head.verb == method::head);
}

bool csrf_policy::is_own(const request_head& head, std::string_view sent, bool secure) const noexcept {
  if (!own_.empty()) return std::ranges::find(own_, sent) != own_.end();
  const auto asked = origin::parse(sent);
  return asked && is_where_it_was_sent(head, *asked, secure);
}

bool csrf_policy::is_exempt(const request_head& head) const noexcept {
  // Byte for byte: a path that means the same and is written otherwise is not exempt.
  return std::ranges::any_of(exempt_, [&](const exemption& e) { return e.verb == head.verb && e.path == head.path; });
}

/// A page that is not known to be ours, or nothing that could be one.
csrf_verdict csrf_policy::judge_page(const request_head& head, std::string_view sent,
                                     const csrf_surroundings& around) const noexcept {
  if (is_exempt(head)) return pass(ground::exempt);
  // RFC 6454 section 6.2. What is no origin is not on any list either, but somebody might list everybody.
  const auto asked = origin::parse(sent);
  if (!asked && !sent.empty() && sent != null_origin) return refuse(reason::csrf_malformed_provenance);
  if (std::ranges::find(trusted_, sent) != trusted_.end()) return pass(ground::trusted);

  const bool ambient = is_ambient(head, around);
  switch (around.standing) {
    case origin_standing::listed_with_credentials: return pass(ground::listed);
    case origin_standing::listed:
      return ambient ? refuse(reason::csrf_cross_origin, csrf_remedy::allow_credentials) : pass(ground::listed);
    case origin_standing::any:
      if (!ambient && was_preflighted(head)) return pass(ground::listed);
      break;
    case origin_standing::unlisted: break;
  }
  if (!asked) return refuse(reason::csrf_cross_origin);
  // Behind a proxy that ends TLS and is not listed our own pages look like that, where a browser does not say whose
  // they are.
  const bool other_scheme = own_.empty() && is_host_it_was_sent_to(head, *asked);
  return refuse(reason::csrf_cross_origin, other_scheme ? csrf_remedy::public_origin : csrf_remedy::list_origin);
}

/// Neither Sec-Fetch-Site nor Origin: programs, and browsers of before 2020.
csrf_verdict csrf_policy::judge_unknown(const request_head& head, const csrf_surroundings& around) const noexcept {
  if (!(config_.strict || keys_) || !is_ambient(head, around)) return pass(ground::no_browser);
  if (keys_) return is_exempt(head) ? pass(ground::exempt) : judge_token(head, around.secure);
  if (!config_.strict_header.empty() && head.fields.get(config_.strict_header)) return pass(ground::same_origin);
  const auto referer = head.fields.get(field::referer);
  if (referer && is_own(head, origin_of_url(*referer), around.secure)) return pass(ground::same_origin);
  return is_exempt(head) ? pass(ground::exempt) : refuse(reason::csrf_no_provenance);
}

/// https://www.rfc-editor.org/rfc/rfc6455#section-10.2 : CORS does not hold for handshakes, and browsers send cookies
/// with each of them. Sec-Fetch-Site is not asked: Chromium sends none.
csrf_verdict csrf_policy::judge_websocket(const request_head& head, std::string_view sent,
                                          const csrf_surroundings& around) const noexcept {
  const bool ambient = is_ambient(head, around);
  if (!head.fields.has(field::origin)) {
    return ambient ? refuse(reason::csrf_websocket_origin) : pass(ground::no_browser);
  }
  if (is_own(head, sent, around.secure)) return pass(ground::same_origin);
  const auto asked = origin::parse(sent);
  if (asked && around.standing == origin_standing::listed && ambient) {
    // Cookies know no port: every page of this machine sends those of all its other applications.
    if (asked->is_loopback() && head.authority.is_loopback()) return pass(ground::listed);
  }
  csrf_surroundings here = around;
  if (here.standing == origin_standing::any) here.standing = origin_standing::unlisted;  // no handshake is preflighted
  csrf_verdict v = judge_page(head, sent, here);
  if (v.why == reason::csrf_cross_origin) v.why = reason::csrf_websocket_origin;
  return v;
}

csrf_verdict csrf_policy::judge_provenance(const request_head& head, const csrf_surroundings& around) const noexcept {
  if (config_.dangerously_off) return pass(ground::off);
  if (!head.upgrade_websocket && is_safe(head)) return pass(ground::safe_method);
  // The parser refuses both already; who asks with a head of another source is refused here.
  if (head.fields.count(field::origin) > 1 || head.fields.count(field::sec_fetch_site) > 1) {
    return refuse(reason::csrf_malformed_provenance);
  }
  const std::string_view sent = head.fields.get(field::origin).value_or(std::string_view{});
  if (head.upgrade_websocket) return judge_websocket(head, sent, around);

  const std::string_view site = head.fields.get(field::sec_fetch_site).value_or(std::string_view{});
  if (site.find(',') != std::string_view::npos) return refuse(reason::csrf_malformed_provenance);
  if (site == "none") return pass(ground::user);
  if (site == "same-origin" && !went_astray(head, sent)) return pass(ground::same_origin);
  if (site.empty()) {
    if (!head.fields.has(field::origin)) return judge_unknown(head, around);
    if (is_own(head, sent, around.secure)) return pass(ground::same_origin);
  }
  return judge_page(head, sent, around);
}

csrf_verdict csrf_policy::check(const request_head& head, const csrf_surroundings& around) const noexcept {
  const csrf_verdict v = judge_provenance(head, around);
  // CHOICE: pages of listed and trusted origins cannot have a token, and each is named by who configures it. No page
  // can send a field with a handshake, but every browser an Origin.
  const bool of_own_page = v.on == ground::same_origin || v.on == ground::user;
  if (!config_.require_token || !of_own_page || head.upgrade_websocket || !is_ambient(head, around)) return v;
  return is_exempt(head) ? pass(ground::exempt) : judge_token(head, around.secure);
}

step csrf_policy::on_request(exchange& e, slot& s) const noexcept {
  const csrf_verdict v = check(
      e.request,
      {.secure = e.client_secure, .client_certificate = e.connection.has_client_certificate(), .standing = e.standing});
  if (v.form_may_have_token) return step::need_body(max_csrf_form_bytes);
  // A cache that keeps an answer for one page would give it to another; unsafe methods it always writes through (RFC
  // 9111 section 4), so what they get needs no Vary. Nor does what was not asked (rails#56522).
  const bool is_cacheable = e.request.verb == method::get || e.request.verb == method::head;
  if (!v.passes() || (is_cacheable && v.on != ground::safe_method && v.on != ground::off)) s.begin<bool>();
  if (v.passes()) return step::pass();
  e.remedy = v.remedy;
  return step::refuse(v.why);
}

step csrf_policy::on_body(exchange& e, slot& s, std::span<const char> content) const noexcept {
  const csrf_verdict v = check_form(e.request, e.client_secure, {content.data(), content.size()});
  if (v.passes()) return step::pass();  // it is POST: no Vary
  s.begin<bool>();
  return step::refuse(v.why);
}

body_plan csrf_policy::on_response(exchange& e, slot& s, response_head& head) const noexcept {
  if (s.get<bool>() != nullptr && !config_.report_only) add_to_vary(e.memory, head, vary_on_provenance);
  return body_plan::keep();
}

}  // namespace gatehouse
