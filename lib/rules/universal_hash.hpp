#pragma once
// The hash of the tables that are made once: of their texts and of what strangers ask for.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <gatehouse/base/keyed_hash.hpp>

namespace gatehouse::detail::rules {

/// MULTILINEAR-HM of Lemire and Kaser, "Strongly universal string hashing is fast" (2013), with a secret key: of two
/// texts chosen by somebody who does not know it, equal hashes have a chance of 2^-32, whatever the texts.
/// OPTIMIZATION: one multiplication for eight bytes, where SipHash mixes for fourteen rounds.
/// CHOICE: no pseudo-random function, as keyed_hash is. Whoever could learn the key gains nothing in a table that
/// nobody adds to: the most that a text can cost is the longest run there is. Not for tables that grow by requests.
class universal_hash {
 public:
  static constexpr std::size_t max_length = 512;
  explicit universal_hash(keyed_hash::key key);
  /// Of at most max_length bytes.
  [[nodiscard]] std::uint32_t operator()(std::string_view text) const noexcept;

 private:
  friend class ending_hash;
  /// The sum over the whole words of a text's end: of `words` of them, the last one first.
  struct progress {
    std::size_t words = 0;
    std::uint64_t sum = 0;
  };
  void go_on(std::string_view text, progress& p) const noexcept;
  [[nodiscard]] std::uint32_t finish(std::string_view text, const progress& p) const noexcept;

  std::vector<std::uint64_t> keys_;
};

/// Hashes of ends of one text, as universal_hash has them, longer and longer ones: what was hashed is not hashed again.
/// So a search that finds its way along a text costs what hashing that text once does.
class ending_hash {
 public:
  /// `how` may be null when nothing is asked. Both outlive this.
  ending_hash(const universal_hash* how, std::string_view text) noexcept : how_(how), text_(text) {}
  /// Of the last `size` bytes of the text: no fewer than the last time, but for those that were taken back.
  [[nodiscard]] std::uint32_t of_last(std::size_t size) noexcept;
  /// The last one leads nowhere: what is asked for next may be shorter, though no shorter than the one before it.
  void take_back() noexcept { hashed_ = before_; }

 private:
  const universal_hash* how_;
  std::string_view text_;
  universal_hash::progress hashed_{};
  universal_hash::progress before_{};
};

}  // namespace gatehouse::detail::rules
