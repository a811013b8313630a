#pragma once
// A set of texts that is made once and asked by everybody, with keys that a peer can choose.

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "universal_hash.hpp"

namespace gatehouse::detail::rules {

/// Open addressing, at most half full, hashed with a secret key: nobody can aim at its longest run, and nobody can make
/// it longer. Immutable; no allocation once made.
class text_table {
 public:
  static constexpr std::size_t none = SIZE_MAX;
  /// `all` without duplicates (a later one would never be found).
  text_table(std::vector<std::string> all, keyed_hash::key key);

  /// The position of `text` in `all`, or none. O(text), and O(1) when no text of this length is in it.
  [[nodiscard]] std::size_t find(std::string_view text) const noexcept;
  /// What find_end() and guess_end() want: of ends of `text`, as long as both live.
  [[nodiscard]] ending_hash hashes_of_ends(std::string_view text) const noexcept {
    return {hash_ ? &*hash_ : nullptr, text};
  }
  /// As find() of the last `size` bytes of the text that `hashes` is of; no fewer than were found before.
  [[nodiscard]] std::size_t find_end(std::string_view text, std::size_t size, ending_hash& hashes) const noexcept;
  /// The same, but for texts that only have the same hash: what it finds is to be compared.
  [[nodiscard]] std::size_t guess_end(std::string_view text, std::size_t size, ending_hash& hashes) const noexcept;
  [[nodiscard]] bool contains(std::string_view text) const noexcept { return find(text) != none; }
  [[nodiscard]] const std::string& at(std::size_t i) const noexcept { return all_[i]; }
  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }

 private:
  struct place {
    std::uint32_t tag = 0;    // the whole hash: a stranger's bytes are hardly ever compared
    std::uint32_t index = 0;  // + 1; 0: free
  };
  static constexpr std::size_t max_length = universal_hash::max_length;
  static constexpr std::size_t few = 16;  // OPTIMIZATION: looking at so many ends costs less than one hash

  [[nodiscard]] bool has_length(std::size_t size) const noexcept { return size < max_length && lengths_[size]; }
  [[nodiscard]] std::size_t find_among_few(std::string_view text) const noexcept;
  /// The first text of this hash that `accepts(text)`.
  template <typename Accepts>
  [[nodiscard]] std::size_t find_hashed(std::uint32_t hashed, const Accepts& accepts) const noexcept;
  template <typename Accepts>
  [[nodiscard]] std::size_t find_hashed_end(std::string_view text, std::size_t size, ending_hash& hashes,
                                            const Accepts& accepts) const noexcept;

  std::vector<std::string> all_;
  std::vector<std::uint64_t> ends_;     // of few: the last bytes of each
  std::optional<universal_hash> hash_;  // of more than few
  std::vector<place> places_;
  std::size_t mask_ = 0;
  std::bitset<max_length> lengths_;
};

}  // namespace gatehouse::detail::rules
