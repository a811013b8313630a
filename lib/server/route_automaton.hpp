#pragma once
// The automaton that finds the most specific pattern of a path without going back. A state stands for "these patterns
// still match what was read"; there is one for each set of patterns that some path leads to.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "route_pattern.hpp"

namespace gatehouse::detail::server {

class route_automaton {
 public:
  static constexpr std::int32_t none = -1;
  static constexpr std::size_t max_states = 100'000;

  /// `patterns` all differ in shape. Nothing when the combinations of their literals and parameters are too many.
  [[nodiscard]] static std::optional<route_automaton> make(const std::vector<pattern_segments>& patterns);

  /// The index of the pattern that answers `path` (which begins with "/"), or none.
  [[nodiscard]] std::int32_t find(std::string_view path) const noexcept;

 private:
  friend class automaton_builder;
  struct state {
    std::uint32_t first_edge = 0;
    std::uint32_t edge_count = 0;
    std::int32_t other = none;     // the state behind a segment that is no edge's label and not empty
    std::int32_t at_end = none;    // the pattern that answers a path that ends here
    std::int32_t fallback = none;  // the pattern that answers whatever else follows
  };
  struct edge {
    std::string label;
    std::uint32_t to = 0;
  };
  [[nodiscard]] std::int32_t next(const state& from, std::string_view segment) const noexcept;

  std::vector<state> states_;
  std::vector<edge> edges_;
};

}  // namespace gatehouse::detail::server
