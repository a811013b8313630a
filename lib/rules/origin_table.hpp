#pragma once
// Who is on the list: asked for every request that has an Origin.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <gatehouse/http/origin.hpp>
#include <gatehouse/rules/cors_denial.hpp>

#include "allowed_ports.hpp"
#include "origin_pattern.hpp"
#include "suffix_table.hpp"
#include "text_table.hpp"

namespace gatehouse::detail::rules {

class origin_table {
 public:
  struct options {
    bool single_label = false;  // "*." stands for one label
  };
  origin_table(std::vector<origin_pattern> all, options o, keyed_hash::key key);

  /// Whether a pattern allows these bytes. Exact ones are compared as bytes, so equality is validity; what a pattern
  /// allows is a valid origin, too. O(the longest pattern), and ten looks into tables at most.
  [[nodiscard]] bool contains(std::string_view sent) const noexcept;
  /// The same. Of one that no exact pattern allows, `read` is what origin::parse says: it was needed, or will be.
  [[nodiscard]] bool contains(std::string_view sent, std::optional<origin>& read) const noexcept;

  struct neighbour {
    origin_difference differs = origin_difference::unknown;
    std::string_view text{};  // as configured
  };
  /// Of what is not contained: the pattern that is most like it.
  [[nodiscard]] neighbour nearest(std::string_view sent) const noexcept;

  [[nodiscard]] const std::vector<origin_pattern>& patterns() const noexcept { return patterns_; }
  [[nodiscard]] bool empty() const noexcept { return patterns_.empty(); }

 private:
  /// Patterns of one key are next to each other.
  struct range {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  [[nodiscard]] bool has_patterns() const noexcept { return !suffixes_.empty() || !whole_.empty(); }
  [[nodiscard]] bool matches_pattern(std::string_view sent, std::optional<origin>& read) const noexcept;

  std::vector<origin_pattern> patterns_;
  text_table exact_;  // whole origins
  text_table whole_;  // exact hosts with any port
  std::vector<allowed_ports> of_whole_;
  suffix_table suffixes_;                 // what a host may end in: ".example.com"
  std::vector<allowed_ports> of_suffix_;  // and what is below a shorter one
  std::vector<std::uint32_t> a_suffix_;   // of each the position of a pattern
  bool single_label_ = false;
  text_table hosts_;            // every host there is, for nearest()
  std::vector<range> of_host_;  // of hosts_
  std::vector<std::uint32_t> by_host_;
  std::uint32_t a_loopback_ = UINT32_MAX;  // position of a pattern of this machine
};

}  // namespace gatehouse::detail::rules
