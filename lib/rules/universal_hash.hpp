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
  std::vector<std::uint64_t> keys_;
};

}  // namespace gatehouse::detail::rules
