#pragma once
// What a server counts, for whoever shows it: docs/telemetry.md.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/limits.hpp>

namespace gatehouse {

/// One named measurement with all its series, as Prometheus knows it. Label values come from the configuration or from
/// enumerations, never from a client: who sends requests must not be able to make series.
struct metric_family {
  enum class kind : std::uint8_t { counter, gauge, histogram };
  struct label {
    std::string name;
    std::string value;
  };
  struct bucket {
    double up_to = 0;
    std::uint64_t count = 0;  ///< of all values up to there
  };
  struct sample {
    std::vector<label> labels{};
    double value = 0;  ///< of a histogram: the sum of all values
    std::vector<bucket> buckets{};
    std::uint64_t count = 0;
  };
  std::string name;
  std::string help;
  kind what = kind::counter;
  std::vector<sample> samples{};
};

/// Numbers for the patterns of routes, so that a loop counts by route without looking anything up. A pattern keeps its
/// number over reloads; those too many share one. Thread-safe; asked while routers are made, never for a request.
class route_numbers {
 public:
  static constexpr std::uint16_t no_route = 0;
  static constexpr std::uint16_t other = 1;
  static constexpr std::size_t count = max_counted_routes + 2;

  [[nodiscard]] std::uint16_t number_of(std::string_view pattern);
  /// The pattern of each number; those of the first two are "none" and "other".
  [[nodiscard]] std::vector<std::string> patterns() const;

 private:
  mutable std::mutex mutex_{};
  std::vector<std::string> patterns_{"none", "other"};
};

}  // namespace gatehouse
