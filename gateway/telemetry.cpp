#include "telemetry.hpp"

#include <algorithm>
#include <utility>

#include "metrics_text.hpp"

namespace gatehouse::program {
namespace {

using kind = metric_family::kind;

response said(bool well, std::string text) {
  return plain_text(std::move(text)).status(well ? status::ok : status::service_unavailable);
}

}  // namespace

app telemetry_api(telemetry_sources from) {
  app a;
  a.get("/metrics",
        [metrics = std::move(from.metrics)] { return plain_text(metrics_text(metrics())).type(metrics_media_type); });
  // On the pool: it waits for loops that may hang, and scrapes must not wait with it.
  a.get("/health", blocking([loops_answer = std::move(from.loops_answer)] {
          const bool well = loops_answer();
          return said(well, well ? "ok\n" : "an event loop does not answer\n");
        }));
  a.get("/ready", [is_accepting = std::move(from.is_accepting), can_answer = std::move(from.can_answer)] {
    if (!is_accepting()) return said(false, "stopping\n");
    if (!can_answer()) return said(false, "every upstream is out\n");
    return said(true, "ready\n");
  });
  return a;
}

bool has_upstream(const std::vector<gateway_routes::named_service>& services) {
  return services.empty() || std::ranges::any_of(services, [](const auto& s) {
           return std::ranges::any_of(s.to->upstreams(), [](const upstream_status& u) { return !u.down; });
         });
}

void collect_upstreams(const std::vector<gateway_routes::named_service>& services, std::vector<metric_family>& out) {
  metric_family requests{.name = "gatehouse_upstream_requests_total",
                         .help = "Requests that an upstream was asked for, those tried again included."};
  metric_family failures{.name = "gatehouse_upstream_failures_total",
                         .help = "Of these, those without a whole valid answer. A 5xx is an answer."};
  metric_family in_use{
      .name = "gatehouse_upstream_in_use", .help = "1: it gets requests; 0: it is out.", .what = kind::gauge};
  metric_family connections{.name = "gatehouse_upstream_connections",
                            .help = "Connections to an upstream, with a request or idle.",
                            .what = kind::gauge};
  for (const gateway_routes::named_service& s : services) {
    for (const upstream_status& u : s.to->upstreams()) {
      const std::vector<metric_family::label> labels{{"service", s.name}, {"upstream", u.address}};
      const auto with_state = [&labels](std::string state) {
        auto all = labels;
        all.push_back({"state", std::move(state)});
        return all;
      };
      requests.samples.push_back({.labels = labels, .value = static_cast<double>(u.requests)});
      failures.samples.push_back({.labels = labels, .value = static_cast<double>(u.failures)});
      in_use.samples.push_back({.labels = labels, .value = u.in_use ? 1.0 : 0.0});
      connections.samples.push_back(
          {.labels = with_state("busy"), .value = static_cast<double>(u.connections_open - u.connections_idle)});
      connections.samples.push_back({.labels = with_state("idle"), .value = static_cast<double>(u.connections_idle)});
    }
  }
  for (metric_family* f : {&requests, &failures, &in_use, &connections}) out.push_back(std::move(*f));
}

}  // namespace gatehouse::program
