#include "text_table.hpp"

#include <bit>
#include <utility>

#include <gatehouse/base/assert.hpp>

namespace gatehouse::detail::rules {

text_table::text_table(std::vector<std::string> all, keyed_hash::key key) : hash_(key), all_(std::move(all)) {
  for (const std::string& text : all_) {
    GATEHOUSE_ASSERT(text.size() < max_length);
    lengths_.set(text.size());
  }
  if (all_.size() <= few) return;
  places_.resize(std::bit_ceil(all_.size() * 2));
  mask_ = places_.size() - 1;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    const std::uint64_t hashed = hash_(all_[i]);
    std::size_t at = hashed & mask_;
    while (places_[at].index != 0) at = (at + 1) & mask_;
    places_[at] = {.tag = static_cast<std::uint32_t>(hashed >> 32U), .index = static_cast<std::uint32_t>(i + 1)};
  }
}

std::size_t text_table::find(std::string_view text) const noexcept {
  if (text.size() >= max_length || !lengths_[text.size()]) return none;
  if (!places_.empty()) return find_hashed(text);
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (all_[i] == text) return i;
  }
  return none;
}

std::size_t text_table::find_hashed(std::string_view text) const noexcept {
  const std::uint64_t hashed = hash_(text);
  const auto tag = static_cast<std::uint32_t>(hashed >> 32U);
  for (std::size_t at = hashed & mask_; places_[at].index != 0; at = (at + 1) & mask_) {
    if (places_[at].tag == tag && all_[places_[at].index - 1] == text) return places_[at].index - 1;
  }
  return none;
}

}  // namespace gatehouse::detail::rules
