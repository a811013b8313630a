#include <gatehouse/config/gateway_routes.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/config/nearest.hpp>
#include <gatehouse/config/rules_of.hpp>
#include <gatehouse/http/authority.hpp>
#include <gatehouse/rules/policy.hpp>
#include <gatehouse/server/csrf_tokens.hpp>
#include <gatehouse/server/router.hpp>

namespace gatehouse {
namespace {

constexpr std::string_view everything_below = "/*";
/// Below reserved_prefix nothing is forwarded, and what is not there yet is not there.
class nothing_here final : public handler {
 public:
  void handle(call& c) const noexcept override { c.fail(reason::http_not_found); }
};

bool is_reserved(std::string_view pattern) noexcept {
  return pattern.starts_with(reserved_prefix) &&
         (pattern.size() == reserved_prefix.size() || pattern[reserved_prefix.size()] == '/');
}

bool collects_reports(const gateway_config& c) {
  return c.headers.report_to == reports_path || std::ranges::any_of(c.routes, [](const route_config& r) {
           return r.headers && r.headers->report_to == reports_path;
         });
}

constexpr std::size_t longest_host = 255;
static_assert(longest_host >= ip_address::max_text);

std::string route_key(std::size_t i, std::string_view name = {}) {
  std::string out = "route[" + std::to_string(i) + ']';
  return name.empty() ? out : (out + '.').append(name);
}

/// One text for all hosts that same_host() takes for the same: an address in its one form, a name in lower case and
/// without the dot at the end. Empty when it is too long.
std::string_view plain_host(const authority& of, std::array<char, longest_host>& into) noexcept {
  if (of.address) return {into.data(), of.address->write(into.data())};
  std::string_view host = of.host;
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.size() > into.size()) return {};
  std::ranges::transform(host, into.begin(), ascii::to_lower);
  return {into.data(), host.size()};
}

struct parsed_match {
  std::string pattern;
  bool subtree = false;
};

/// "/notes/*" is what the router calls the subtree of "/notes".
parsed_match parse_match(std::string_view match) {
  if (!match.ends_with(everything_below)) return {.pattern = std::string{match}};
  match.remove_suffix(everything_below.size());
  return {.pattern = match.empty() ? "/" : std::string{match}, .subtree = true};
}

bool is_served(std::string_view method_text) noexcept { return every_method.contains(parse_method(method_text)); }

std::string in_capitals(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

}  // namespace

struct gateway_routes::tables {
  /// The routes of one host, or of any.
  struct host_table {
    std::string host;  // as plain_host; empty: any
    router paths;
  };
  std::vector<named_service> services{};
  std::vector<std::shared_ptr<const handler>> handlers{};
  std::vector<std::shared_ptr<const policy>> policies{};
  std::shared_ptr<const policy> rules{};
  std::vector<host_table> hosts{};  // sorted
  std::optional<router> any{};

  [[nodiscard]] const router* of_host(const authority& asked) const noexcept;
};

namespace {

/// Makes the tables of a configuration and collects everything that is wrong with it.
class maker {
 public:
  maker(const gateway_config& c, state_registry& states, const gateway_routes::environment& around)
      : config_(&c), states_(&states), around_(&around) {}

  void make_rules();
  void make_services();
  void make_routes();

  config_errors errors{};
  std::shared_ptr<const policy> rules{};
  std::vector<gateway_routes::named_service> services{};
  std::vector<std::shared_ptr<const handler>> handlers{};
  std::vector<std::shared_ptr<const policy>> policies{};
  std::map<std::string, router> tables{};  // by host; empty: any

 private:
  /// A route that is valid by itself, with the number it has in the file; none: the one that `upstream` stands for.
  struct checked_route {
    route made;
    std::optional<std::size_t> index;
  };

