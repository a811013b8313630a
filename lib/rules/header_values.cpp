#include "header_values.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>

#include "suggest.hpp"

namespace gatehouse::detail::rules {
namespace {

constexpr auto npos = std::string_view::npos;

checked_value one_of_these(std::string_view text, std::span<const std::string_view> allowed) {
  const std::string lower = lower_case(text);
  if (std::ranges::find(allowed, lower) != allowed.end()) return {.value = lower};
  return wrong("unknown-value", "Browsers ignore a value they do not know.", suggest(lower, allowed));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(ascii::trim(text.substr(0, at)));
    if (at == npos) return parts;
    text.remove_prefix(at + 1);
  }
}

struct transport_security {
  std::optional<std::uint64_t> max_age{};
  bool include_subdomains = false;
  bool preload = false;
};

constexpr std::string_view hsts_suggestion = "max-age=63072000; includeSubDomains";
constexpr std::uint64_t preload_min_age = 31'536'000;  // hstspreload.org: one year

checked_value bad_hsts(std::string message, std::string_view suggestion = hsts_suggestion) {
  return wrong("invalid-value", std::move(message), std::string(suggestion));
}

/// The name of a directive as RFC 6797 spells it, or what is wrong.
std::optional<checked_value> add_directive(transport_security& out, std::string_view directive) {
  const std::size_t equals = directive.find('=');
  const std::string name = lower_case(directive.substr(0, equals));
  const bool has_value = equals != npos;
  if (name == "max-age" && has_value) {
    if (out.max_age) return bad_hsts("max-age appears twice.");
    out.max_age = ascii::parse_decimal(directive.substr(equals + 1));
    if (!out.max_age) return bad_hsts("max-age is a number of seconds.");
    return std::nullopt;
  }
  bool* const flag = name == "includesubdomains" ? &out.include_subdomains : name == "preload" ? &out.preload : nullptr;
  if (flag == nullptr || has_value) {
    constexpr std::string_view known[] = {"max-age", "includeSubDomains", "preload"};
    const std::string_view near = nearest(name, known);
    return bad_hsts("There is no directive \"" + std::string(directive) + "\" in this header.",
                    near.empty() || near == "max-age" ? hsts_suggestion : near);
  }
  if (std::exchange(*flag, true)) return bad_hsts("A directive appears twice.");
  return std::nullopt;
}

}  // namespace

// https://www.rfc-editor.org/rfc/rfc6797#section-6.1 ; quoted values, which it allows, are refused: no browser needs
// them.
checked_value check_strict_transport_security(std::string_view text) {
  if (text == "trial") return {.value = "max-age=300"};  // first_day.md: five minutes, to try what it does
  transport_security out{};
  for (const std::string_view directive : split(text, ';')) {
    if (directive.empty()) continue;
    if (auto complaint = add_directive(out, directive)) return *std::move(complaint);
  }
  if (!out.max_age) return bad_hsts("max-age is missing: browsers ignore the header without it.");
  if (out.preload && (!out.include_subdomains || *out.max_age < preload_min_age)) {
    return bad_hsts("preload needs includeSubDomains and a max-age of at least one year.",
                    "max-age=63072000; includeSubDomains; preload");
  }
  std::string value = "max-age=" + std::to_string(*out.max_age);
  if (out.include_subdomains) value += "; includeSubDomains";
  if (out.preload) value += "; preload";
  return {.value = value};
}

