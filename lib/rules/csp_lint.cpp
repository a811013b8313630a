#include <gatehouse/rules/csp_lint.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/authority.hpp>
#include <gatehouse/rules/csp_directives.hpp>

#include "csp_template.hpp"
#include "csp_words.hpp"
#include "header_values.hpp"
#include "suggest.hpp"

namespace gatehouse {
namespace {

using detail::rules::csp_directives;
using detail::rules::csp_hash_beginnings;
using detail::rules::csp_words;
using detail::rules::lower_case;
using weight = csp_finding::weight;
constexpr auto npos = std::string_view::npos;

struct directive {
  std::string name;
  std::vector<std::string> sources;
};
using policy_text = std::vector<directive>;

policy_text parse(std::string_view text) {
  policy_text out;
  for (const std::string_view one : csp_directives(text)) {
    const auto words = csp_words(one);
    directive d{.name = lower_case(words.front()), .sources = {}};
    // https://www.w3.org/TR/CSP3/#framework-directive-source-list : keywords are matched in any case.
    for (std::size_t i = 1; i < words.size(); ++i) {
      d.sources.push_back(words[i].starts_with('\'') && words[i].find('-') == npos ? lower_case(words[i])
                                                                                   : std::string{words[i]});
    }
    out.push_back(std::move(d));
  }
  return out;
}

bool has(const std::vector<std::string>& sources, std::string_view wanted) {
  return std::ranges::any_of(sources, [wanted](const std::string& s) { return ascii::equal_ignoring_case(s, wanted); });
}

bool is_nonce(std::string_view s) { return ascii::equal_ignoring_case(s, detail::rules::nonce_placeholder); }
bool is_hash(std::string_view s) {
  return std::ranges::any_of(csp_hash_beginnings,
                             [s](std::string_view b) { return ascii::equal_ignoring_case(s.substr(0, b.size()), b); });
}

/// Which directive decides for this kind of load: itself, or what it falls back to
/// (https://www.w3.org/TR/CSP3/#directive-fallback-list). Null: nothing does.
directive* decides(policy_text& policy, std::string_view name) {
  const auto named = [&policy](std::string_view n) -> directive* {
    const auto found = std::ranges::find(policy, n, &directive::name);
    return found == policy.end() ? nullptr : &*found;
  };
  if (directive* const own = named(name)) return own;
  if (name == "script-src-attr" || name == "script-src-elem") {
    if (directive* const script = named("script-src")) return script;
  }
  return name == "base-uri" ? nullptr : named("default-src");
}

/// The directives that decide for these, each once.
std::vector<directive*> deciding(policy_text& policy, std::initializer_list<std::string_view> names) {
  std::vector<directive*> out;
  for (const std::string_view name : names) {
    directive* const one = decides(policy, name);
    if (one != nullptr && std::ranges::find(out, one) == out.end()) out.push_back(one);
  }
  return out;
}

/// What browsers of today do not look at in a list of scripts: 'unsafe-inline' beside a nonce or hash, and everything
/// that is allowed by its place beside 'strict-dynamic' (https://www.w3.org/TR/CSP3/#strict-dynamic-usage).
void drop_ignored(directive& scripts) {
  const bool proved = std::ranges::any_of(scripts.sources, [](const auto& s) { return is_nonce(s) || is_hash(s); });
  const bool dynamic = has(scripts.sources, "'strict-dynamic'");
  std::erase_if(scripts.sources, [&](const std::string& s) {
    if (ascii::equal_ignoring_case(s, "'unsafe-inline'")) return proved || dynamic;
    return dynamic && (!s.starts_with('\'') || ascii::equal_ignoring_case(s, "'self'"));
  });
}

bool is_scheme(std::string_view s) { return s.ends_with(':') && s.find('.') == npos && s.find('/') == npos; }

/// The host of a source, without scheme, port and path.
std::string_view host_of(std::string_view source) {
  if (const std::size_t scheme = source.find("://"); scheme != npos) source.remove_prefix(scheme + 3);
  return source.substr(0, source.find_first_of(":/"));
}

/// "*", also with a scheme: without port and path, which would narrow it.
bool is_any_host(std::string_view source) {
  const std::size_t scheme = source.find("://");
  return source.substr(scheme == npos ? 0 : scheme + 3) == "*";
}

/// Places where everybody can put scripts, or that hand out any package there is: whoever may load from there may run
/// anything.
bool serves_anything(std::string_view host) {
  constexpr std::array<std::string_view, 9> known{"cdn.jsdelivr.net",       "unpkg.com",       "cdnjs.cloudflare.com",
                                                  "ajax.googleapis.com",    "esm.sh",          "raw.githack.com",
                                                  "storage.googleapis.com", "cdn.skypack.dev", "accounts.google.com"};
  const std::string lower = lower_case(host);
  if (!lower.starts_with("*.")) return std::ranges::find(known, lower) != known.end();
  return std::ranges::any_of(known, [&lower](std::string_view k) { return k.ends_with(lower.substr(1)); });
}

class linter {
 public:
  explicit linter(std::string_view text) : policy_(parse(text)) {
    for (directive* const d : deciding(policy_, {"script-src", "script-src-attr", "script-src-elem"})) drop_ignored(*d);
  }

