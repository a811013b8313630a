#include <gatehouse/rules/standard_set.hpp>

namespace gatehouse {

std::vector<pending_rule> standard_set() {
  return {request_id(), trace_context(), client_ip(),        request_limits(), host_check(),
          csrf_guard(), cookies(),       security_headers(), error_hygiene()};
}

}  // namespace gatehouse
