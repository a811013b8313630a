// Doubtful choices. Each has a code, and each stands on the start-up screen, too: an exit in use is never silent.
#include <algorithm>
#include <chrono>
#include <iterator>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/config/admin_address.hpp>
#include <gatehouse/config/catalog.hpp>
#include <gatehouse/config/load.hpp>
#include <gatehouse/http/authority.hpp>
#include <gatehouse/http/origin.hpp>
#include <gatehouse/net/endpoint.hpp>
#include <gatehouse/rules/cors.hpp>
#include <gatehouse/rules/csp_lint.hpp>
#include <gatehouse/rules/public_suffix_list.hpp>

namespace gatehouse {
namespace {

void warn(loaded_config& loaded, std::string_view key, std::string_view code, std::string message,
          std::string suggestion = {}) {
  loaded.report.warning(loaded.sources.find(key), {.key = std::string{key},
                                                   .code = std::string{code},
                                                   .message = std::move(message),
                                                   .suggestion = std::move(suggestion)});
}

bool off_loopback(const gateway_config& c) {
  return std::ranges::any_of(c.listen, [](const std::string& text) {
    const auto parsed = endpoint::parse(text);
    return parsed && !parsed->address.is_loopback();
  });
}

void lint_hosts(loaded_config& loaded) {
  if (!loaded.config.host_check.hosts.empty() || !off_loopback(loaded.config)) return;
  const gateway_config& c = loaded.config;
  const bool only_for_hosts = c.upstream.empty() && !c.routes.empty() &&
                              std::ranges::none_of(c.routes, [](const route_config& r) { return r.host.empty(); });
  if (only_for_hosts) return;  // others find no route
  warn(loaded, "listen", "hosts-missing",
       "any Host value is answered: links that the API builds from it can be poisoned, and DNS rebinding reaches it",
       "hosts = [\"api.example.com\"]");
}

/// What an upstream is: out of the world's reach, or somewhere in it.
bool is_private_upstream(const std::string& url) {
  if (url.starts_with("unix:")) return true;
  std::string_view host = url;
  if (const auto end = host.find("://"); end != std::string_view::npos) host.remove_prefix(end + 3);
  const auto parsed = authority::parse(host.substr(0, host.find('/')));
  return parsed && (parsed->is_loopback() || (parsed->address && parsed->address->is_private()));
}

/// What clients call us: `public_origin`, or the names in `hosts`.
std::vector<std::string> own_names(const gateway_config& c) {
  std::vector<std::string> out;
  const auto add = [&out](std::string_view host, bool is_address) {
    if (is_address || host == "localhost") return;
    std::ranges::transform(host, std::back_inserter(out.emplace_back()), ascii::to_lower);
  };
  for (const std::string& text : c.public_origin) {
    if (const auto parsed = origin::parse(text)) add(parsed->host, parsed->address.has_value());
  }
  for (const std::string& text : c.host_check.hosts) {
    if (const auto parsed = authority::parse(text)) add(parsed->host, parsed->address.has_value());
  }
  return out;
}

/// The routes that a policy is for, as far as it asks: null: all those without a policy of their own.
cors_surroundings around(const gateway_config& c, const route_config* only) {
  cors_surroundings out;
  out.upstream_is_private = std::ranges::any_of(c.upstream, is_private_upstream);
  for (const service_config& s : c.services) {
    out.upstream_is_private = out.upstream_is_private || std::ranges::any_of(s.upstreams, is_private_upstream);
  }
  out.methods_known = only != nullptr || c.upstream.empty();  // `upstream` takes what no route takes: anything
  const auto add = [&out](const route_config& r) {
    out.methods_known = out.methods_known && !r.methods.empty();
    for (const std::string& text : r.methods) out.route_methods.insert(parse_method(text));
  };
  if (only != nullptr) {
    add(*only);
  } else {
    for (const route_config& r : c.routes) {
      if (!r.cors) add(r);
    }
  }
  out.redirects_to_https = !c.redirect_from.empty();
  out.own_hosts = own_names(c);
  out.adds_same_site = !c.cookies.dangerously_off && c.cookies.cross_site.empty();
  const security_headers_config& headers = only != nullptr && only->headers ? *only->headers : c.headers;
  out.corp = headers.cross_origin_resource_policy.value_or("");
  return out;
}

void lint_cors_policy(loaded_config& loaded, cors_config policy, const std::string& key, const route_config* only) {
  policy.public_origins = loaded.config.public_origin;
  for (cors_finding& f : lint_cors(policy, around(loaded.config, only))) {
    f.what.key = key + '.' + f.what.key;
    f.what.message = catalog_key(f.what.key) + (f.what.value.empty() ? "" : ' ' + in_quotes(f.what.value)) + ": " +
                     f.what.message;
    const source_position where = loaded.sources.find(f.what.key);
    if (f.how_bad == cors_severity::info) {
      loaded.report.info(where, std::move(f.what));
    } else {
      loaded.report.warning(where, std::move(f.what));
    }
  }
  // C27: only where the list is asked at all.
  if (!policy.credentials) return;
  constexpr int months = 12;
  const auto made = public_suffix_list_made_at(policy.public_suffix_list);
  const auto age = made ? (std::chrono::system_clock::now() - *made) / std::chrono::months{1} : 0;
  if (age < months) return;
  const std::string at = key + (policy.public_suffix_list.empty() ? "" : ".public_suffix_list");
  loaded.report.info(loaded.sources.find(at),
                     {.key = at,
                      .code = "cors-c27",
                      .message = catalog_key(at) + ": the public suffix list is " + std::to_string(age) +
                                 " months old: of hosting services that came later nobody is warned",
                      .suggestion = "public_suffix_list with a file from https://publicsuffix.org/list/"});
}

void lint_all_cors(loaded_config& loaded) {
  const gateway_config& c = loaded.config;
  if (c.cors) lint_cors_policy(loaded, *c.cors, "cors", nullptr);
  if (c.cors_next) lint_cors_policy(loaded, *c.cors_next, "cors_next", nullptr);
  for (std::size_t i = 0; i < c.routes.size(); ++i) {
    const route_config& r = c.routes[i];
    const std::string key = "route[" + std::to_string(i) + "].cors";
    if (r.cors_next) lint_cors_policy(loaded, *r.cors_next, key + "_next", &r);
    if (!r.cors) continue;
    lint_cors_policy(loaded, *r.cors, key, &r);
    // C24: elsewhere such a policy would be filled up, field by field.
    if (!c.cors || !c.cors->credentials || r.cors->credentials || loaded.sources.has(key + ".credentials")) continue;
    loaded.report.info(loaded.sources.find(key),
                       {.key = key,
                        .code = "cors-c24",
                        .message = "route.cors: it replaces [cors] whole: credentials are not allowed here"});
  }
}

void lint_csrf_guard(loaded_config& loaded, const csrf_config& c, const std::string& key) {
  const std::string shown = key.starts_with("route") ? "route.csrf" : key;
  if (c.dangerously_off) {
    warn(loaded, key + ".dangerously_off", "csrf-off",
         shown + ".dangerously_off: every page on the web can make your users' browsers send anything, as them");
    return;
  }
  if (c.report_only) {
    warn(loaded, key + ".report_only", "csrf-report-only",
         shown + ".report_only: what pages of other sites send is let through and only logged");
  }
}

/// Browsers drop a Secure cookie that comes over plain HTTP, but from this machine.
void lint_csrf_tokens(loaded_config& loaded) {
  const gateway_config& c = loaded.config;
  if (c.csrf.token_keys.empty() || !c.csrf.session_cookie.empty() || !c.insecure_plain_http || c.tls.is_on()) return;
  warn(loaded, "csrf.token_keys", "csrf-token-without-session",
       "csrf.token_keys: over plain HTTP browsers do not take our __Host-gh-csrf: without csrf.session_cookie no token "
       "is "
       "ever valid");
}

void lint_csrf(loaded_config& loaded) {
  lint_csrf_guard(loaded, loaded.config.csrf, "csrf");
  lint_csrf_tokens(loaded);
  for (std::size_t i = 0; i < loaded.config.routes.size(); ++i) {
    const auto& own = loaded.config.routes[i].csrf;
    if (own) lint_csrf_guard(loaded, *own, "route[" + std::to_string(i) + "].csrf");
  }
}

void lint_cookies(loaded_config& loaded) {
  const gateway_config& c = loaded.config;
  if (c.cookies.dangerously_off) {
    warn(loaded, "cookies.dangerously_off", "cookies-off",
         "cookies.dangerously_off: Set-Cookie passes as the API wrote it: without Secure, HttpOnly and SameSite where "
         "it forgot them");
  }
  if (!c.cookies.map_to_host_prefix.empty() && !c.tls.is_on() && c.client_ip.trusted_proxies.empty()) {
    warn(loaded, "cookies.map_to_host_prefix", "no-effect",
         "cookies.map_to_host_prefix: nobody comes over HTTPS here, and over plain HTTP nothing is mapped",
         "[tls], or client_ip.trusted_proxies with who ends TLS");
  }
}

void lint_exits(loaded_config& loaded) {
  const gateway_config& c = loaded.config;
  if (c.insecure_plain_http && off_loopback(c)) {
    warn(loaded, "insecure_plain_http", "insecure-plain-http",
         "insecure_plain_http: whoever is between the clients and this machine reads and changes everything");
  }
  if (c.insecure_plain_http && !off_loopback(c)) {
    warn(loaded, "insecure_plain_http", "no-effect",
         "insecure_plain_http: every listener is on loopback, so it is not needed");
  }
  if (c.report_only) {
    warn(loaded, "report_only", "report-only",
         "report_only: requests with a foreign Host, or sent by other sites' pages, are let through and only logged, "
         "and "
         "so is what CORS would deny; "
         "strict HTTP and limits stay enforced");
  }
  if (c.errors.upstream_5xx == "pass") {
    warn(loaded, "errors.upstream_5xx", "upstream-errors-pass",
         "errors.upstream_5xx: clients see whatever the API writes when it fails, stack traces included");
  }
  if (c.errors.dev_errors) {
    warn(loaded, "errors.dev_errors", "dev-errors",
         "errors.dev_errors: clients read what went wrong in Gatehouse; for development");
  }
  if (c.limits.body_min_bytes_per_second == 0) {
    warn(loaded, "limits.min_body_rate", "limit-off",
         "limits.min_body_rate: a client may send its body as slowly as it likes", "min_body_rate = \"1KiB\"");
  }
}

/// Said for each service by its name: nothing else makes up for it.
void lint_upstream_tls(loaded_config& loaded) {
  const auto judge = [&loaded](const tls_client_config& c, const std::string& section) {
    if (!c.dangerously_accept_any_certificate) return;
    const std::string key = section + ".dangerously_accept_any_certificate";
    warn(loaded, key, "any-certificate-accepted",
         key +
             ": whoever answers is taken for the upstream; who stands in between reads and changes everything, "
             "credentials included",
         "ca = \"ca.pem\", with the authority that signed its certificate");
  };
  judge(loaded.config.proxy.tls, "proxy.tls");
  for (const service_config& s : loaded.config.services) judge(s.options.tls, "service." + s.name + ".tls");
}

void lint_admin(loaded_config& loaded) {
  const auto at = admin_address::parse(loaded.config.admin.listen);
  if (!at || at->is_local()) return;
  warn(loaded, "admin.listen", "admin-plain-http",
       "admin.listen: whoever is between this machine and the admin's reads the token and all that is shown",
       "listen = \"127.0.0.1:" + std::to_string(at->at.port) + "\"");
}

void lint_headers(loaded_config& loaded) {
  for (const catalog_entry& e : config_catalog()) {
    const auto* const member = std::get_if<member_of_config<std::optional<std::string>>>(&e.member);
    if (member == nullptr || kind_of_section(section_of(e.key)) != section_kind::once) continue;
    const std::optional<std::string>& value = (*member)(loaded.config);
    if (value && value->empty()) warn(loaded, e.key, "header-off", std::string{e.key} + ": this header is not added");
  }
}

/// As above, of the routes that have headers of their own.
void lint_route_headers(loaded_config& loaded) {
  for (std::size_t i = 0; i < loaded.config.routes.size(); ++i) {
    gateway_config one;
    one.routes = {loaded.config.routes[i]};
    if (!one.routes.front().headers) continue;
    for (const catalog_entry& e : config_catalog()) {
      const auto* const member = std::get_if<member_of_config<std::optional<std::string>>>(&e.member);
      if (member == nullptr || section_of(e.key) != "route") continue;
      const std::optional<std::string>& value = (*member)(one);
      if (!value || !value->empty()) continue;
      warn(loaded, "route[" + std::to_string(i) + "]." + std::string{name_in_section(e.key)}, "header-off",
           std::string{e.key} + ": this header is not added");
    }
  }
}

void lint_policy(loaded_config& loaded, const security_headers_config& c, const std::string& section) {
  if (!c.content_security_policy) return;
  const std::string key = section + ".content_security_policy";
  for (csp_finding& f : lint_csp(*c.content_security_policy)) {
    const std::string place = f.directive + (f.source.empty() ? "" : ' ' + f.source);
    config_error what{.key = key,
                      .value = place,
                      .code = std::string{f.code},
                      .message = catalog_key(key) + ": " + place + ": " + f.message,
                      .suggestion = std::move(f.suggestion)};
    const source_position where = loaded.sources.find(key);
    if (f.how_bad == csp_finding::weight::info) {
      loaded.report.info(where, std::move(what));
    } else {
      loaded.report.warning(where, std::move(what));
    }
  }
}

/// What of a policy of one's own lets scripts in. (The profiles' are judged by our tests.)
void lint_policies(loaded_config& loaded) {
  lint_policy(loaded, loaded.config.headers, "headers");
  for (std::size_t i = 0; i < loaded.config.routes.size(); ++i) {
    const auto& own = loaded.config.routes[i].headers;
    if (own) lint_policy(loaded, *own, "route[" + std::to_string(i) + "].headers");
  }
}

void lint_services(loaded_config& loaded) {
  const gateway_config& c = loaded.config;
  for (const service_config& s : c.services) {
    if (std::ranges::find(c.routes, s.name, &route_config::service) != c.routes.end()) continue;
    warn(loaded, "service." + s.name, "unused-service", "service." + s.name + ": no route leads there",
         "[[route]] with service = \"" + s.name + '"');
  }
}

void lint_upstream(loaded_config& loaded) {
  if (!loaded.config.upstream.empty() || !loaded.config.routes.empty()) return;
  // Something was written, and refused: that is said already.
  if (std::ranges::any_of(loaded.report.problems, [](const config_problem& p) { return p.what.key == "upstream"; })) {
    return;
  }
  warn(loaded, "upstream", "no-upstream", "no upstream: `gatehouse run` will need --to with its address",
       "upstream = \"http://127.0.0.1:5000\"");
}

}  // namespace

void lint_config(loaded_config& loaded) {
  lint_hosts(loaded);
  lint_exits(loaded);
  lint_all_cors(loaded);
  lint_csrf(loaded);
  lint_cookies(loaded);
  lint_upstream_tls(loaded);
  lint_admin(loaded);
  lint_headers(loaded);
  lint_route_headers(loaded);
  lint_policies(loaded);
  lint_services(loaded);
  lint_upstream(loaded);
  loaded.report.sort();
}

}  // namespace gatehouse
