#pragma once
// What a host ends in: of thousands of endings the longest, in a handful of looks.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/keyed_hash.hpp>

#include "text_table.hpp"

namespace gatehouse::detail::rules {

/// Binary search over the lengths that there are (Waldvogel, Varghese, Turner and Plattner, "Scalable high speed IP
/// routing lookups", 1997, from the other end): where a longer suffix could follow, its last bytes are in the table,
/// too, and know the longest suffix that they end in themselves. Eight looks at most (as many again where a hash
/// deceives), also for a host of 126 labels against suffixes of every length. Immutable; no allocation once made.
class suffix_table {
 public:
  static constexpr std::size_t none = SIZE_MAX;
  /// `all`: without duplicates, each with a dot in front: "evilexample.com" does not end in ".example.com".
  suffix_table(std::vector<std::string> all, keyed_hash::key key);

  struct found {
    std::size_t longest = none;  // the position in `all` of the longest one that the host ends in; or none
    std::size_t labels = 0;      // so many of the host's last bytes are whole labels, and a dot, of one of `all`
  };
  /// With something in front.
  [[nodiscard]] found longest_of(std::string_view host) const noexcept;
  /// The next shorter one that the one at `i` ends in itself; or none.
  [[nodiscard]] std::size_t shorter_than(std::size_t i) const noexcept { return shorter_[i]; }
  /// The position of exactly this one; or none.
  [[nodiscard]] std::size_t find(std::string_view suffix) const noexcept;

  [[nodiscard]] const std::string& at(std::size_t i) const noexcept { return all_[i]; }
  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }

 private:
  /// Where a search ended.
  struct place {
    std::size_t ending = text_table::none;  // of endings_
    std::size_t length = 0;
  };
  /// The longest ending that `look(host, length, hashes)` finds, each time with a position in endings_ or none.
  template <typename Look>
  [[nodiscard]] place walk(std::string_view host, const Look& look) const noexcept;

  std::vector<std::string> all_;
  std::vector<std::size_t> shorter_;
  std::vector<std::size_t> lengths_;  // of all_, sorted
  text_table endings_;                // all_, and what leads the search to them
  std::vector<found> best_;           // of endings_: what a host has found whose longest ending it is
};

}  // namespace gatehouse::detail::rules
