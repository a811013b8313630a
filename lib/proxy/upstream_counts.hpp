#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include <gatehouse/base/loop_counter.hpp>

namespace gatehouse::detail::proxy {

/// The connections of one loop's pool, for all threads to read.
struct pool_counts {
  loop_counter open{};  ///< those being made included
  loop_counter idle{};
};

/// What one loop has asked of an upstream.
struct alignas(cache_line) upstream_tally {
  loop_counter requests{};
  loop_counter failures{};
};

/// What all loops have asked of an upstream. It outlives a configuration, as the upstream's health does.
class upstream_counts {
 public:
  struct sums {
    std::uint64_t requests = 0;
    std::uint64_t failures = 0;
    std::uint64_t open = 0;
    std::uint64_t idle = 0;
  };

  /// The calling loop's own (`loop` tells it from others), with the pool it takes connections from now. Stays as long
  /// as this object. Asked when a loop meets a service for the first time, not for each request.
  [[nodiscard]] upstream_tally& of(const void* loop, std::shared_ptr<const pool_counts> pool);
  /// From any thread.
  [[nodiscard]] sums all() const;

 private:
  struct entry {
    const void* loop = nullptr;
    std::shared_ptr<const pool_counts> pool{};
    upstream_tally tally{};
  };
  mutable std::mutex mutex_{};  // the list, and which pools
  std::vector<std::unique_ptr<entry>> entries_{};
};

}  // namespace gatehouse::detail::proxy
