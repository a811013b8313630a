// From configuration to policy: everything that is wrong with it, at once.
#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/base/assert.hpp>
#include <gatehouse/base/random.hpp>
#include <gatehouse/http/grammar.hpp>
#include <gatehouse/http/origin.hpp>
#include <gatehouse/rules/browser_classify.hpp>
#include <gatehouse/rules/cors.hpp>
#include <gatehouse/rules/state_registry.hpp>

#include "cors_lists.hpp"
#include "origin_table.hpp"
#include "public_suffixes.hpp"
#include "suggest.hpp"
#include "text_table.hpp"

namespace gatehouse {
namespace {

using namespace detail::rules;
using std::chrono::seconds;

constexpr milliseconds longest_max_age = std::chrono::hours{24};  // Firefox keeps no answer for longer, others much
                                                                  // shorter

std::string key_of(std::string_view list, std::size_t i) {
  return "cors." + std::string{list} + '[' + std::to_string(i) + ']';
}

/// Collects the mistakes of one configuration.
class judge {
 public:
  judge(const cors_config& c, bool may_be_empty) : config_(c), may_be_empty_(may_be_empty) {}

  void origins();
  void public_origins();
  void methods();
  void request_headers();
  void exposed_headers();
  void the_rest();

  config_errors errors{};
  bool any_origin = false;
  std::vector<origin_pattern> patterns{};
  std::vector<origin_pattern> own{};
  method_set allowed_methods{};

 private:
  void refuse(std::string key, std::string_view value, std::string_view code, std::string message,
              std::string suggestion = {}) {
    errors.push_back({.key = std::move(key),
                      .value = std::string{value},
                      .code = std::string{code},
                      .message = std::move(message),
                      .suggestion = std::move(suggestion)});
  }
  void origin(std::size_t i);
  void with_credentials(std::size_t i, const origin_pattern& p);
  void public_suffix(std::size_t i, const origin_pattern& p);
  void redundant();
  [[nodiscard]] const public_suffixes& suffixes();

  const cors_config& config_;
  bool may_be_empty_;
  std::vector<std::size_t> index_{};  // of patterns: which of config_.origins
  std::optional<public_suffixes> suffixes_{};
};

const public_suffixes& judge::suffixes() {
  if (!suffixes_ && !config_.public_suffix_list.empty()) {
    suffixes_ = public_suffixes::of_file(config_.public_suffix_list);
    if (!suffixes_) {
      refuse("cors.public_suffix_list", config_.public_suffix_list, "not-a-suffix-list",
             "This file cannot be read as a public suffix list.",
             "https://publicsuffix.org/list/public_suffix_list.dat");
    }
  }
  if (!suffixes_) suffixes_ = public_suffixes::of_system();
  return *suffixes_;
}

void judge::origin(std::size_t i) {
  const std::string& text = config_.origins[i];
  if (text == "*") {
    any_origin = true;
    if (config_.credentials) {
      refuse(key_of("origins", i), text, "any-origin-with-credentials",
             "With credentials every page on the web would act as whoever is logged in; browsers ignore * with them.",
             "the origins of your own pages, each by its name");
    }
    if (config_.origins.size() > 1) {
      refuse(key_of("origins", i), text, "redundant-origin", "* is every origin: the others add nothing.",
             "* alone, or only the others");
    }
    return;
  }
  if (text == null_origin) {
    return refuse(key_of("origins", i), text, "null-origin",
                  "Everybody can make a page whose origin is null: a sandboxed frame is enough.",
                  "the page's own origin: serve it over http:// or https://");
  }
  auto parsed = parse_origin_pattern(text);
  if (!parsed) {
    config_error e = std::move(parsed).error();
    e.key = key_of("origins", i);
    errors.push_back(std::move(e));
    return;
  }
  with_credentials(i, *parsed);
  patterns.push_back(*std::move(parsed));
  index_.push_back(i);
}

void judge::with_credentials(std::size_t i, const origin_pattern& p) {
  public_suffix(i, p);
  if (!config_.credentials || p.is_loopback()) return;
  // https: and the origins of installed extensions cannot be changed by who is on the way.
  if (p.scheme == "http" && !config_.dangerously_allow_insecure_origins) {
    refuse(key_of("origins", i), p.text, "insecure-origin",
           "With credentials an http: origin lets everybody between the user and that page act as the user.",
           "https" + p.text.substr(p.scheme.size()));
  }
}

void judge::public_suffix(std::size_t i, const origin_pattern& p) {
  if (!p.subdomains || p.is_loopback()) return;
  if (!config_.credentials || config_.dangerously_allow_public_suffixes) return;
  if (!suffixes().contains(p.host)) return;
  const bool everything = p.host.find('.') == std::string::npos;
  refuse(key_of("origins", i), p.text, everything ? "any-origin-with-credentials" : "public-suffix",
         "Strangers register names below " + p.host + ": with credentials each of their pages would act as your users.",
         "the names that are yours, such as " + p.scheme + "://app." + p.host);
}

void judge::redundant() {
  constexpr std::size_t compared = 2'000;  // of exact origins the table finds duplicates; patterns are few
  std::vector<std::size_t> broad;          // positions of patterns that are more than one origin
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (!patterns[i].is_exact() && broad.size() < compared) broad.push_back(i);
  }
  std::vector<std::pair<std::string_view, std::size_t>> sorted;
  sorted.reserve(patterns.size());
  for (std::size_t i = 0; i < patterns.size(); ++i) sorted.emplace_back(patterns[i].text, i);
  std::ranges::sort(sorted);
  std::vector<bool> reported(patterns.size());
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i].first != sorted[i - 1].first) continue;
    reported[sorted[i].second] = true;
    refuse(key_of("origins", index_[sorted[i].second]), sorted[i].first, "duplicate-origin",
           "This stands in the list already.");
  }
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const auto by = std::ranges::find_if(broad, [&](std::size_t b) {
      const bool one_below = config_.single_label && patterns[b].host != patterns[i].host;  // "*." is not all below it
      return b != i && !reported[b] && !reported[i] && !one_below && patterns[b].covers(patterns[i]);
    });
    if (by == broad.end()) continue;
    reported[i] = true;
    refuse(key_of("origins", index_[i]), patterns[i].text, "redundant-origin",
           patterns[*by].text + " allows this already.", "one of them");
  }
}

