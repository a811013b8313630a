#include "browser_checks.hpp"

#include <algorithm>
#include <map>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>

namespace gatehouse::detail::rules {
namespace {

bool has_name(const token_list& list, std::string_view name) {
  return std::ranges::any_of(list.values, [&](const std::string& v) { return ascii::equal_ignoring_case(v, name); });
}

bool has(const token_list& list, std::string_view value) {
  return std::ranges::find(list.values, value) != list.values.end();
}

std::string field_text(std::string_view name, const header_list& fields) {
  std::string value;
  const bool found = get_combined(fields, name, value);
  return found ? std::string{name} + ": " + value : "no " + std::string{name};
}

/// delta-seconds, in one line. What has more digits than that means "as long as you like".
std::optional<std::chrono::seconds> max_age_of(const header_list& fields) {
  std::optional<std::string_view> only;
  for (const auto& [name, value] : fields) {
    if (!ascii::equal_ignoring_case(name, "access-control-max-age")) continue;
    if (only) return std::nullopt;
    only = value;
  }
  if (!only || only->empty() || !std::ranges::all_of(*only, ascii::is_digit)) return std::nullopt;
  constexpr std::chrono::seconds long_time{1'000'000'000};
  const auto parsed = ascii::parse_decimal(*only);
  return parsed ? std::min(long_time, std::chrono::seconds{std::min<std::uint64_t>(*parsed, 1'000'000'000)})
                : long_time;
}

std::string not_in(const std::string& name, const std::string& list) {
  return std::string{name}.append(" is not in ").append(list);
}

browser_step method_step(const browser_question& q, const token_list& methods, const header_list& fields) {
  // 5. `*` is a method of that name when credentials are included.
  if (has(methods, q.method) || is_cors_safelisted_method(q.method) || (!q.include && has(methods, "*"))) {
    return {browser_why::preflight_passed, {}};
  }
  return {browser_why::method_not_allowed,
          q.method + " is not in " + field_text("Access-Control-Allow-Methods", fields)};
}

browser_step headers_step(const browser_question& q, const token_list& names, const header_list& fields) {
  const std::string allowed = field_text("Access-Control-Allow-Headers", fields);
  for (const std::string& name : q.unsafe_names) {  // 6. first: it is the more precise answer
    if (is_cors_non_wildcard_request_header_name(name) && !has_name(names, name)) {
      return {browser_why::authorization_not_allowed, not_in(name, allowed)};
    }
  }
  const bool all = !q.include && has(names, "*");
  for (const std::string& name : q.unsafe_names) {  // 7.
    if (!all && !has_name(names, name)) return {browser_why::header_not_allowed, not_in(name, allowed)};
  }
  return {browser_why::preflight_passed, {}};
}

}  // namespace

browser_step cors_check(const browser_question& q, const browser_response& r) {
  std::string allowed;
  // 1., 2.: none at all is a failure, which `null` is not.
  if (!get_combined(r.headers, "access-control-allow-origin", allowed)) return {browser_why::allow_origin_missing, {}};
  const std::string said = "Access-Control-Allow-Origin: " + allowed;
  if (!q.include && allowed == "*") return {browser_why::cors_check_passed, said};  // 3.
  if (allowed != q.origin) {                                                        // 4. byte for byte
    if (allowed == "*") return {browser_why::allow_origin_wildcard, {}};
    const browser_why why = allowed.find_first_of(", ") == std::string::npos ? browser_why::allow_origin_mismatch
                                                                             : browser_why::allow_origin_several;
    return {why, said + ", asked for " + q.origin};
  }
  if (!q.include) return {browser_why::cors_check_passed, said};  // 5.
  std::string credentials;
  // 6., 7.: `true`, in lower case.
  if (get_combined(r.headers, "access-control-allow-credentials", credentials) && credentials == "true") {
    return {browser_why::cors_check_passed, said + ", with credentials"};
  }
  return {browser_why::allow_credentials_missing, field_text("Access-Control-Allow-Credentials", r.headers)};  // 8.
}

preflight_verdict preflight_check(const browser_question& q, const browser_response& r) {
  preflight_verdict out;
  out.steps.push_back(cors_check(q, r));
  if (is_end(out.steps.back().why)) return out;
  const auto ends = [&](browser_step s) {
    out.steps.push_back(std::move(s));
    return is_end(out.steps.back().why);
  };
  if (r.status < 200 || r.status > 299) {  // https://fetch.spec.whatwg.org/#ok-status
    ends({browser_why::preflight_status, "status " + std::to_string(r.status)});
    return out;
  }
  auto methods = extract_tokens(r.headers, "access-control-allow-methods");
  auto names = extract_tokens(r.headers, "access-control-allow-headers");
  if (!methods && ends({browser_why::allow_methods_invalid, field_text("Access-Control-Allow-Methods", r.headers)}))
    return out;
  if (!names && ends({browser_why::allow_headers_invalid, field_text("Access-Control-Allow-Headers", r.headers)}))
    return out;
  browser_step of_method = method_step(q, *methods, r.headers);
  if (is_end(of_method.why) && ends(std::move(of_method))) return out;
  ends(headers_step(q, *names, r.headers));
  out.methods = std::move(methods->values);
  out.headers = std::move(names->values);
  out.max_age = max_age_of(r.headers);
  return out;
}

bool timing_check(std::string_view origin, bool basic, const browser_response& r) {
  if (basic) return true;
  std::string values;
  get_combined(r.headers, "timing-allow-origin", values);
  return !grammar::for_each_element(values, [&](std::string_view v) { return v != "*" && v != origin; });
}

bool is_same_site_host(const web_origin& a, const web_origin& b, const same_site_hosts& same_site) {
  if (a.is_opaque() || b.is_opaque()) return false;
  return a.host == b.host || (same_site && same_site(a.host, b.host));
}

bool resource_policy_allows(const web_origin& page, const web_origin& from, const browser_response& r,
                            const same_site_hosts& same_site) {
  std::string policy;
  get_combined(r.headers, "cross-origin-resource-policy", policy);
  if (policy == "same-origin") return page.same_as(from);
  // A page of plain HTTP does not get what came by HTTPS.
  if (policy == "same-site") {
    return is_same_site_host(page, from, same_site) && (page.scheme == "https" || from.scheme != "https");
  }
  return true;  // cross-origin, none, or nonsense: a page without a policy of its own gets it
}

std::optional<token_list> extract_tokens(const header_list& fields, std::string_view name) {
  token_list out;
  std::string value;
  out.present = get_combined(fields, name, value);
  const bool valid = grammar::for_each_element(value, [&](std::string_view one) {
    if (!grammar::is_token(one)) return false;
    out.values.emplace_back(one);
    return true;
  });
  if (!valid) return std::nullopt;
  return out;
}

header_list readable_headers(const browser_response& r, fetch_result type, bool include) {
  // https://fetch.spec.whatwg.org/#concept-main-fetch : a list that is not valid exposes nothing.
  const token_list exposed = extract_tokens(r.headers, "access-control-expose-headers").value_or(token_list{});
  const bool all = type == fetch_result::basic || (!include && has(exposed, "*"));
  // https://fetch.spec.whatwg.org/#concept-header-list-sort-and-combine
  std::map<std::string, std::string> combined;
  for (const auto& [name, value] : r.headers) {
    if (is_forbidden_response_header_name(name)) continue;
    if (!all && !is_cors_safelisted_response_header_name(name) && !has_name(exposed, name)) continue;
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), ascii::to_lower);
    const auto [at, is_first] = combined.emplace(std::move(lower), value);
    if (!is_first) at->second += ", " + value;
  }
  return {combined.begin(), combined.end()};
}

std::string_view fetch_site(const web_origin& page, const std::vector<web_url>& urls,
                            const same_site_hosts& same_site) {
  std::string_view out = "same-origin";
  for (const web_url& url : urls) {
    if (page.same_as(url.origin)) continue;
    const auto is_secure = [](std::string_view scheme) { return scheme == "https" || scheme == "wss"; };
    if (!is_same_site_host(page, url.origin, same_site) || is_secure(page.scheme) != is_secure(url.origin.scheme)) {
      return "cross-site";
    }
    out = "same-site";
  }
  return out;
}

}  // namespace gatehouse::detail::rules