// https://html.spec.whatwg.org/#the-x-frame-options-header
checked_value check_x_frame_options(std::string_view text) {
  constexpr std::string_view allowed[] = {"deny", "sameorigin"};
  if (lower_case(text).starts_with("allow-from")) {
    return wrong("unknown-value", "No browser honours ALLOW-FROM: the page could be framed by anybody.",
                 "frame-ancestors in content_security_policy");
  }
  checked_value out = one_of_these(text, allowed);
  std::ranges::transform(out.value, out.value.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

// https://w3c.github.io/webappsec-referrer-policy/ : a list is a fallback chain, of which browsers take the last they
// know.
checked_value check_referrer_policy(std::string_view text) {
  constexpr std::string_view allowed[] = {"no-referrer",
                                          "no-referrer-when-downgrade",
                                          "same-origin",
                                          "origin",
                                          "strict-origin",
                                          "origin-when-cross-origin",
                                          "strict-origin-when-cross-origin",
                                          "unsafe-url"};
  std::vector<std::string> seen;
  for (const std::string_view token : split(text, ',')) {
    checked_value one = one_of_these(token, allowed);
    if (one.wrong) return one;
    if (std::ranges::find(seen, one.value) != seen.end())
      return wrong("duplicate-value", "A policy appears twice.", one.value);
    seen.push_back(one.value);
  }
  std::string value;
  for (const std::string& token : seen) value += (value.empty() ? "" : ", ") + token;
  return {.value = value};
}

// https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header
checked_value check_cross_origin_resource_policy(std::string_view text) {
  constexpr std::string_view allowed[] = {"same-origin", "same-site", "cross-origin"};
  return one_of_these(text, allowed);
}

// https://html.spec.whatwg.org/#the-cross-origin-opener-policy-header
checked_value check_cross_origin_opener_policy(std::string_view text) {
  constexpr std::string_view allowed[] = {"same-origin", "same-origin-allow-popups", "noopener-allow-popups",
                                          "unsafe-none"};
  return one_of_these(text, allowed);
}

// https://html.spec.whatwg.org/#the-cross-origin-embedder-policy-header
checked_value check_cross_origin_embedder_policy(std::string_view text) {
  constexpr std::string_view allowed[] = {"require-corp", "credentialless", "unsafe-none"};
  return one_of_these(text, allowed);
}

// https://html.spec.whatwg.org/#origin-agent-cluster : a structured boolean.
checked_value check_origin_agent_cluster(std::string_view text) {
  constexpr std::string_view allowed[] = {"?1", "?0"};
  return one_of_these(text, allowed);
}

checked_value check_x_dns_prefetch_control(std::string_view text) {
  constexpr std::string_view allowed[] = {"off", "on"};
  return one_of_these(text, allowed);
}

// Adobe's cross-domain policy file specification, section 3.1; "by-ftp-filename" is for no HTTP response.
checked_value check_x_permitted_cross_domain_policies(std::string_view text) {
  constexpr std::string_view allowed[] = {"none", "master-only", "by-content-type", "all"};
  return one_of_these(text, allowed);
}

// https://www.rfc-editor.org/rfc/rfc9111#section-5.2 : token [ "=" ( token / quoted-string ) ], in a list. Unknown
// directives are allowed (caches have their own); misspelt ones are not.
checked_value check_cache_control(std::string_view text) {
  constexpr std::string_view known[] = {"no-store",         "no-cache",        "no-transform", "private",
                                        "public",           "max-age",         "s-maxage",     "must-revalidate",
                                        "proxy-revalidate", "must-understand", "immutable",    "stale-while-revalidate",
                                        "stale-if-error"};
  for (const std::string_view directive : split(text, ',')) {
    const std::size_t equals = directive.find('=');
    const std::string name = lower_case(directive.substr(0, equals));
    const std::string_view value = equals == npos ? "0" : directive.substr(equals + 1);
    const bool quoted = value.size() > 2 && value.front() == '"' && value.back() == '"' &&
                        grammar::is_token(value.substr(1, value.size() - 2));
    if (!grammar::is_token(name) || !(grammar::is_token(value) || quoted)) {
      return wrong("invalid-value", "Cache-Control is a list of directives such as max-age=60.", "no-store, max-age=0");
    }
    const std::string_view near = nearest(name, known);
    if (std::ranges::find(known, name) == std::end(known) && !near.empty()) {
      return wrong("unknown-value", "There is no directive \"" + name + "\".", std::string(near));
    }
  }
  return {.value = std::string(text)};
}

}  // namespace gatehouse::detail::rules
