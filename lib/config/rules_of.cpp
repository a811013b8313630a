#include <gatehouse/config/rules_of.hpp>

#include <utility>

#include <gatehouse/http/authority.hpp>

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

csrf_config csrf_of(const gateway_config& c, const route_config& r) {
  csrf_config out = r.csrf.value_or(c.csrf);
  out.report_only = !out.dangerously_off && (out.report_only || c.report_only);
  out.public_origins = c.public_origin;
  return out;
}

}  // namespace

std::vector<pending_rule> rules_of(const gateway_config& c) { return rules_of(c, {}); }

std::vector<pending_rule> rules_of(const gateway_config& c, const route_config& r) {
  std::vector<pending_rule> out{request_id(),
                                trace_context(c.trace_context),
                                client_ip(c.client_ip),
                                request_limits(),
                                host_check(host_check_of(c)),
                                csrf_guard(csrf_of(c, r)),
                                security_headers(r.headers.value_or(c.headers)),
                                error_hygiene(c.errors)};
  if (r.require_client_certificate) out.push_back(require_client_certificate());
  // A route's policy replaces the common one whole: nothing of it is inherited (spec/cors.md row 49).
  const std::optional<cors_config>& own = r.cors ? r.cors : c.cors;
  if (own) out.push_back(cors_even_for_nobody(cors_of(c, *own)));
  return out;
}

}  // namespace gatehouse
