#include <gatehouse/http/set_cookie.hpp>

#include <algorithm>
#include <utility>

#include <gatehouse/http/grammar.hpp>
#include <gatehouse/http/origin.hpp>

namespace gatehouse {
namespace {

using mistake = std::optional<cookie_mistake>;

/// Section 4.1.1: visible ASCII without what separates cookies, or has meant quoting somewhere.
constexpr bool is_cookie_octet(char c) noexcept {
  return c > ' ' && c <= '~' && c != '"' && c != ',' && c != ';' && c != '\\';
}

/// `av-octet`s that begin with "/"; no space, for browsers cut it off at the end.
bool is_path(std::string_view text) noexcept {
  return text.starts_with('/') && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != ';'; });
}

mistake wrong_text(std::string_view name, std::string_view value, const cookie_options& o) noexcept {
  if (!grammar::is_token(name)) return cookie_mistake::name;
  if (!is_cookie_value(value)) return cookie_mistake::value;
  if (name.size() + value.size() > max_cookie_bytes) return cookie_mistake::too_long;
  if (std::max(o.path.size(), o.domain.size()) > max_cookie_attribute_bytes) return cookie_mistake::too_long;
  if (!is_path(o.path)) return cookie_mistake::path;
  if (!o.domain.empty() && (!is_lower_case_name(o.domain) || o.domain.ends_with('.'))) return cookie_mistake::domain;
  if (o.max_age && (*o.max_age < std::chrono::seconds{1} || *o.max_age > max_cookie_age)) {
    return cookie_mistake::max_age;
  }
  return std::nullopt;
}

/// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis section 5.7, steps that abort.
mistake wrong_combination(std::string_view name, const cookie_options& o) noexcept {
  if (o.same_site == same_site_mode::unset) return cookie_mistake::same_site;
  const cookie_prefix prefix = prefix_of(name);
  if (!o.secure) {
    if (prefix != cookie_prefix::none) return cookie_mistake::prefix_insecure;
    if (o.same_site == same_site_mode::none) return cookie_mistake::same_site_none_insecure;
    if (o.partitioned) return cookie_mistake::partitioned_insecure;
  }
  if (prefix == cookie_prefix::host || prefix == cookie_prefix::host_http) {
    if (!o.domain.empty()) return cookie_mistake::host_prefix_with_domain;
    if (o.path != "/") return cookie_mistake::host_prefix_with_path;
  }
  const bool for_http = prefix == cookie_prefix::http || prefix == cookie_prefix::host_http;
  return for_http && !o.http_only ? mistake{cookie_mistake::http_prefix_for_scripts} : std::nullopt;
}

std::string_view word(same_site_mode m) noexcept {
  switch (m) {
    case same_site_mode::none: return "None";
    case same_site_mode::strict: return "Strict";
    case same_site_mode::lax:
    case same_site_mode::unset: break;  // unset is refused
  }
  return "Lax";
}

std::string written(std::string_view name, std::string_view value, const cookie_options& o, bool expired) {
  std::string out{name};
  out.append("=").append(value);
  // Section 4.1.1 has no Max-Age of 0.
  if (expired) {
    out.append("; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
  } else if (o.max_age) {
    out.append("; Max-Age=").append(std::to_string(o.max_age->count()));
  }
  if (!o.domain.empty()) out.append("; Domain=").append(o.domain);
  out.append("; Path=").append(o.path);
  if (o.secure) out.append("; Secure");
  if (o.http_only) out.append("; HttpOnly");
  out.append("; SameSite=").append(word(o.same_site));
  if (o.partitioned) out.append("; Partitioned");
  return out;
}

mistake wrong(std::string_view name, std::string_view value, const cookie_options& o) noexcept {
  const mistake text = wrong_text(name, value, o);
  return text ? text : wrong_combination(name, o);
}

std::string with_host_prefix(std::string_view name) { return std::string{host_prefix}.append(name); }

}  // namespace

bool is_cookie_value(std::string_view text) noexcept {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return std::ranges::all_of(text, is_cookie_octet);
}

result<set_cookie, cookie_mistake> set_cookie::make(std::string_view name, std::string_view value,
                                                    const cookie_options& options) {
  if (const mistake m = wrong(name, value, options)) return failure{*m};
  return set_cookie{written(name, value, options, false)};
}

result<set_cookie, cookie_mistake> set_cookie::host(std::string_view name, std::string_view value,
                                                    const host_cookie_options& o) {
  return make(with_host_prefix(name), value,
              {.max_age = o.max_age, .http_only = o.http_only, .same_site = o.same_site, .partitioned = o.partitioned});
}

result<set_cookie, cookie_mistake> set_cookie::clear(std::string_view name, cookie_options options) {
  options.max_age.reset();
  if (const mistake m = wrong(name, {}, options)) return failure{*m};
  return set_cookie{written(name, {}, options, true)};
}

result<set_cookie, cookie_mistake> set_cookie::clear_host(std::string_view name) {
  return clear(with_host_prefix(name));
}

std::string_view describe(cookie_mistake m) noexcept {
  switch (m) {
    case cookie_mistake::name: return "a cookie's name is a token: letters, digits and !#$%&'*+-.^_`|~";
    case cookie_mistake::value:
      return "a cookie's value is visible ASCII without quote, comma, semicolon and backslash: encode what is more";
    case cookie_mistake::too_long: return "browsers ignore a cookie of more than 4096 bytes, a Path of more than 1024";
    case cookie_mistake::max_age: return "a cookie's max_age is a second to 400 days; clear_cookie() makes it go away";
    case cookie_mistake::path: return "a cookie's path begins with \"/\" and has neither spaces nor semicolons";
    case cookie_mistake::domain: return "a cookie's domain is a host name in lower case, without a dot at its front";
    case cookie_mistake::same_site: return "a cookie says which SameSite it has: lax, strict or none";
    case cookie_mistake::same_site_none_insecure: return "a cookie with SameSite=None is Secure";
    case cookie_mistake::partitioned_insecure: return "a cookie that is Partitioned is Secure";
    case cookie_mistake::prefix_insecure: return "a cookie named __Secure-, __Host- or __Http- is Secure";
    case cookie_mistake::host_prefix_with_domain: return "a cookie named __Host- has no Domain";
    case cookie_mistake::host_prefix_with_path: return "a cookie named __Host- has the path \"/\"";
    case cookie_mistake::http_prefix_for_scripts: return "a cookie named __Http- or __Host-Http- is HttpOnly";
  }
  return "a cookie that cannot be sent";
}

}  // namespace gatehouse
