#pragma once

#include <memory>
#include <string>

#include <gatehouse/config/gateway_config.hpp>

#include "front_door.hpp"
#include "side_listener.hpp"

namespace gatehouse::program {

/// The admin API of a front door, where `admin.listen` wants it.
class admin_listener {
 public:
  /// `door` is open and outlives it.
  admin_listener(const admin_config& config, const front_door& door);
  admin_listener(const admin_listener&) = delete;
  admin_listener& operator=(const admin_listener&) = delete;

  /// Serves from now on. Errors: what stands in the way, for people; never with `auto`, which then does without.
  [[nodiscard]] config_errors open();
  /// "http://127.0.0.1:9080" or "unix:/path"; empty: there is none.
  [[nodiscard]] const std::string& address() const noexcept { return address_; }

 private:
  admin_config config_;
  const front_door& door_;
  std::unique_ptr<side_listener> side_{};
  std::string address_{};
};

}  // namespace gatehouse::program
