#pragma once

#include <vector>

#include <gatehouse/config/gateway_config.hpp>
#include <gatehouse/rules/rule.hpp>

namespace gatehouse {

/// The standard set as this configuration wants it: what the gateway runs, and what `check` tries to build.
[[nodiscard]] std::vector<pending_rule> rules_of(const gateway_config& c);
/// As above, for a route that replaces some of it.
[[nodiscard]] std::vector<pending_rule> rules_of(const gateway_config& c, const route_config& r);

/// The guard of a route, or of those that have none of their own. A route replaces it whole, but for what belongs to
/// the gateway: its own origins, and the tokens.
[[nodiscard]] csrf_config csrf_of(const gateway_config& c, const route_config& r);

}  // namespace gatehouse
