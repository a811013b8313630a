#pragma once
// The services, routes and policies of a configuration: what the gateway serves, and what `check` tries to build.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/config/gateway_config.hpp>
#include <gatehouse/proxy/service.hpp>
#include <gatehouse/rules/state_registry.hpp>
#include <gatehouse/server/call.hpp>
#include <gatehouse/server/metrics.hpp>

namespace gatehouse {

/// Paths at and below it are Gatehouse's own (first_day.md): no route may take them, and no upstream gets them.
inline constexpr std::string_view reserved_prefix = "/.gatehouse";
/// Where browsers send their reports, with headers.report_to = "/.gatehouse/reports".
inline constexpr std::string_view reports_path = "/.gatehouse/reports";
/// Where own pages get a token, with csrf.token_keys.
inline constexpr std::string_view csrf_token_path = "/.gatehouse/csrf-token";

/// Finds route, policy and service of a request: by host and path first, then by method. Immutable, shared by all
/// threads.
class gateway_routes final : public dispatcher {
 public:
  struct environment {
    upstream_events* events = nullptr;  ///< borrowed; may be null
    bool in_container = false;
    route_numbers* numbers = nullptr;  ///< of the routes that are counted, and with them their upstreams; null: none
    const handler* reports = nullptr;  ///< what answers `reports_path`, borrowed; null: nothing does
  };
  /// `states`: what outlives a configuration: counters, the health of upstreams. Errors: all that rules, services and
  /// routes refuse, under the keys of the file ("service.notes.upstreams[1]", "route[0].match").
  [[nodiscard]] static result<std::shared_ptr<const gateway_routes>, config_errors> make(const gateway_config& c,
                                                                                         state_registry& states,
                                                                                         const environment& around);
  ~gateway_routes() override;

  [[nodiscard]] route_match find(const request_head& head, path_parameters& parameters) const noexcept override;
  void attach(loop& l) const noexcept override;
  void detach(loop& l) const noexcept override;

  struct named_service {
    std::string name;  ///< empty: `upstream`
    std::shared_ptr<const service> to;
  };
  [[nodiscard]] const std::vector<named_service>& services() const noexcept;

 private:
  struct tables;
  explicit gateway_routes(std::unique_ptr<const tables> t) noexcept;
  std::unique_ptr<const tables> tables_;
};

}  // namespace gatehouse
