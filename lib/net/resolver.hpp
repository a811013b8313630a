#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gatehouse/base/ip_address.hpp>

#include "reactor.hpp"

namespace gatehouse::detail::net {

/// What a look-up ends in: on the loop, never from inside the call that started it.
class lookup_owner {
 public:
  /// Empty when the name has no address, or nobody could be asked.
  virtual void on_addresses(std::vector<ip_address> addresses) noexcept = 0;

 protected:
  ~lookup_owner() = default;
};

/// A look-up under way. Destroying it cancels: nobody is told then.
class lookup {
 public:
  lookup() = default;
  lookup(const lookup&) = delete;
  lookup& operator=(const lookup&) = delete;
  virtual ~lookup() = default;
};

/// Asks the system's resolver (hosts file, DNS: getaddrinfo) on a helper thread, never on the loop. Null when there can
/// be no such thread.
[[nodiscard]] std::unique_ptr<lookup> start_lookup(reactor& r, const std::string& name, lookup_owner& owner);

}  // namespace gatehouse::detail::net
