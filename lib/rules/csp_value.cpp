// Content-Security-Policy as one configured value: the mistakes that make a browser ignore a directive, or read another
// policy than the one that was meant. What is valid but protects little is csp_lint.cpp's.
#include <algorithm>
#include <span>
#include <vector>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/rules/csp_directives.hpp>

#include "csp_template.hpp"
#include "csp_words.hpp"
#include "header_values.hpp"
#include "suggest.hpp"

namespace gatehouse::detail::rules {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view safe_policy =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

constexpr std::string_view keywords[] = {
    "self",          "none",        "nonce",         "strict-dynamic",  "report-sample", "inline-speculation-rules",
    "unsafe-inline", "unsafe-eval", "unsafe-hashes", "wasm-unsafe-eval"};

/// `self` without its quotes is the host named "self".
bool is_unquoted_keyword(std::string_view source) {
  const std::string lower = lower_case(source);
  return std::ranges::find(keywords, lower) != std::end(keywords) || lower.starts_with("nonce-") ||
         lower.starts_with("sha256-") || lower.starts_with("sha384-") || lower.starts_with("sha512-");
}

bool is_fixed_nonce(std::string_view source) {
  constexpr std::string_view beginning = "'nonce-";
  return ascii::equal_ignoring_case(source.substr(0, beginning.size()), beginning);
}

// https://www.w3.org/TR/CSP3/#match-element-to-source-list : elements have nonces, attributes do not.
bool takes_nonces(std::string_view directive) {
  constexpr std::string_view those[] = {"default-src", "script-src", "script-src-elem", "style-src", "style-src-elem"};
  return std::ranges::find(those, directive) != std::end(those);
}

/// The complaint about one directive, if there is one; `seen` collects the names.
std::optional<checked_value> check_directive(std::string_view text, std::vector<std::string>& seen) {
  const auto parts = csp_words(text);
  const std::string name = lower_case(parts.front());
  if (std::ranges::find(csp_directive_names, name) == csp_directive_names.end()) {
    return wrong("unknown-directive", "There is no directive \"" + name + "\".", suggest(name, csp_directive_names));
  }
  if (std::ranges::find(seen, name) != seen.end()) {
    return wrong("duplicate-directive", "Browsers read the first " + name + " only.", "all sources in one " + name);
  }
  seen.push_back(name);
  for (const std::string_view source : std::span(parts).subspan(1)) {
    if (is_unquoted_keyword(source)) {
      return wrong("unquoted-keyword", "Without quotes this is the name of a host.", '\'' + std::string(source) + '\'');
    }
    if (is_fixed_nonce(source)) {
      return wrong("fixed-nonce", "A nonce that is the same in every response is known to everybody.",
                   std::string(nonce_placeholder) + ", for which each response gets its own");
    }
    if (ascii::equal_ignoring_case(source, nonce_placeholder) && !takes_nonces(name)) {
      return wrong("misplaced-nonce", "Nonces are for scripts and styles.", "'self'");
    }
  }
  return std::nullopt;
}

/// What is wrong with a policy whose defaults may be missing; `seen` collects the names of its directives.
std::optional<checked_value> check_directives(std::string_view text, std::vector<std::string>& seen) {
  if (!std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; })) {
    return wrong("invalid-value", "A policy is one line of visible ASCII characters.", std::string(safe_policy));
  }
  // A comma ends the policy and begins a second one (CSP3 section 2.2.2).
  if (text.find(',') != npos) return wrong("invalid-value", "A policy has no commas.", "spaces between the sources");
  for (const std::string_view directive : csp_directives(text)) {
    if (auto complaint = check_directive(directive, seen)) return complaint;
  }
  return std::nullopt;
}

}  // namespace

// https://www.w3.org/TR/CSP3/#parse-serialized-policy
checked_value check_content_security_policy(std::string_view text) {
  std::vector<std::string> seen;
  if (auto complaint = check_directives(text, seen)) return *std::move(complaint);
  // What no directive names is then allowed from everywhere: closed by default means that it is named.
  if (std::ranges::find(seen, "default-src") == seen.end()) {
    return wrong("missing-default-src", "Without default-src everything that is not named is allowed.",
                 seen.empty() ? std::string(safe_policy) : "default-src 'none'; " + std::string(ascii::trim(text)));
  }
  return {.value = std::string(ascii::trim(text))};
}

checked_value check_content_security_policy_report_only(std::string_view text) {
  std::vector<std::string> seen;
  if (auto complaint = check_directives(text, seen)) return *std::move(complaint);
  if (seen.empty()) return wrong("invalid-value", "A policy has at least one directive.", "default-src 'self'");
  return {.value = std::string(ascii::trim(text))};
}

}  // namespace gatehouse::detail::rules