  std::vector<csp_finding> all() {
    for (directive* const d : deciding(policy_, {"script-src", "script-src-attr", "script-src-elem"})) inline_code(*d);
    for (directive* const d :
         deciding(policy_, {"script-src", "script-src-attr", "script-src-elem", "object-src", "base-uri"})) {
      open_places(*d);
    }
    base_uri();
    for (directive* const d : deciding(policy_, {"script-src", "script-src-elem"})) allow_list(*d);
    if (const auto objects = std::ranges::find(policy_, "object-src", &directive::name); objects != policy_.end()) {
      plugins(*objects);
    }
    for (const directive& d : policy_) words(d);
    return std::move(found_);
  }

 private:
  void add(weight how_bad, std::string_view code, const directive& d, std::string_view source, std::string message,
           std::string suggestion) {
    found_.push_back({.how_bad = how_bad,
                      .code = code,
                      .directive = d.name,
                      .source = std::string{source},
                      .message = std::move(message),
                      .suggestion = std::move(suggestion)});
  }

  void inline_code(const directive& d) {
    constexpr std::string_view instead = "'nonce', with the nonce on each script element";
    if (has(d.sources, "'unsafe-inline'")) {
      add(weight::warning, "csp-unsafe-inline", d, "'unsafe-inline'",
          "scripts that an attacker puts into a page run: what the policy is there to prevent", std::string{instead});
    }
    if (has(d.sources, "'unsafe-hashes'")) {
      add(weight::info, "csp-unsafe-hashes", d, "'unsafe-hashes'",
          "event handlers run wherever they are put, if their hash is listed", "listeners in a script");
    }
    if (has(d.sources, "'unsafe-eval'")) {
      add(weight::info, "csp-unsafe-eval", d, "'unsafe-eval'", "text that reaches eval() or its like runs",
          "'wasm-unsafe-eval', if it is there for WebAssembly");
    }
  }

  void open_places(const directive& d) {
    for (const std::string& s : d.sources) {
      const std::string lower = lower_case(s);
      if (lower == "data:" || lower == "http:" || lower == "https:") {
        add(weight::warning, "csp-any-of-scheme", d, s, "an attacker has a place of this scheme, too",
            "the hosts that are needed");
      } else if (is_any_host(s)) {
        add(weight::warning, "csp-any-host", d, s, "everybody's scripts are allowed", "the hosts that are needed");
      }
    }
  }

  /// An injected <base> moves every relative script to another host, and they keep their nonces.
  void base_uri() {
    if (std::ranges::find(policy_, "base-uri", &directive::name) != policy_.end()) return;
    for (directive* const d : deciding(policy_, {"script-src", "script-src-elem"})) {
      const bool hashes = std::ranges::any_of(d->sources, is_hash);
      const bool nonces = std::ranges::any_of(d->sources, is_nonce);
      if (!nonces && !(hashes && has(d->sources, "'strict-dynamic'"))) continue;
      const directive missing{.name = "base-uri", .sources = {}};
      add(weight::warning, "csp-missing-base-uri", missing, "",
          "a <base> that an attacker puts into a page moves its scripts to another host", "base-uri 'none'");
      return;
    }
  }

  void allow_list(const directive& d) {
    if (has(d.sources, "'none'")) return;
    for (const std::string& s : d.sources) {
      if (ascii::equal_ignoring_case(s, "'self'")) {
        add(weight::info, "csp-allow-list", d, s, "what users upload here can be run as a script, and so can JSONP",
            "'nonce' 'strict-dynamic'");
        continue;
      }
      if (s.starts_with('\'') || is_scheme(s) || s.find('.') == npos) continue;
      const bool anything = serves_anything(host_of(s));
      add(anything ? weight::warning : weight::info, "csp-allow-list", d, s,
          anything ? "this host serves scripts of anybody" : "whatever this host serves runs, JSONP included",
          "'nonce' 'strict-dynamic'");
    }
  }

  void plugins(const directive& d) {
    if (has(d.sources, "'none'")) return;
    for (const std::string& s : d.sources) {
      add(weight::info, "csp-plugins", d, s, "no browser of today needs plugins", "object-src 'none'");
    }
  }

  void words(const directive& d) {
    for (const std::string& s : d.sources) {
      if (s.starts_with("http://")) {
        add(weight::warning, "csp-plain-http", d, s, "whoever is on the way changes what is loaded from there",
            "https://" + s.substr(std::string_view{"http://"}.size()));
      }
      if (std::ranges::find(csp_directive_names, s) != csp_directive_names.end()) {
        add(weight::warning, "csp-missing-semicolon", d, s, "a directive's name stands among the sources of another",
            "; " + s);
      }
      if (s.starts_with('\'') && !is_known(d, s)) {
        add(weight::warning, "csp-unknown-keyword", d, s, "browsers ignore a keyword that they do not know",
            detail::rules::suggest(s, keywords));
      }
    }
  }

  static constexpr std::array<std::string_view, 10> keywords{
      "'self'",          "'none'",        "'strict-dynamic'", "'report-sample'",    "'inline-speculation-rules'",
      "'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'",  "'wasm-unsafe-eval'", "'nonce'"};
  static bool is_known(const directive& d, std::string_view s) {
    if (d.name == "require-trusted-types-for") return s == "'script'";
    if (d.name == "trusted-types") return s == "'allow-duplicates'" || s == "'none'";
    return is_hash(s) ||
           std::ranges::any_of(keywords, [s](std::string_view k) { return ascii::equal_ignoring_case(k, s); });
  }

  policy_text policy_;
  std::vector<csp_finding> found_;
};

}  // namespace

std::vector<csp_finding> lint_csp(std::string_view policy) {
  if (detail::rules::check_content_security_policy(policy).wrong) return {};
  return linter{policy}.all();
}

}  // namespace gatehouse
