// Doubtful choices. Each has a code, and each stands on the start-up screen, too: an exit in use is never silent.
#include <algorithm>

#include <gatehouse/config/admin_address.hpp>
#include <gatehouse/config/catalog.hpp>
#include <gatehouse/config/load.hpp>
#include <gatehouse/net/endpoint.hpp>

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
         "report_only: requests with a foreign Host are let through and only logged; strict HTTP and limits stay "
         "enforced");
  }
  if (c.errors.upstream_5xx == "pass") {
    warn(loaded, "errors.upstream_5xx", "upstream-errors-pass",
         "errors.upstream_5xx: clients see whatever the API writes when it fails, stack traces included");
  }
  if (c.limits.body_min_bytes_per_second == 0) {
    warn(loaded, "limits.min_body_rate", "limit-off",
         "limits.min_body_rate: a client may send its body as slowly as it likes", "min_body_rate = \"1KiB\"");
  }
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
  lint_admin(loaded);
  lint_headers(loaded);
  lint_route_headers(loaded);
  lint_services(loaded);
  lint_upstream(loaded);
  loaded.report.sort();
}

}  // namespace gatehouse
