#include "browser_fetch_state.hpp"

#include <algorithm>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>

namespace gatehouse {
namespace {

constexpr std::size_t max_redirects = 20;  // https://fetch.spec.whatwg.org/#concept-http-redirect-fetch

std::string_view mode_text(fetch_mode m) noexcept {
  switch (m) {
    case fetch_mode::cors: return "cors";
    case fetch_mode::no_cors: return "no-cors";
    case fetch_mode::same_origin: break;
  }
  return "same-origin";
}

bool has_name(const header_list& fields, std::string_view name) {
  return std::ranges::any_of(fields, [&](const auto& f) { return ascii::equal_ignoring_case(f.first, name); });
}

void drop(header_list& fields, std::initializer_list<std::string_view> names) {
  std::erase_if(fields, [&](const auto& f) {
    return std::ranges::any_of(names, [&](std::string_view n) { return ascii::equal_ignoring_case(f.first, n); });
  });
}

std::string joined(const std::vector<std::string>& all, std::string_view between) {
  std::string out;
  for (const std::string& one : all) out.append(out.empty() ? std::string_view{} : between).append(one);
  return out;
}

bool is_redirect(int status) noexcept {  // https://fetch.spec.whatwg.org/#redirect-status
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

void browser_fetch::state::step(browser_why w, std::string detail) { out.steps.push_back({w, std::move(detail)}); }

void browser_fetch::state::end(browser_why w, std::string detail, fetch_result type) {
  step(w, std::move(detail));
  out.why = w;
  out.type = type;
  waiting = false;
  // https://fetch.spec.whatwg.org/#concept-main-fetch : a network error clears what the cache said of this URL.
  if (type == fetch_result::error && asked_first && cache != nullptr) cache->clear(origin(), url().text());
}

// ---------------------------------------------------------------------------------------------- making the request

void browser_fetch::state::begin() {
  if (make_request()) main_fetch();
}

/// https://fetch.spec.whatwg.org/#dom-request
bool browser_fetch::state::make_request() {
  const auto mistake = [&](browser_why w, std::string detail = {}) {
    end(w, std::move(detail), fetch_result::type_error);
    return false;
  };
  const auto from = web_origin::parse(asked.page);
  if (!from) return mistake(browser_why::url_invalid, "the page's origin: " + asked.page);
  page = *from;
  const web_url base{.origin = page, .target = "/"};
  auto to = web_url::parse(asked.url, page.is_opaque() ? nullptr : &base);
  if (!to || !to->is_http()) return mistake(browser_why::url_invalid, asked.url);
  if (to->has_userinfo) return mistake(browser_why::url_with_userinfo);
  urls.push_back(*std::move(to));

  if (!grammar::is_token(asked.method)) return mistake(browser_why::method_invalid);
  if (is_forbidden_method(asked.method)) return mistake(browser_why::method_forbidden, asked.method);
  method = normalize_method(asked.method);
  if (method != asked.method) step(browser_why::method_normalized, asked.method + " becomes " + method);
  if (asked.mode == fetch_mode::no_cors && !is_cors_safelisted_method(method)) {
    return mistake(browser_why::method_not_for_no_cors, method);
  }
  has_body = asked.body.has_value();
  if (!add_headers()) return mistake(browser_why::header_invalid);
  if (has_body && (method == "GET" || method == "HEAD")) return mistake(browser_why::body_with_get);
  if (has_body && !asked.body_type.empty() && !has_name(headers, "content-type")) {
    add_header("Content-Type", asked.body_type);
  }
  return true;
}

bool browser_fetch::state::add_headers() {
  for (const auto& [name, value] : asked.headers) {
    if (!add_header(name, std::string{normalize_header_value(value)})) return false;
  }
  return true;
}

/// https://fetch.spec.whatwg.org/#concept-headers-append ; false: not valid.
bool browser_fetch::state::add_header(const std::string& name, const std::string& value) {
  constexpr std::string_view never{"\0\r\n", 3};
  if (!grammar::is_token(name) || value.find_first_of(never) != std::string::npos) return false;
  if (is_forbidden_request_header(name, value)) {
    step(browser_why::header_forbidden, name);
    return true;
  }
  if (asked.mode == fetch_mode::no_cors) {
    std::string together;
    if (get_combined(headers, name, together)) together += ", ";
    if (!is_no_cors_safelisted_request_header(name, together + value)) {
      step(browser_why::header_not_for_no_cors, name);
      return true;
    }
  }
  headers.emplace_back(name, value);
  return true;
}

// ------------------------------------------------------------------------------------------------------- main fetch

/// https://fetch.spec.whatwg.org/#concept-main-fetch , for the current URL.
void browser_fetch::state::main_fetch() {
  asked_first = false;
  // DEVIATION: by the letter, a page of http://localhost counts as one of HTTPS here; no browser takes it so.
  if (page.scheme == "https" && !url().origin.is_trustworthy()) return end(browser_why::mixed_content, url().text());
  if (page.same_as(url().origin) && taint == tainting::basic) {
    step(browser_why::same_origin);
    return send_request();
  }
  if (asked.mode == fetch_mode::same_origin) return end(browser_why::mode_same_origin, url().origin.text());
  if (asked.mode == fetch_mode::no_cors) {
    if (asked.redirect != fetch_redirect::follow) return end(browser_why::no_cors_redirect_mode);
    taint = tainting::opaque;
    step(browser_why::no_cors);
    return send_request();
  }
  taint = tainting::cors;
  cors_fetch();
}

void browser_fetch::state::cors_fetch() {
  if (is_tainted()) step(browser_why::origin_tainted);
  unsafe_names = cors_unsafe_request_header_names(headers);
  const bool unsafe_method = !is_cors_safelisted_method(method);
  if (!unsafe_method && unsafe_names.empty()) {
    step(browser_why::no_preflight);
    return send_request();
  }
  asked_first = true;
  if (unsafe_method) step(browser_why::method_not_safelisted, method);
  if (!unsafe_names.empty()) step(browser_why::header_not_safelisted, joined(unsafe_names, ", "));
  // https://fetch.spec.whatwg.org/#concept-http-fetch , makeCORSPreflight.
  if (cache != nullptr) {
    const std::string from = origin();
    const std::string to = url().text();
    const preflight_cache::key k{.origin = from, .url = to, .credentials = include()};
    const bool known = (!unsafe_method || cache->allows_method(k, method, now)) &&
                       std::ranges::all_of(unsafe_names,
                                           [&](const std::string& name) { return cache->allows_header(k, name, now); });
    if (known) {
      step(browser_why::preflight_cached);
      return send_request();
    }
  }
  send_preflight();
}

/// https://fetch.spec.whatwg.org/#cors-preflight-fetch steps 1 to 6. Never with credentials.
void browser_fetch::state::send_preflight() {
  browser_request r{.method = "OPTIONS", .url = url(), .is_preflight = true};
  r.headers = {{"Accept", "*/*"}, {"Access-Control-Request-Method", method}};
  if (!unsafe_names.empty()) r.headers.emplace_back("Access-Control-Request-Headers", joined(unsafe_names, ","));
  r.headers.emplace_back("Origin", origin());
  step(browser_why::preflight_sent, "OPTIONS " + url().text());
  send(std::move(r));
}

/// https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch
void browser_fetch::state::send_request() {
  browser_request r{.method = method, .url = url(), .headers = headers, .has_body = has_body};
  if (!has_name(r.headers, "accept")) r.headers.emplace_back("Accept", "*/*");
  r.has_credentials = include() || (asked.credentials == fetch_credentials::same_origin && taint == tainting::basic);
  add_origin(r);
  // Cookies know no ports (RFC 6265 section 8.5); what other hosts have is not known here.
  if (r.has_credentials && !asked.cookie.empty() && url().origin.host == urls.front().origin.host) {
    r.headers.emplace_back("Cookie", asked.cookie);
  }
  step(browser_why::request_sent,
       method + ' ' + url().text() + (r.has_credentials ? " with" : " without") + " credentials");
  send(std::move(r));
}

/// https://w3c.github.io/webappsec-fetch-metadata/ : only where the answer can be trusted.
void browser_fetch::state::send(browser_request r) {
  if (url().origin.is_trustworthy()) {
    r.headers.emplace_back("Sec-Fetch-Dest", "empty");
    r.headers.emplace_back("Sec-Fetch-Mode", mode_text(asked.mode));
    r.headers.emplace_back("Sec-Fetch-Site", detail::rules::fetch_site(page, urls, same_site));
  }
  pending = std::move(r);
  waiting = true;
}

/// https://fetch.spec.whatwg.org/#append-a-request-origin-header , with the referrer policy that pages have by default.
void browser_fetch::state::add_origin(browser_request& r) const {
  if (taint == tainting::cors) {
    r.headers.emplace_back("Origin", origin());
  } else if (method != "GET" && method != "HEAD") {
    const bool downgrade = page.scheme == "https" && url().origin.scheme != "https";
    r.headers.emplace_back("Origin", asked.mode != fetch_mode::cors && downgrade ? "null" : origin());
  }
}

/// https://fetch.spec.whatwg.org/#concept-request-tainted-origin : a hop from one other origin to another.
bool browser_fetch::state::is_tainted() const {
  for (std::size_t i = 1; i < urls.size(); ++i) {
    if (!urls[i].origin.same_as(urls[i - 1].origin) && !page.same_as(urls[i - 1].origin)) return true;
  }
  return false;
}

detail::rules::browser_question browser_fetch::state::question() const {
  return {.origin = origin(), .method = method, .unsafe_names = unsafe_names, .include = include()};
}

// ---------------------------------------------------------------------------------------------------------- answers

void browser_fetch::state::receive(const browser_response& r) {
  if (!waiting) return;
  waiting = false;
  if (r.status == 0) return end(browser_why::no_answer, r.trouble);
  if (pending.is_preflight) return receive_preflight(r);
  receive_answer(r);
}

void browser_fetch::state::receive_preflight(const browser_response& r) {
  detail::rules::preflight_verdict verdict = detail::rules::preflight_check(question(), r);
  browser_step last = std::move(verdict.steps.back());
  verdict.steps.pop_back();
  for (browser_step& s : verdict.steps) out.steps.push_back(std::move(s));
  if (is_end(last.why)) return end(last.why, std::move(last.detail));
  out.steps.push_back(std::move(last));
  if (cache != nullptr) {
    const std::string from = origin();
    const std::string to = url().text();
    cache->store({.origin = from, .url = to, .credentials = include()}, verdict.methods, verdict.headers,
                 verdict.max_age, now);
    step(browser_why::preflight_stored,
         verdict.max_age ? std::to_string(verdict.max_age->count()) + " s" : "without a valid Access-Control-Max-Age");
  }
  send_request();
}

/// https://fetch.spec.whatwg.org/#concept-http-fetch from the answer on.
void browser_fetch::state::receive_answer(const browser_response& r) {
  if (taint == tainting::cors) {
    browser_step s = detail::rules::cors_check(question(), r);
    if (is_end(s.why)) return end(s.why, std::move(s.detail));
    out.steps.push_back(std::move(s));
  }
  judge_timing(r);
  if (taint == tainting::opaque && !detail::rules::resource_policy_allows(page, url().origin, r, same_site)) {
    std::string policy;
    get_combined(r.headers, "cross-origin-resource-policy", policy);
    return end(browser_why::resource_policy, "Cross-Origin-Resource-Policy: " + policy);
  }
  if (!is_redirect(r.status)) return finish(r);
  switch (asked.redirect) {
    case fetch_redirect::error: return end(browser_why::redirect_refused, "status " + std::to_string(r.status));
    case fetch_redirect::manual:
      out.url = urls.front().text();
      return end(browser_why::opaque_redirect, {}, fetch_result::opaque_redirect);
    case fetch_redirect::follow: break;
  }
  redirect(r);
}

void browser_fetch::state::judge_timing(const browser_response& r) {
  if (!detail::rules::timing_check(origin(), taint == tainting::basic, r)) timing_failed = true;
}

/// https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
void browser_fetch::state::redirect(const browser_response& r) {
  std::string location;
  if (!get_combined(r.headers, "location", location)) {
    step(browser_why::redirect_without_location);
    return finish(r);
  }
  auto to = web_url::parse(location, &url());
  if (!to) return end(browser_why::redirect_invalid, "Location: " + location);
  if (!may_redirect_to(*to)) return;
  rewrite_for(r, *to);
  step(browser_why::redirect_followed, std::to_string(r.status) + " to " + to->text());
  urls.push_back(*std::move(to));
  main_fetch();
}

bool browser_fetch::state::may_redirect_to(const web_url& to) {
  if (!to.is_http()) {
    end(browser_why::redirect_not_http, to.origin.scheme + ':');
  } else if (urls.size() > max_redirects) {
    end(browser_why::redirect_too_many);
  } else if (to.has_userinfo &&
             ((asked.mode == fetch_mode::cors && !page.same_as(to.origin)) || taint == tainting::cors)) {
    end(browser_why::redirect_with_userinfo, to.origin.text());
  } else {
    return true;
  }
  return false;
}

void browser_fetch::state::rewrite_for(const browser_response& r, const web_url& to) {
  const bool changes = ((r.status == 301 || r.status == 302) && method == "POST") ||
                       (r.status == 303 && method != "GET" && method != "HEAD");
  if (changes) {
    method = "GET";
    has_body = false;
    // https://fetch.spec.whatwg.org/#request-body-header-name
    drop(headers, {"content-encoding", "content-language", "content-location", "content-type"});
    step(browser_why::redirect_method_changed);
  }
  if (!url().origin.same_as(to.origin) && has_name(headers, "authorization")) {
    drop(headers, {"authorization"});
    step(browser_why::redirect_drops_authorization);
  }
}

void browser_fetch::state::finish(const browser_response& r) {
  out.timing_allowed = !timing_failed;
  step(timing_failed ? browser_why::timing_hidden : browser_why::timing_allowed);
  if (taint == tainting::opaque) return end(browser_why::opaque, {}, fetch_result::opaque);
  const fetch_result type = taint == tainting::basic ? fetch_result::basic : fetch_result::cors;
  out.status = r.status;
  out.url = url().text();
  out.redirected = urls.size() > 1;
  out.headers = detail::rules::readable_headers(r, type, include());
  std::string names;
  for (const auto& [name, value] : out.headers) names.append(names.empty() ? "" : ", ").append(name);
  end(type == fetch_result::basic ? browser_why::readable_basic : browser_why::readable_cors,
      "status " + std::to_string(r.status) + (names.empty() ? "; no headers" : "; " + names), type);
}

}  // namespace gatehouse
