#pragma once
// When an upstream is taken out of its service, and how it comes back. docs/services.md says it for people.

#include <cstdint>
#include <string>

#include <gatehouse/base/clock.hpp>

namespace gatehouse {

/// What requests themselves show. Only for services of more than one upstream: with one there is nothing to go to
/// instead.
struct passive_health_options {
  /// Consecutive requests without a valid answer (no connection, none in time, closed early, not HTTP) after which it
  /// is out. 0: never. A 5xx is an answer.
  std::uint32_t failures = 3;
  milliseconds out_for{1'000};       ///< the first time; twice as long each time it fails soon after it came back
  milliseconds out_at_most{30'000};  ///< and never longer
};

/// What asking shows: a GET of its own, again and again.
struct active_health_options {
  std::string path{};            ///< "/health"; empty: nobody asks
  milliseconds interval{5'000};  ///< between two questions
  milliseconds timeout{2'000};   ///< of each, from connecting to the head of the answer; 200 to 399 is well
  std::uint32_t unhealthy = 3;   ///< bad answers in a row after which it is out
  std::uint32_t healthy = 2;     ///< good ones after which it is in again
};

}  // namespace gatehouse
