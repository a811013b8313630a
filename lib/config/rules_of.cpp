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

}  // namespace

std::vector<pending_rule> rules_of(const gateway_config& c) { return rules_of(c, {}); }

std::vector<pending_rule> rules_of(const gateway_config& c, const route_config& r) {
  return {request_id(),           trace_context(c.trace_context), client_ip(c.client_ip),
          request_limits(),       host_check(host_check_of(c)),   security_headers(r.headers.value_or(c.headers)),
          error_hygiene(c.errors)};
}

}  // namespace gatehouse