void judge::origins() {
  if (config_.origins.empty() && !may_be_empty_ && config_.upstream_headers != "pass") {
    refuse("cors.origins", {}, "missing-origins", "Which pages may read the answers? No origin is listed.",
           "origins = [\"https://app.example.com\"]");
  }
  for (std::size_t i = 0; i < config_.origins.size(); ++i) origin(i);
  redundant();
}

void judge::public_origins() {
  for (std::size_t i = 0; i < config_.public_origins.size(); ++i) {
    auto parsed = parse_origin_pattern(config_.public_origins[i]);
    if (parsed && parsed->is_exact()) {
      own.push_back(*std::move(parsed));
      continue;
    }
    refuse("public_origin[" + std::to_string(i) + ']', config_.public_origins[i],
           parsed ? "wildcard-place" : parsed.error().code,
           parsed ? "This is what clients see of us: one origin, exactly." : parsed.error().message,
           parsed ? std::string{} : parsed.error().suggestion);
  }
}

void judge::methods() {
  constexpr auto all = std::to_array<std::string_view>({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"});
  for (std::size_t i = 0; i < config_.methods.size(); ++i) {
    const std::string& text = config_.methods[i];
    const method m = parse_method(text);
    if (is_one_of(text, all)) {
      allowed_methods.insert(m);
      continue;
    }
    const std::string lower = lower_case(text);
    const auto near = std::ranges::find_if(all, [&](std::string_view a) { return lower_case(a) == lower; });
    if (near != all.end()) {
      refuse(key_of("methods", i), text, "method-in-lower-case",
             "Methods are compared with their case (fetch sends \"patch\" as it is written), so this never matches.",
             std::string{*near});
    } else if (lower == "connect" || lower == "trace" || lower == "track") {
      refuse(key_of("methods", i), text, "forbidden-method", "Browsers never send this method for a page.");
    } else if (text == "*") {
      refuse(key_of("methods", i), text, "any-method",
             "Left out, methods are those that the route has, which is what * is usually meant to say.",
             "no methods key at all");
    } else if (!grammar::is_token(text)) {
      refuse(key_of("methods", i), text, "invalid-method", "This is no method.", one_of(all));
    } else {
      refuse(key_of("methods", i), text, "unknown-method", "Gatehouse answers requests with this method with 501.",
             suggest(text, all));
    }
  }
}

void judge::request_headers() {
  for (std::size_t i = 0; i < config_.request_headers.size(); ++i) {
    const std::string& text = config_.request_headers[i];
    const std::string lower = lower_case(text);
    if (text == "*") continue;
    if (!grammar::is_token(text) || text.size() > max_header_name_bytes) {
      refuse(key_of("request_headers", i), text, "invalid-header-name",
             "This is no field name: each stands in a text of its own, at most 64 characters.");
    } else if (is_one_of(lower, response_only_headers)) {
      refuse(key_of("request_headers", i), text, "response-header",
             "Servers answer with this field, no page sends it. Gatehouse adds it where it is needed.");
    } else if (is_forbidden_request_header(lower, {})) {
      refuse(key_of("request_headers", i), text, "forbidden-header",
             "No page can set this field (Fetch, forbidden request-header): allowing it changes nothing.");
    }
  }
}

void judge::exposed_headers() {
  for (std::size_t i = 0; i < config_.expose_headers.size(); ++i) {
    const std::string& text = config_.expose_headers[i];
    const std::string lower = lower_case(text);
    if (text == "*") {
      if (!config_.credentials) continue;
      refuse(key_of("expose_headers", i), text, "expose-any-with-credentials",
             "With credentials browsers read * as a field of that name.", "each field by its name");
    } else if (!grammar::is_token(text)) {
      refuse(key_of("expose_headers", i), text, "invalid-header-name",
             "This is no field name: each stands in a text of its own.");
    } else if (is_forbidden_response_header_name(lower)) {
      refuse(key_of("expose_headers", i), text, "forbidden-header", "No page may ever read this field.");
    } else if (is_one_of(lower, request_only_headers)) {
      refuse(key_of("expose_headers", i), text, "request-header",
             "This is a field of requests or of preflights: no page has anything of it to read.");
    }
  }
}

void judge::the_rest() {
  if (config_.max_age < milliseconds{0} || config_.max_age > longest_max_age ||
      config_.max_age % seconds{1} != seconds{0}) {
    refuse("cors.max_age", std::to_string(config_.max_age.count()) + "ms", "out-of-range",
           "Browsers keep a preflight's answer for whole seconds, and for a day at most.", "10m");
  }
  constexpr auto choices = std::to_array<std::string_view>({"strip", "pass"});
  if (!is_one_of(config_.upstream_headers, choices)) {
    refuse("cors.upstream_headers", config_.upstream_headers, "unknown-value",
           "CORS fields of who stands behind are either removed or passed.",
           suggest(config_.upstream_headers, choices));
  }
  constexpr auto disclosures = std::to_array<std::string_view>({"full", "minimal", "stepwise"});
  if (!is_one_of(config_.disclose, disclosures)) {
    refuse("cors.disclose", config_.disclose, "unknown-value", "An answer to a preflight tells one of these.",
           suggest(config_.disclose, disclosures));
  }
  if (config_.preflight_status != 204 && config_.preflight_status != 200) {
    refuse("cors.preflight_status", std::to_string(config_.preflight_status), "unknown-value",
           "A preflight that is allowed is answered with 204, or with 200 where an old client needs that.", "204");
  }
  if (config_.upstream_headers == "pass" && !config_.origins.empty() && !config_.enforce) {
    refuse("cors.upstream_headers", "pass", "two-policies",
           "With pass the API answers for itself, preflights included: origins would say nothing.",
           "upstream_headers = \"strip\", or no origins, or enforce = true");
  }
  if (!config_.public_suffix_list.empty()) (void)suffixes();  // a file that nobody can read is said either way
}

std::string joined(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& one : all) out.append(out.empty() ? "" : ", ").append(lower_case(one));
  return out;
}

/// One key of the process: its tables cannot be aimed at, and a reload keeps it.
keyed_hash::key hash_key(state_registry& states) {
  return *states.get<keyed_hash::key>("hash_key", [] {
    auto made = std::make_shared<keyed_hash::key>();
    system_random random;
    random.fill({reinterpret_cast<std::uint8_t*>(made->data()), sizeof(keyed_hash::key)});
    return made;
  });
}

}  // namespace

