#pragma once

#include <cstdint>
#include <string>

#include <gatehouse/http/method.hpp>

namespace gatehouse {

/// What the rules may know about the route that a path matched, before the method is judged. Immutable.
struct route_info {
  std::string pattern{};  ///< as registered, "/notes/:id"; for logs and metrics (bounded in number, unlike paths)
  method_set methods{};   ///< all methods that routes of this path have; empty: not known (a gateway without a
                          ///< description)
  std::uint64_t body_bytes = 0;  ///< its own body limit; 0: limits.body_bytes
  std::uint16_t number = 0;      ///< under which it is counted (server/metrics.hpp); 0: not by itself
};

}  // namespace gatehouse
