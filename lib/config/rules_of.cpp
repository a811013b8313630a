#include <gatehouse/config/rules_of.hpp>

namespace gatehouse {

std::vector<pending_rule> rules_of(const gateway_config& c) {
  host_check_config host = c.host_check;
  host.report_only = host.report_only || c.report_only;
  return {request_id(),
          client_ip(c.client_ip),
          request_limits(),
          host_check(std::move(host)),
          security_headers(c.headers),
          error_hygiene(c.errors)};
}

}  // namespace gatehouse