std::vector<std::string> default_cors_request_headers() {
  return {"content-type", "authorization", "x-requested-with", "x-csrf-token", "x-xsrf-token", "idempotency-key",
          "if-match",     "if-none-match", "traceparent",      "tracestate",   "baggage",      "sentry-trace"};
}

namespace {

using made_policy = result<std::unique_ptr<const cors_policy>, config_errors>;

made_policy as_made(result<std::unique_ptr<cors_policy>, config_errors> built) {
  if (!built) return failure<config_errors>{std::move(built).error()};
  return std::unique_ptr<const cors_policy>(*std::move(built));
}

}  // namespace

made_policy cors_policy::make(const cors_config& c, state_registry& states) { return as_made(build(c, states, false)); }

made_policy cors_policy::make_even_for_nobody(const cors_config& c, state_registry& states) {
  return as_made(build(c, states, true));
}

made_policy cors_policy::make_with_next(const cors_config& c, const cors_config& next, state_registry& states,
                                        bool may_be_empty) {
  auto made = build(c, states, may_be_empty);
  auto tried = build(next, states, may_be_empty);
  const bool api_decides = c.upstream_headers == "pass";
  if (!made || !tried || api_decides) {
    config_errors errors;
    if (api_decides) {
      errors.push_back(
          {.key = "cors_next",
           .code = "nothing-to-compare",
           .message = "The policy in force leaves everything to the API (upstream_headers = \"pass\"): there "
                      "is nothing to compare another one with.",
           .suggestion = "[cors] with report_only = true instead, to try a first policy"});
    }
    if (!made) errors = std::move(made).error();
    if (!tried) {
      for (config_error& e : tried.error()) {
        e.key.insert(std::string_view{"cors"}.size(), "_next");
        errors.push_back(std::move(e));
      }
    }
    return failure<config_errors>{std::move(errors)};
  }
  (*made)->next_ = *std::move(tried);
  return as_made(std::move(made));
}

