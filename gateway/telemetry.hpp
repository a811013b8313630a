#pragma once
// /metrics, /health and /ready: docs/telemetry.md.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gatehouse/config/gateway_routes.hpp>
#include <gatehouse/server/app.hpp>
#include <gatehouse/server/metrics.hpp>
#include <gatehouse/server/server.hpp>

namespace gatehouse::program {

/// What telemetry asks, on its own thread: each of these may be called from any.
struct telemetry_sources {
  std::function<std::vector<metric_family>()> metrics{};
  std::function<bool()> loops_answer{};
  std::function<bool()> is_accepting{};
  std::function<bool()> can_answer{};  ///< some service has an upstream that is not out (has_upstream)
};

/// The app that a side_listener serves.
[[nodiscard]] app telemetry_api(telemetry_sources from);

/// False: every service is asked how it is (active_health), and each upstream of each says that it is not well. What
/// requests show does not count: they bring an upstream back, so they must come.
[[nodiscard]] bool has_upstream(const std::vector<gateway_routes::named_service>& services);

/// The upstreams of all services: requests, failures, whether they are in use, connections.
void collect_upstreams(const std::vector<gateway_routes::named_service>& services, std::vector<metric_family>& out);

}  // namespace gatehouse::program
