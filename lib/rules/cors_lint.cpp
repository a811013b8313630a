// What is doubtful about a policy that can be made: spec/cors.md section 2b, by its numbers.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <gatehouse/http/authority.hpp>
#include <gatehouse/rules/browser_classify.hpp>
#include <gatehouse/rules/cors.hpp>

#include "cors_lists.hpp"
#include "origin_pattern.hpp"
#include "public_suffixes.hpp"
#include "suggest.hpp"

namespace gatehouse {
namespace {

using namespace detail::rules;

constexpr milliseconds kept_by_webkit{600'000};
constexpr milliseconds kept_by_chromium{7'200'000};

struct listed_origin {
  std::size_t index;  // in cors_config::origins
  origin_pattern pattern;
};

std::string_view without_first_label(std::string_view host) noexcept {
  const auto dot = host.find('.');
  return dot == std::string_view::npos ? std::string_view{} : host.substr(dot + 1);
}

/// Hosts of a developer's day: reachable by, or given to, whoever asks for one.
bool is_for_development(const origin_pattern& p) noexcept {
  constexpr auto endings = std::to_array<std::string_view>(
      {".test", ".local", ".internal", ".ngrok.io", ".ngrok.app", ".ngrok-free.app", ".ngrok-free.dev", ".loca.lt",
       ".trycloudflare.com", ".gitpod.io", ".github.dev", ".devtunnels.ms"});
  const bool ends_so = std::ranges::any_of(endings, [&p](std::string_view e) { return p.host.ends_with(e); });
  return p.is_loopback() || ends_so || (p.address && p.address->is_private());
}

class linter {
 public:
  linter(const cors_config& c, const cors_surroundings& around) : config_(c), around_(around) {
    for (std::size_t i = 0; i < c.origins.size(); ++i) {
      any_ = any_ || c.origins[i] == "*";
      if (auto parsed = parse_origin_pattern(c.origins[i])) listed_.push_back({i, *std::move(parsed)});
    }
  }

  std::vector<cors_finding> all() {
    shared_hosting();
    development();
    cookies();
    any_origin();
    methods();
    request_headers();
    exposed_headers();
    twins();
    patterns();
    max_age();
    redirect();
    corp();
    own_origin();
    private_network();
    disclosure();
    return std::move(found_);
  }

 private:
  void say(std::string_view id, cors_severity s, std::string key, std::string_view value, std::string message,
           std::string suggestion = {}) {
    found_.push_back({.id = id,
                      .how_bad = s,
                      .what = {.key = std::move(key),
                               .value = std::string{value},
                               .code = "cors-" + lower_case(id),
                               .message = std::move(message),
                               .suggestion = std::move(suggestion)}});
  }
  static std::string element(std::string_view list, std::size_t i) {
    return std::string{list} + '[' + std::to_string(i) + ']';
  }
  void shared_hosting();
  void development();
  void cookies();
  void any_origin();
  void methods();
  void request_headers();
  void exposed_headers();
  void twins();
  void patterns();
  void max_age();
  void redirect();
  void corp();
  void own_origin();
  void private_network();
  void disclosure();
  [[nodiscard]] public_suffixes suffixes() const {
    std::optional<public_suffixes> list;
    if (!config_.public_suffix_list.empty()) list = public_suffixes::of_file(config_.public_suffix_list);
    return list ? *std::move(list) : public_suffixes::of_system();
  }
  [[nodiscard]] bool lists(std::string_view scheme, std::string_view host, bool subdomains) const noexcept {
    return std::ranges::any_of(listed_, [&](const listed_origin& o) {
      return o.pattern.scheme == scheme && o.pattern.host == host && o.pattern.subdomains == subdomains;
    });
  }

  const cors_config& config_;
  const cors_surroundings& around_;
  std::vector<listed_origin> listed_{};
  bool any_ = false;
  std::vector<cors_finding> found_{};
};

// C03
void linter::shared_hosting() {
  if (!config_.credentials) return;
  const public_suffixes list = suffixes();
  for (const auto& [i, p] : listed_) {
    if (p.subdomains || p.address || p.is_loopback()) continue;
    const bool is_suffix = p.host.find('.') != std::string::npos && list.contains(p.host);
    if (!is_suffix && !list.is_private(without_first_label(p.host))) continue;
    say("C03", cors_severity::warning, element("origins", i), p.text,
        is_suffix ? "This name is one that strangers register below: is it really yours?"
                  : "This name belongs to a hosting service: whoever gets it when you give it up acts as your users.",
        "a name of a domain of your own");
  }
}

// C06. Of https://html.spec.whatwg.org/#same-site the part that names decide.
void linter::cookies() {
  if (!config_.credentials || !around_.adds_same_site || around_.own_hosts.empty()) return;
  const public_suffixes list = suffixes();
  const auto site_of = [&list](const std::string& host) {
    std::string registered = list.registered(host);
    return registered.empty() ? host : registered;  // a public suffix is a site of its own
  };
  for (const auto& [i, p] : listed_) {
    if (p.address || p.is_loopback()) continue;
    const std::string site = site_of(p.host);
    if (std::ranges::any_of(around_.own_hosts, [&](const std::string& own) { return site_of(own) == site; })) continue;
    say("C06", cors_severity::warning, element("origins", i), p.text,
        "Its pages are of another site, and browsers send them no cookie with SameSite=Lax or Strict: the API's become "
        "Lax here unless they are listed.",
        "cookies.cross_site with the name of the session's cookie, which the API has to set with SameSite=None");
  }
}

// C04. In a list of its own such a host is somebody's development set-up; beside others it is what was forgotten.
void linter::development() {
  if (!config_.credentials) return;
  const auto count = std::ranges::count_if(listed_,
                                           [](const listed_origin& o) { return is_for_development(o.pattern); });
  if (static_cast<std::size_t>(count) == listed_.size()) return;
  for (const auto& [i, p] : listed_) {
    if (!is_for_development(p)) continue;
    say("C04", cors_severity::warning, element("origins", i), p.text,
        "This is a development origin among others, and may act as your users: any program on their machine or network "
        "can be it.",
        "a configuration of its own for development");
  }
}

// C05
void linter::any_origin() {
  if (!any_) return;
  say("C05", cors_severity::warning, "origins", "*",
      around_.upstream_is_private
          ? "Every page on the web may read these answers, in the browser of everybody who reaches this address: also "
            "of those whom only your network lets in."
          : "Every page on the web may read these answers.",
      "origins = [\"https://app.example.com\"], or this policy on the public routes only");
}

// C09, and first_day.md: where nobody knows the methods.
void linter::methods() {
  if (config_.methods.empty()) {
    if (around_.methods_known || listed_.empty()) return;
    return say(
        "C09", cors_severity::warning, "methods", {},
        "Nobody knows which methods these routes have, so pages may ask for GET, HEAD, POST, PUT, PATCH and DELETE.",
        "methods = [\"GET\", \"POST\"] with those that the API has, or methods of a [[route]]");
  }
  if (!around_.methods_known) return;
  constexpr method_set always{method::get, method::head, method::post, method::options};
  method_set listed;
  for (std::size_t i = 0; i < config_.methods.size(); ++i) {
    const method m = parse_method(config_.methods[i]);
    listed.insert(m);
    if (around_.route_methods.contains(m)) continue;
    say("C09", cors_severity::warning, element("methods", i), config_.methods[i],
        "No route has this method: the preflight succeeds, and the request is then answered with 405.",
        "no methods key at all: then they are those of the route");
  }
  for (const method m : {method::put, method::patch, method::delete_}) {
    if (always.contains(m) || listed.contains(m) || !around_.route_methods.contains(m)) continue;
    say("C09", cors_severity::warning, "methods", {},
        "A route has " + std::string{to_string(m)} + ", and pages may not ask for it.",
        "no methods key at all: then they are those of the route");
  }
}

// C12, C13, C19
void linter::request_headers() {
  constexpr auto safelisted = std::to_array<std::string_view>({"accept", "accept-language", "content-language"});
  bool any = false;
  bool authorization = false;
  for (std::size_t i = 0; i < config_.request_headers.size(); ++i) {
    const std::string& text = config_.request_headers[i];
    const std::string lower = lower_case(text);
    any = any || lower == "*";
    authorization = authorization || lower == "authorization";
    if (is_one_of(lower, safelisted)) {
      say("C12", cors_severity::info, element("request_headers", i), text,
          "Pages may send this field without being allowed to, unless its value is unusual.");
    }
    if (is_one_of(lower, risky_request_headers)) {
      say("C19", cors_severity::warning, element("request_headers", i), text,
          "What this field says is believed about where a request came from or what it is: a page should not say it.");
    }
  }
  if (any && !authorization) {
    say("C13", cors_severity::warning, "request_headers", "*", "* is every field but Authorization.",
        "request_headers = [\"*\", \"authorization\"], if pages send it");
  }
}

// C11, C12, C19
void linter::exposed_headers() {
  bool request_id = false;
  for (std::size_t i = 0; i < config_.expose_headers.size(); ++i) {
    const std::string& text = config_.expose_headers[i];
    const std::string lower = lower_case(text);
    request_id = request_id || lower == "*" || lower == "x-request-id";
    if (is_cors_safelisted_response_header_name(lower)) {
      say("C12", cors_severity::info, element("expose_headers", i), text, "Pages may read this field anyway.");
    }
    if (lower.starts_with("access-control-") || lower == "vary") {
      say("C19", cors_severity::warning, element("expose_headers", i), text,
          "This field is for browsers and caches: it tells a page about your policy and nothing else.");
    }
  }
  if (!request_id && !listed_.empty()) {
    say("C11", cors_severity::info, "expose_headers", {},
        "Pages cannot read X-Request-Id, which finds a request in the log.", "expose_headers = [\"x-request-id\"]");
  }
}

// C14, C15
void linter::twins() {
  for (const auto& [i, p] : listed_) {
    if (p.subdomains && !lists(p.scheme, p.host, false)) {
      say("C14", cors_severity::info, element("origins", i), p.text,
          "This allows the names below " + p.host + ", not " + p.host + " itself.",
          p.scheme + "://" + p.host + ", too");
    }
    if (!p.subdomains && p.host.starts_with("www.") && !lists(p.scheme, p.host.substr(4), false)) {
      say("C14", cors_severity::info, element("origins", i), p.text,
          "The name without www. is another origin, and is not listed.", p.scheme + "://" + p.host.substr(4) + ", too");
    }
    if (p.scheme == "http" && !p.is_loopback() && lists("https", p.host, p.subdomains)) {
      say("C15", cors_severity::warning, element("origins", i), p.text,
          "The https: origin of this name is listed, and whoever is on the way can be this one.",
          "only https" + p.text.substr(p.scheme.size()));
    }
  }
}

// C16, C17
void linter::patterns() {
  if (!config_.credentials) return;
  for (const auto& [i, p] : listed_) {
    if (p.subdomains) {
      say("C16", cors_severity::info, element("origins", i), p.text,
          "Whoever gets one forgotten name below " + p.host + " acts as your users.", "the names that there are");
    }
    if (p.which == origin_pattern::ports::any && !p.is_loopback()) {
      say("C17", cors_severity::warning, element("origins", i), p.text,
          "Whatever listens on any port of this host acts as your users.",
          "the ports that there are, such as :{8080,8443}");
    }
  }
}

// C18
void linter::max_age() {
  if (config_.max_age == milliseconds{0}) {
    say("C18", cors_severity::warning, "max_age", "0", "Every request that needs a preflight is then two.", "10m");
  } else if (config_.max_age > kept_by_chromium) {
    say("C18", cors_severity::info, "max_age", {},
        "Chrome keeps a preflight's answer for 2 hours at most, Safari for 10 minutes.");
  } else if (config_.max_age > kept_by_webkit) {
    say("C18", cors_severity::info, "max_age", {}, "Safari keeps a preflight's answer for 10 minutes at most.");
  }
}

// C20
void linter::redirect() {
  if (!around_.redirects_to_https) return;
  for (const auto& [i, p] : listed_) {
    if (p.scheme != "http" || p.is_loopback()) continue;
    say("C20", cors_severity::warning, element("origins", i), p.text,
        "A page over http: that calls this over http:, too, is redirected to HTTPS, and no browser follows a redirect "
        "of "
        "a preflight.",
        "https" + p.text.substr(p.scheme.size()) + ", and https: in what its pages call");
  }
}

// C22
void linter::corp() {
  if (listed_.empty() || around_.corp != "same-origin") return;
  say("C22", cors_severity::warning, "origins", {},
      "Cross-Origin-Resource-Policy is set to same-origin: pages of these origins may fetch, but their <img> and "
      "<audio> "
      "without crossorigin load nothing.",
      "no cross_origin_resource_policy key: then it is same-site");
}

// C26
void linter::own_origin() {
  for (const auto& [i, p] : listed_) {
    if (std::ranges::find(config_.public_origins, p.text) == config_.public_origins.end()) continue;
    say("C26", cors_severity::info, element("origins", i), p.text,
        "This is our own origin: nothing that its pages ask here is cross-origin.");
  }
}

// C29. Private Network Access came to no end: https://wicg.github.io/local-network-access/ asks the user, not the
// server.
void linter::private_network() {
  if (!config_.allow_private_network) return;
  say("C29", cors_severity::warning, "allow_private_network", {},
      "No browser asks servers about this any more: since Chrome 142 it asks the user (Local Network Access). Who "
      "still "
      "asks is let from public pages into the network that this stands in.",
      "no allow_private_network key");
}

// C30
void linter::disclosure() {
  const bool all_here = std::ranges::all_of(listed_,
                                            [](const listed_origin& o) { return is_for_development(o.pattern); });
  if (config_.disclose != "stepwise" || (all_here && !any_)) return;
  say("C30", cors_severity::warning, "disclose", config_.disclose,
      "This is for development: a page that asks for too much is answered with what there is.",
      "disclose = \"full\": the log has the reason either way");
}

}  // namespace

std::vector<cors_finding> lint_cors(const cors_config& c, const cors_surroundings& around) {
  return linter(c, around).all();
}

}  // namespace gatehouse