  void append(const config_errors& more) { errors.insert(errors.end(), more.begin(), more.end()); }
  void refuse(std::string key, std::string value, std::string_view code, std::string message,
              std::string suggestion = {}) {
    errors.push_back({.key = std::move(key),
                      .value = std::move(value),
                      .code = std::string{code},
                      .message = std::move(message),
                      .suggestion = std::move(suggestion)});
  }
  void make_service(const std::string& name, const std::vector<std::string>& urls, proxy_options options,
                    const std::string& key, const std::string& urls_key);
  void make_route(std::size_t i);
  void add_upstream();
  void add_reserved();
  [[nodiscard]] const policy* policy_without_guard();
  [[nodiscard]] const handler* token_issuer();
  [[nodiscard]] bool match_is_valid(std::size_t i, const parsed_match& match);
  [[nodiscard]] method_set methods_of(std::size_t i);
  [[nodiscard]] const handler* handler_of(std::size_t i, const parsed_match& match);
  void check_prefix(std::size_t i, const parsed_match& match);
  [[nodiscard]] const policy* policy_of(std::size_t i);
  [[nodiscard]] std::vector<std::string> hosts_of(std::size_t i);
  [[nodiscard]] std::string nearest_service(std::string_view name) const;

  const gateway_config* config_;
  state_registry* states_;
  const gateway_routes::environment* around_;
  std::map<std::string, std::vector<checked_route>> routes_{};
  /// What a route can replace, and what was made of it.
  struct replacement {
    std::optional<security_headers_config> headers;
    std::optional<cors_config> cors;
    std::optional<cors_config> cors_next;
    std::optional<csrf_config> csrf;
    bool client_certificate;
    std::shared_ptr<const policy> made;
  };
  std::vector<replacement> replacements_{};
};

void maker::make_rules() {
  if (!config_->headers.clear_site_data.empty()) {
    refuse("headers.clear_site_data", {}, "for-a-route",
           "browsers would forget the site with every answer: it belongs to the route that logs out",
           "headers.clear_site_data of a [[route]]");
  }
  auto made = policy::make(rules_of(*config_), *states_);
  if (!made) return append(made.error());
  rules = *std::move(made);
}

void maker::make_service(const std::string& name, const std::vector<std::string>& urls, proxy_options options,
                         const std::string& key, const std::string& urls_key) {
  options.limits = config_->limits;
  options.events = around_->events;
  options.in_container = around_->in_container;
  options.counted = around_->numbers != nullptr;
  // What would never be sent must not be counted on.
  if (options.client_certificate == "send" && config_->tls.client_certificate == "none") {
    refuse(key + ".client_certificate", "send", "not-asked-for",
           "no client is asked for a certificate: tls.client_certificate = \"required\" or \"optional\" does that");
  }
  if (options.client_certificate == "pass" && config_->client_ip.trusted_proxies.empty()) {
    refuse(key + ".client_certificate", "pass", "nobody-trusted",
           "no proxy is trusted, so nothing would pass: client_ip.trusted_proxies names them");
  }
  auto made = service::make(urls, std::move(options), key, urls_key, states_);
  if (!made) append(made.error());
  // Also when it failed, so that routes to it are not refused as well.
  services.push_back({.name = name, .to = made ? *std::move(made) : nullptr});
}

void maker::make_services() {
  if (!config_->upstream.empty()) make_service("", config_->upstream, config_->proxy, "proxy", "upstream");
  for (const service_config& s : config_->services) {
    const std::string key = "service." + s.name;
    make_service(s.name, s.upstreams, s.options, key, key + ".upstreams");
  }
}

std::string maker::nearest_service(std::string_view name) const {
  std::vector<std::string_view> names;
  for (const auto& s : services) {
    if (!s.name.empty()) names.emplace_back(s.name);
  }
  return std::string{nearest_name(name, names)};
}

bool maker::match_is_valid(std::size_t i, const parsed_match& match) {
  const std::string& text = config_->routes[i].match;
  const std::string key = route_key(i, "match");
  if (match.pattern.find('*') != std::string::npos) {
    const std::string_view before = std::string_view{text}.substr(0, text.find('*'));
    refuse(key, text, "invalid-pattern", "a * stands only at the end, behind a slash: everything below",
           std::string{before.substr(0, before.rfind('/'))} + "/*");
    return false;
  }
  if (is_reserved(match.pattern)) {
    refuse(key, text, "reserved-path", "paths below /.gatehouse are Gatehouse's own");
    return false;
  }
  const auto alone = router::make({{.pattern = match.pattern, .subtree = match.subtree}});
  if (alone) return true;
  for (const config_error& e : alone.error()) refuse(key, text, e.code, e.message);
  return false;
}

method_set maker::methods_of(std::size_t i) {
  method_set out;
  for (std::size_t m = 0; m < config_->routes[i].methods.size(); ++m) {
    const std::string& text = config_->routes[i].methods[m];
    if (is_served(text)) {
      out.insert(parse_method(text));
      continue;
    }
    const std::string capitals = in_capitals(text);
    refuse(route_key(i, "methods[" + std::to_string(m) + ']'), text, "unknown-method",
           "this is not one of GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS", is_served(capitals) ? capitals : "");
  }
  return out;
}

void maker::check_prefix(std::size_t i, const parsed_match& match) {
  const std::string& prefix = config_->routes[i].strip_prefix;
  if (prefix.empty()) return;
  const bool begins = match.pattern == prefix || match.pattern.starts_with(prefix + '/');
  if (begins && prefix.size() > 1 && prefix.starts_with('/') && !prefix.ends_with('/') &&
      prefix.find(':') == std::string::npos) {
    return;
  }
  const bool literal = match.pattern.size() > 1 && match.pattern.find(':') == std::string::npos;
  refuse(route_key(i, "strip_prefix"), prefix, "invalid-prefix",
         "it must be what match begins with, up to the end of a segment", literal ? match.pattern : "");
}

const handler* maker::handler_of(std::size_t i, const parsed_match& match) {
  const route_config& r = config_->routes[i];
  check_prefix(i, match);
  const auto at = std::ranges::find(services, r.service, &gateway_routes::named_service::name);
  if (at != services.end()) {
    if (at->to == nullptr) return nullptr;
    return handlers.emplace_back(forward_to(at->to, r.strip_prefix)).get();
  }
  if (r.service.empty()) {
    refuse(route_key(i), {}, "missing-service", "it leads nowhere: it has no service, and there is no upstream",
           "service = \"NAME\" of a [service.NAME]");
  } else {
    refuse(route_key(i, "service"), r.service, "unknown-service", "there is no [service." + r.service + ']',
           nearest_service(r.service));
  }
  return nullptr;
}

const policy* maker::policy_of(std::size_t i) {
  const route_config& r = config_->routes[i];
  if (r.require_client_certificate && config_->tls.client_certificate == "none") {
    // Nobody is asked for one: nobody could get in.
    refuse(route_key(i, "require_client_certificate"), "true", "not-asked-for",
           "no client is asked for a certificate, so none would be let in: tls.client_certificate = \"optional\" asks");
  }
  if (!r.headers && !r.cors && !r.cors_next && !r.csrf && !r.require_client_certificate) return nullptr;
  for (const replacement& known : replacements_) {
    const bool is_same = known.headers == r.headers && known.cors == r.cors && known.cors_next == r.cors_next &&
                         known.csrf == r.csrf && known.client_certificate == r.require_client_certificate;
    if (is_same) return known.made.get();
  }
  auto made = policy::make(rules_of(*config_, r), *states_);
  if (!made) {
    for (config_error e : made.error()) {
      // The other rules are judged once, not for each route.
      // So are tokens, which no route has for itself.
      if (e.key.starts_with("csrf.token_keys") || e.key == "csrf.session_cookie") continue;
      const bool is_own = (r.headers && e.key.starts_with("headers.")) || (r.cors && e.key.starts_with("cors.")) ||
                          (r.cors_next && e.key.starts_with("cors_next")) || (r.csrf && e.key.starts_with("csrf."));
      if (!is_own) continue;
      e.key = route_key(i, e.key);
      errors.push_back(std::move(e));
    }
    return nullptr;
  }
  replacements_.push_back({.headers = r.headers,
                           .cors = r.cors,
                           .cors_next = r.cors_next,
                           .csrf = r.csrf,
                           .client_certificate = r.require_client_certificate,
                           .made = *made});
  return policies.emplace_back(*std::move(made)).get();
}

std::vector<std::string> maker::hosts_of(std::size_t i) {
  const std::vector<std::string>& wanted = config_->routes[i].host;
  if (wanted.empty()) return {""};
  std::vector<std::string> out;
  for (std::size_t h = 0; h < wanted.size(); ++h) {
    const auto parsed = authority::parse(wanted[h]);
    std::array<char, longest_host> lower;
    const std::string_view plain = parsed && !parsed->port ? plain_host(*parsed, lower) : std::string_view{};
    if (!plain.empty()) {
      out.emplace_back(plain);
      continue;
    }
    refuse(route_key(i, "host[" + std::to_string(h) + ']'), wanted[h], "not-a-host",
           "a route's host is a name or an address, exact and without a port",
           parsed ? std::string{parsed->host} : std::string{});
  }
  return out;
}

void maker::make_route(std::size_t i) {
  const parsed_match match = parse_match(config_->routes[i].match);
  const std::size_t before = errors.size();
  const bool valid = match_is_valid(i, match);
  route made{.methods = methods_of(i),
             .pattern = match.pattern,
             .answers = handler_of(i, match),
             .subtree = match.subtree,
             .body_bytes = config_->routes[i].max_body,
             .rules = policy_of(i)};
  const std::vector<std::string> hosts = hosts_of(i);
  if (!valid || errors.size() != before) return;
  for (const std::string& host : hosts) routes_[host].push_back({.made = made, .index = i});
}

/// `upstream` takes what no route takes.
void maker::add_upstream() {
  if (services.empty() || !services.front().name.empty() || services.front().to == nullptr) return;
  const bool taken = std::ranges::any_of(routes_[""], [](const checked_route& r) {
    return r.made.subtree && r.made.pattern == "/" && r.made.methods.empty();
  });
  if (taken) {
    const auto at = std::ranges::find_if(config_->routes, [](const route_config& r) {
      return r.host.empty() && r.match == everything_below && r.methods.empty();
    });
    if (at->service.empty()) return;  // says what holds for `upstream`
    return refuse(route_key(static_cast<std::size_t>(at - config_->routes.begin())), {}, "duplicate-route",
                  "it takes everything, and so does `upstream`: one of them", {});
  }
  routes_[""].push_back({.made = {.pattern = "/",
                                  .answers = handlers.emplace_back(forward_to(services.front().to, "")).get(),
                                  .subtree = true},
                         .index = std::nullopt});
}

/// For what the guard must not judge. A report says where it comes from as its page does, a sandboxed one "null"; it
/// changes nothing but a count. And who asks for a token has none yet: whether he gets one, its handler knows.
const policy* maker::policy_without_guard() {
  auto made = policy::make(rules_of(*config_, {.csrf = csrf_config{.dangerously_off = true}}), *states_);
  return made ? policies.emplace_back(*std::move(made)).get() : nullptr;  // what is wrong with the others is known
}

/// Null: there are no keys, or they are no good, which the guard has reported.
const handler* maker::token_issuer() {
  if (config_->csrf.token_keys.empty()) return nullptr;
  auto made = csrf_tokens(csrf_of(*config_, {})).make();
  return made ? handlers.emplace_back(*std::move(made)).get() : nullptr;
}

/// In the table of each host, or a subtree of its own would take these paths.
void maker::add_reserved() {
  if (routes_.empty()) return;
  const handler* const nothing = handlers.emplace_back(std::make_shared<nothing_here>()).get();
  const bool collects = around_->reports != nullptr && collects_reports(*config_);
  const handler* const tokens = token_issuer();
  const policy* const unguarded = collects || tokens != nullptr ? policy_without_guard() : nullptr;
  for (auto& [host, all] : routes_) {
    all.push_back(
        {.made = {.pattern = std::string{reserved_prefix}, .answers = nothing, .subtree = true}, .index = {}});
    const auto add = [&all, unguarded](method_set methods, std::string_view path, const handler* answers) {
      all.push_back({.made = {.methods = methods, .pattern = std::string{path}, .answers = answers, .rules = unguarded},
                     .index = {}});
    };
    if (collects) add({method::post}, reports_path, around_->reports);
    if (tokens != nullptr) add({method::get}, csrf_token_path, tokens);
  }
}

void maker::make_routes() {
  for (std::size_t i = 0; i < config_->routes.size(); ++i) make_route(i);
  add_upstream();
  add_reserved();
  for (const auto& [host, all] : routes_) {
    std::vector<route> wanted;
    wanted.reserve(all.size());
    for (const checked_route& r : all) wanted.push_back(r.made);
    auto made = router::make(wanted, around_->numbers);
    if (made) {
      tables.emplace(host, *std::move(made));
      continue;
    }
    // Each is valid by itself: these are of two that meet, and the later one is quoted.
    for (const config_error& e : made.error()) {
      const auto at = std::ranges::find_if(
          all.rbegin(), all.rend(), [&](const checked_route& r) { return r.made.pattern == e.value && r.index; });
      const std::string key = at == all.rend() ? std::string{"route"} : route_key(*at->index, "match");
      refuse(key, at == all.rend() ? std::string{} : config_->routes[*at->index].match, e.code, e.message);
    }
  }
}

}  // namespace

const router* gateway_routes::tables::of_host(const authority& asked) const noexcept {
  if (hosts.empty() || asked.empty()) return nullptr;
  std::array<char, longest_host> lower;
  const std::string_view host = plain_host(asked, lower);
  const auto at = std::ranges::lower_bound(hosts, host, {}, &host_table::host);
  return at != hosts.end() && at->host == host ? &at->paths : nullptr;
}

result<std::shared_ptr<const gateway_routes>, config_errors> gateway_routes::make(const gateway_config& c,
                                                                                  state_registry& states,
                                                                                  const environment& around) {
  maker m{c, states, around};
  m.make_rules();
  m.make_services();
  m.make_routes();
  if (!m.errors.empty()) return failure{std::move(m.errors)};
  auto made = std::make_unique<tables>();
  made->services = std::move(m.services);
  made->handlers = std::move(m.handlers);
  made->policies = std::move(m.policies);
  made->rules = std::move(m.rules);
  for (auto& [host, paths] : m.tables) {
    if (host.empty()) {
      made->any = std::move(paths);
    } else {
      made->hosts.push_back({.host = host, .paths = std::move(paths)});
    }
  }
  return std::shared_ptr<const gateway_routes>{new gateway_routes(std::move(made))};
}

gateway_routes::gateway_routes(std::unique_ptr<const tables> t) noexcept : tables_(std::move(t)) {}
gateway_routes::~gateway_routes() = default;

route_match gateway_routes::find(const request_head& head, path_parameters& parameters) const noexcept {
  // OPTIONS * asks for the server as a whole (RFC 9110 section 7.1): for whoever has its root.
  const std::string_view path = head.path == "*" ? std::string_view{"/"} : head.path;
  router::match m;
  if (const router* const own = tables_->of_host(head.authority)) m = own->find(path, head.verb, parameters);
  if (m.route == nullptr && tables_->any) m = tables_->any->find(path, head.verb, parameters);
  return {.route = m.route, .handler = m.answers, .rules = m.rules != nullptr ? m.rules : tables_->rules.get()};
}

void gateway_routes::attach(loop& l) const noexcept {
  for (const named_service& s : tables_->services) s.to->attach(l);
}

void gateway_routes::detach(loop& l) const noexcept {
  for (const named_service& s : tables_->services) s.to->detach(l);
}

const std::vector<gateway_routes::named_service>& gateway_routes::services() const noexcept {
  return tables_->services;
}

}  // namespace gatehouse
