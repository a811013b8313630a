#pragma once
// A service: upstreams that answer alike, how they are reached and how they are. Several routes may lead to one.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/proxy/proxy.hpp>
#include <gatehouse/rules/state_registry.hpp>

namespace gatehouse {

/// At most so many upstreams has a service.
inline constexpr std::size_t max_upstreams = 64;

/// What operators are shown of an upstream.
struct upstream_status {
  std::string address;  ///< "127.0.0.1:5000"
  bool in_use = true;
  bool down = false;  ///< the active check says so; it is not in use then
  // With proxy_options::counted.
  std::uint64_t requests = 0;          ///< that it was asked for, those that were tried again included
  std::uint64_t failures = 0;          ///< of these: without a whole valid answer. A 5xx is an answer
  std::uint64_t connections_open = 0;  ///< idle ones and those being made included; shared by services of this address
  std::uint64_t connections_idle = 0;
};

/// Immutable but for the health of its upstreams; shared by all threads.
class service {
 public:
  /// `states`: where the upstreams' health lives on when the configuration is reloaded, under `key` and their
  /// addresses; null: it ends with this object. Errors: every mistake in the URLs ("key[1]" below `urls_key`) and the
  /// options
  /// ("key.connect_timeout").
  [[nodiscard]] static result<std::shared_ptr<const service>, config_errors> make(std::span<const std::string> urls,
                                                                                  proxy_options options,
                                                                                  std::string_view key,
                                                                                  std::string_view urls_key,
                                                                                  state_registry* states = nullptr);
  service() = default;
  service(const service&) = delete;
  service& operator=(const service&) = delete;
  virtual ~service() = default;

  /// As of handler: the first loop asks the upstreams how they are, if that is configured.
  virtual void attach(loop& l) const noexcept = 0;
  virtual void detach(loop& l) const noexcept = 0;
  /// From any thread.
  [[nodiscard]] virtual std::vector<upstream_status> upstreams() const = 0;
};

/// Forwards to `to`, whose attach() and detach() stay with the caller. `strip_prefix` as in proxy_options (whose own is
/// not used here).
[[nodiscard]] std::shared_ptr<const handler> forward_to(std::shared_ptr<const service> to, std::string strip_prefix);

}  // namespace gatehouse