result<std::unique_ptr<cors_policy>, config_errors> cors_policy::build(const cors_config& c, state_registry& states,
                                                                       bool may_be_empty) {
  judge j(c, may_be_empty);
  j.origins();
  j.public_origins();
  j.methods();
  j.request_headers();
  j.exposed_headers();
  j.the_rest();
  if (!j.errors.empty()) return failure<config_errors>{std::move(j.errors)};

  const keyed_hash::key key = hash_key(states);
  std::unique_ptr<cors_policy> made(new cors_policy);
  made->config_ = c;
  made->passes_ = c.upstream_headers == "pass";
  made->max_age_text_ = std::to_string(std::chrono::duration_cast<seconds>(c.max_age).count());
  made->minimal_ = c.disclose == "minimal";
  made->stepwise_ = c.disclose == "stepwise";
  made->any_origin_ = j.any_origin;
  made->origins_ = std::make_unique<const origin_table>(std::move(j.patterns),
                                                        origin_table::options{.single_label = c.single_label}, key);
  made->ours_configured_ = !j.own.empty();
  made->own_ = std::make_unique<const origin_table>(std::move(j.own), origin_table::options{}, key);
  made->methods_ = j.allowed_methods;
  std::vector<std::string> names;
  names.reserve(c.request_headers.size());
  for (const std::string& name : c.request_headers) {
    if (name == "*") {
      made->any_header_ = true;
    } else {
      names.push_back(lower_case(name));
    }
  }
  std::ranges::sort(names);
  const auto twice = std::ranges::unique(names);
  names.erase(twice.begin(), twice.end());
  made->header_budget_ = made->any_header_ ? max_any_header_bytes : header_list_slack;
  for (const std::string& name : names) made->header_budget_ += name.size() + 2;
  made->headers_ = std::make_unique<const text_table>(std::move(names), key);
  made->headers_text_ = joined(c.request_headers);
  made->exposed_text_ = joined(c.expose_headers);
  return made;
}

namespace {

/// `make` is called with the registry.
template <typename Make>
pending_rule pending_cors(Make make) {
  return {rule_order::cors,
          [make = std::move(make)](state_registry& states) -> result<std::unique_ptr<const rule>, config_errors> {
            made_policy made = make(states);
            if (!made) return failure<config_errors>{std::move(made).error()};
            return std::unique_ptr<const rule>(*std::move(made));
          },
          phases_of<cors_policy>()};
}

pending_rule pending_cors(cors_config now, cors_config next, bool may_be_empty) {
  return pending_cors([now = std::move(now), next = std::move(next), may_be_empty](state_registry& states) {
    return cors_policy::make_with_next(now, next, states, may_be_empty);
  });
}

}  // namespace

pending_rule cors(cors_config c) {
  return pending_cors([c = std::move(c)](state_registry& states) { return cors_policy::make(c, states); });
}
pending_rule cors_even_for_nobody(cors_config c) {
  return pending_cors(
      [c = std::move(c)](state_registry& states) { return cors_policy::make_even_for_nobody(c, states); });
}
pending_rule cors(cors_config now, cors_config next) { return pending_cors(std::move(now), std::move(next), false); }
pending_rule cors_even_for_nobody(cors_config now, cors_config next) {
  return pending_cors(std::move(now), std::move(next), true);
}

}  // namespace gatehouse
