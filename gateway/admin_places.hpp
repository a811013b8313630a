#pragma once

#include <optional>
#include <string>
#include <vector>

#include <gatehouse/config/gateway_config.hpp>

namespace gatehouse::program {

/// Where a command asks running gateways.
struct admin_places {
  std::vector<std::string> addresses{};  ///< "http://127.0.0.1:9080" or "unix:/path"
  std::string token{};                   ///< empty: none
  std::string trouble{};                 ///< what is missing where there are no addresses
};

/// `told`: what --admin says. Without it where `admin.listen` of the configuration is; with "auto" the gateways of this
/// user, however many there are.
[[nodiscard]] admin_places admin_places_of(const std::optional<std::string>& told, const gateway_config& config);

}  // namespace gatehouse::program
