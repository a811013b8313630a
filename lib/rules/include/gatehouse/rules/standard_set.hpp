#pragma once
// The rules that are on without being asked for. Their default values stand in their configuration structs, nowhere
// else.

#include <vector>

#include <gatehouse/rules/client_certificate.hpp>
#include <gatehouse/rules/client_ip.hpp>
#include <gatehouse/rules/cookies.hpp>
#include <gatehouse/rules/cors.hpp>
#include <gatehouse/rules/csrf.hpp>
#include <gatehouse/rules/error_hygiene.hpp>
#include <gatehouse/rules/host_check.hpp>
#include <gatehouse/rules/request_id.hpp>
#include <gatehouse/rules/request_limits.hpp>
#include <gatehouse/rules/rule.hpp>
#include <gatehouse/rules/security_headers.hpp>
#include <gatehouse/rules/trace_context.hpp>

namespace gatehouse {

/// All rules there are, with their defaults. Rules added behind these replace those of the same order (policy::make).
[[nodiscard]] std::vector<pending_rule> standard_set();

}  // namespace gatehouse
