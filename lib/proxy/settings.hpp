#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gatehouse/proxy/proxy.hpp>
#include <gatehouse/proxy/service.hpp>
#include <gatehouse/proxy/upstream_url.hpp>

#include "hop_headers.hpp"
#include "upstream_counts.hpp"
#include "upstream_health.hpp"

namespace gatehouse::detail::proxy {

class health_checker;

/// One of a service's upstreams.
struct upstream {
  upstream_url url;
  std::string address;    ///< for the log
  std::string authority;  ///< its own Host value
  std::shared_ptr<upstream_health> health;
  std::shared_ptr<upstream_counts> counts;  ///< null: nothing is counted
  std::shared_ptr<const tls_client> tls{};  ///< who it has to be; null: without TLS
};

/// A service's valid configuration; immutable but for what was told already and how its upstreams are.
class settings final : public service, public std::enable_shared_from_this<settings> {
 public:
  settings(std::vector<upstream> to, proxy_options o);
  ~settings() override;

  void attach(loop& l) const noexcept override;
  void detach(loop& l) const noexcept override;
  [[nodiscard]] std::vector<upstream_status> upstreams() const override;

  std::vector<upstream> all;
  bool own_host;  ///< Host is the upstream's, not the client's
  forwarded_fields wanted;
  bool least_loaded;
  proxy_options options;  ///< passive_health: off where there is nothing to go to instead
  std::uint64_t id;       ///< no other of the process has it
  mutable std::atomic<bool> told_powered_by = false;
  mutable std::atomic<bool> told_page = false;

 private:
  mutable std::mutex mutex_{};
  mutable std::vector<loop*> attached_{};
  mutable std::unique_ptr<health_checker> checker_{};  // on the first of the attached loops
};

/// What a route adds to its service.
struct forwarding {
  std::shared_ptr<const settings> to;
  std::string strip_prefix;  ///< empty: none; never ends with "/"
  mutable std::atomic<bool> told_untyped = false;
};

/// Tells the log that `u` went out or came back.
void report_health(const settings& s, const upstream& u, bool in_use) noexcept;

}  // namespace gatehouse::detail::proxy
