#include <gatehouse/config/rules_of.hpp>

#include <algorithm>
#include <utility>

#include <gatehouse/http/authority.hpp>
#include <gatehouse/http/origin.hpp>
#include <gatehouse/proxy/upstream_url.hpp>

namespace gatehouse {
namespace {

host_check_config host_check_of(const gateway_config& c) {
  host_check_config out = c.host_check;
  out.report_only = out.report_only || c.report_only;
  for (const route_config& r : c.routes) {
    for (const std::string& host : r.host) {
      if (authority::parse(host)) out.also.push_back(host);  // else the route is refused, once
    }
  }
  return out;
}

cors_config cors_of(const gateway_config& c, const cors_config& own) {
  cors_config out = own;
  out.report_only = out.report_only || c.report_only;
  out.public_origins = c.public_origin;
  return out;
}

/// As it stands in a Domain attribute. Of a Unix socket there is none.
void add_host(std::vector<std::string>& hosts, const std::string& url) {
  const auto parsed = upstream_url::parse(url);  // what is wrong with it, its service says
  if (!parsed || parsed->is_local() || std::ranges::find(hosts, parsed->host) != hosts.end()) return;
  hosts.push_back(parsed->host);
}

cookies_config cookies_of(const gateway_config& c) {
  cookies_config out = c.cookies;
  for (const std::string& url : c.upstream) add_host(out.upstream_hosts, url);
  for (const service_config& s : c.services) {
    for (const std::string& url : s.upstreams) add_host(out.upstream_hosts, url);
  }
  // Where TLS ends elsewhere the browser may have asked for another name than we were: what it knows is right.
  for (const std::string& text : c.public_origin) {
    const auto parsed = origin::parse(text);
    if (!parsed) continue;
    std::erase_if(out.upstream_hosts,
                  [&](const std::string& host) { return parsed->host == host || parsed->host.ends_with('.' + host); });
  }
  return out;
}

}  // namespace

csrf_config csrf_of(const gateway_config& c, const route_config& r) {
  csrf_config out = r.csrf.value_or(c.csrf);
  out.report_only = !out.dangerously_off && (out.report_only || c.report_only);
  out.public_origins = c.public_origin;
  out.token_keys = c.csrf.token_keys;
  out.session_cookie = c.csrf.session_cookie;
  const auto& mapped = c.cookies.map_to_host_prefix;
  out.session_cookie_is_mapped = !c.cookies.dangerously_off &&
                                 std::ranges::find(mapped, out.session_cookie) != mapped.end();
  return out;
}

std::vector<pending_rule> rules_of(const gateway_config& c) { return rules_of(c, {}); }

std::vector<pending_rule> rules_of(const gateway_config& c, const route_config& r) {
  std::vector<pending_rule> out{request_id(),
                                trace_context(c.trace_context),
                                client_ip(c.client_ip),
                                request_limits(),
                                host_check(host_check_of(c)),
                                csrf_guard(csrf_of(c, r)),
                                cookies(cookies_of(c)),
                                security_headers(r.headers.value_or(c.headers)),
                                error_hygiene(c.errors)};
  if (r.require_client_certificate) out.push_back(require_client_certificate());
  // A route's policy replaces the common one whole: nothing of it is inherited (spec/cors.md row 49).
  const std::optional<cors_config>& own = r.cors ? r.cors : c.cors;
  if (!own) return out;
  const std::optional<cors_config>& next = r.cors || r.cors_next ? r.cors_next : c.cors_next;
  out.push_back(next ? cors_even_for_nobody(cors_of(c, *own), cors_of(c, *next))
                     : cors_even_for_nobody(cors_of(c, *own)));
  return out;
}

}  // namespace gatehouse
