// Content-Security-Policy as one configured value. The builder with nonces and the full lint come with the page
// profiles; these are the mistakes that make a browser ignore a directive or read another policy than the one that was
// meant.
#include <algorithm>
#include <span>
#include <vector>

#include <gatehouse/base/ascii.hpp>

#include "header_values.hpp"
#include "suggest.hpp"

namespace gatehouse::detail::rules {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view safe_policy =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

constexpr std::string_view directives[] = {"base-uri",        "child-src",     "connect-src",
                                           "default-src",     "font-src",      "form-action",
                                           "frame-ancestors", "frame-src",     "img-src",
                                           "manifest-src",    "media-src",     "object-src",
                                           "report-to",       "report-uri",    "require-trusted-types-for",
                                           "sandbox",         "script-src",    "script-src-attr",
                                           "script-src-elem", "style-src",     "style-src-attr",
                                           "style-src-elem",  "trusted-types", "upgrade-insecure-requests",
                                           "worker-src"};

constexpr std::string_view keywords[] = {
    "self",          "none",        "strict-dynamic", "report-sample",   "inline-speculation-rules",
    "unsafe-inline", "unsafe-eval", "unsafe-hashes",  "wasm-unsafe-eval"};

checked_value wrong(std::string code, std::string message, std::string suggestion) {
  return {.value = {}, .wrong = value_complaint{std::move(code), std::move(message), std::move(suggestion)}};
}

/// `self` without its quotes is the host named "self".
bool is_unquoted_keyword(std::string_view source) {
  const std::string lower = lower_case(source);
  return std::ranges::find(keywords, lower) != std::end(keywords) || lower.starts_with("nonce-") ||
         lower.starts_with("sha256-") || lower.starts_with("sha384-") || lower.starts_with("sha512-");
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == npos) return out;
    text.remove_prefix(begin);
    const std::size_t end = text.find(' ');
    out.push_back(text.substr(0, end));
    if (end == npos) return out;
    text.remove_prefix(end);
  }
}

/// The complaint about one directive, if there is one; `seen` collects the names.
std::optional<checked_value> check_directive(std::string_view text, std::vector<std::string>& seen) {
  const auto parts = words(text);
  if (parts.empty()) return std::nullopt;  // a closing ";"
  const std::string name = lower_case(parts.front());
  if (std::ranges::find(directives, name) == std::end(directives)) {
    return wrong("unknown-directive", "There is no directive \"" + name + "\".", suggest(name, directives));
  }
  if (std::ranges::find(seen, name) != seen.end()) {
    return wrong("duplicate-directive", "Browsers read the first " + name + " only.", "all sources in one " + name);
  }
  seen.push_back(name);
  for (const std::string_view source : std::span(parts).subspan(1)) {
    if (is_unquoted_keyword(source)) {
      return wrong("unquoted-keyword", "Without quotes this is the name of a host.", '\'' + std::string(source) + '\'');
    }
  }
  return std::nullopt;
}

}  // namespace

// https://www.w3.org/TR/CSP3/#parse-serialized-policy
checked_value check_content_security_policy(std::string_view text) {
  if (!std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; })) {
    return wrong("invalid-value", "A policy is one line of visible ASCII characters.", std::string(safe_policy));
  }
  // A comma ends the policy and begins a second one (CSP3 section 2.2.2).
  if (text.find(',') != npos) return wrong("invalid-value", "A policy has no commas.", "spaces between the sources");
  std::vector<std::string> seen;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find(';');
    if (auto complaint = check_directive(rest.substr(0, end), seen)) return *std::move(complaint);
    rest.remove_prefix(end == npos ? rest.size() : end + 1);
  }
  // What no directive names is then allowed from everywhere: closed by default means that it is named.
  if (std::ranges::find(seen, "default-src") == seen.end()) {
    return wrong("missing-default-src", "Without default-src everything that is not named is allowed.",
                 seen.empty() ? std::string(safe_policy) : "default-src 'none'; " + std::string(ascii::trim(text)));
  }
  return {.value = std::string(ascii::trim(text))};
}

}  // namespace gatehouse::detail::rules
