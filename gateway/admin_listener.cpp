#include "admin_listener.hpp"

#include <gatehouse/config/admin_address.hpp>

#include "admin_api.hpp"
#include "admin_folder.hpp"

namespace gatehouse::program {
namespace {

/// Where it is to listen; empty: nowhere.
std::string place_of(const admin_config& c, const admin_address& wanted, std::uint16_t port) {
  switch (wanted.what) {
    case admin_address::kind::off: return {};
    case admin_address::kind::tcp:
    case admin_address::kind::unix_socket: return c.listen;
    case admin_address::kind::automatic: break;
  }
  const auto folder = make_admin_folder();
  return folder ? "unix:" + *folder + '/' + admin_socket_name(port) : std::string{};
}

}  // namespace

admin_listener::admin_listener(const admin_config& config, const front_door& door) : config_(config), door_(door) {}

config_errors admin_listener::open() {
  const auto wanted = admin_address::parse(config_.listen);
  const std::string place = wanted ? place_of(config_, *wanted, door_.port()) : std::string{};
  if (place.empty()) return {};
  auto side = std::make_unique<side_listener>(
      "admin.listen",
      admin_api({.decisions = &door_.decisions(),
                 .connections = [&door = door_](std::size_t at_most,
                                                milliseconds patience) { return door.connections(at_most, patience); },
                 .policy = [&door = door_] { return door.policy(); }},
                config_.token));
  if (config_errors errors = side->open({place}); !errors.empty()) {
    return wanted->what == admin_address::kind::automatic ? config_errors{} : errors;
  }
  side_ = std::move(side);
  address_ = side_->addresses().front();
  side_->start();
  return {};
}

}  // namespace gatehouse::program
