#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <gatehouse/http/fields.hpp>
#include <gatehouse/net/loop.hpp>
#include <gatehouse/wire/response_parser.hpp>

#include "settings.hpp"
#include "upstream_pool.hpp"

namespace gatehouse::detail::proxy {

class proxy_exchange;

/// Where a request goes.
struct choice {
  const upstream* to = nullptr;  ///< null: nowhere
  upstream_pool* pool = nullptr;
  upstream_tally* tally = nullptr;  ///< null: nothing is counted
  std::size_t index = 0;            ///< of the service's
  bool probe = false;               ///< it decides whether the upstream is in use again
};

/// What all proxies of a loop share: connection pools by upstream (they survive a reload of the
/// configuration), exchanges to use again, room to work in. Belongs to the loop's thread.
class loop_state {
 public:
  explicit loop_state(loop& l) : loop_(l), pulse_(l) {}
  loop_state(const loop_state&) = delete;
  loop_state& operator=(const loop_state&) = delete;
  ~loop_state();

  /// That of `l`, made on first use. On the loop's thread.
  [[nodiscard]] static loop_state& of(loop& l);
  /// Closes what is idle and, when nothing is in use, ends it.
  static void close_idle(const loop& l) noexcept;

  [[nodiscard]] loop& on() const noexcept { return loop_; }
  /// One of the service's upstreams that is in use and not `tried` (a bit each).
  [[nodiscard]] choice choose(const settings& s, std::uint64_t tried);
  [[nodiscard]] proxy_exchange& take_exchange();
  void give_back(proxy_exchange& e) noexcept { unused_.push_back(&e); }

  // Valid between two calls to anything outside.
  [[nodiscard]] fields& request_lines() noexcept { return request_lines_; }
  [[nodiscard]] received_response& response() noexcept { return response_; }

 private:
  /// A service on this loop.
  struct known_service {
    std::uint64_t settings_id;
    std::size_t turn;  // whose it is next
    std::vector<upstream_pool*> pools;
    std::vector<upstream_tally*> tallies;  // of those the upstreams of the settings own
  };
  [[nodiscard]] known_service& known(const settings& s);
  [[nodiscard]] upstream_pool& pool_of(const upstream& u);
  void drop_unused_pools() noexcept;
  void forget_all() noexcept;

  loop& loop_;
  loop_pulse pulse_;
  std::vector<std::unique_ptr<upstream_pool>> pools_{};
  std::vector<known_service> known_{};  // OPTIMIZATION: so that a request compares no text
  std::vector<std::unique_ptr<proxy_exchange>> exchanges_{};
  std::vector<proxy_exchange*> unused_{};
  fields request_lines_{};
  received_response response_{};
};

}  // namespace gatehouse::detail::proxy
