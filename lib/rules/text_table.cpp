#include "text_table.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include <gatehouse/base/assert.hpp>

namespace gatehouse::detail::rules {
namespace {

/// The last eight bytes, or all of them; texts of one length differ more often at their end ("customer-1", "-2") than
/// at their beginning ("https://").
std::uint64_t end_of(std::string_view text) noexcept {
  std::uint64_t out = 0;
  const std::size_t size = std::min(text.size(), sizeof(out));
  if (size == sizeof(out)) {
    std::memcpy(&out, text.data() + text.size() - size, sizeof(out));
  } else {
    for (const char c : text) out = out << 8U | static_cast<unsigned char>(c);
  }
  return out + text.size();
}

}  // namespace

text_table::text_table(std::vector<std::string> all, keyed_hash::key key) : all_(std::move(all)) {
  for (const std::string& text : all_) {
    GATEHOUSE_ASSERT(text.size() < max_length);
    lengths_.set(text.size());
  }
  if (all_.size() <= few) {
    for (const std::string& text : all_) ends_.push_back(end_of(text));
    return;
  }
  hash_.emplace(key);
  places_.resize(std::bit_ceil(all_.size() * 2));
  mask_ = places_.size() - 1;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    const std::uint32_t hashed = (*hash_)(all_[i]);
    std::size_t at = hashed & mask_;
    while (places_[at].index != 0) at = (at + 1) & mask_;
    places_[at] = {.tag = hashed, .index = static_cast<std::uint32_t>(i + 1)};
  }
}

std::size_t text_table::find(std::string_view text) const noexcept {
  if (!has_length(text.size())) return none;
  if (places_.empty()) return find_among_few(text);
  return find_hashed((*hash_)(text), [&](const std::string& candidate) { return candidate == text; });
}

std::size_t text_table::find_end(std::string_view text, std::size_t size, ending_hash& hashes) const noexcept {
  return find_hashed_end(text, size, hashes,
                         [&](const std::string& candidate) { return candidate == text.substr(text.size() - size); });
}

std::size_t text_table::guess_end(std::string_view text, std::size_t size, ending_hash& hashes) const noexcept {
  return find_hashed_end(text, size, hashes, [](const std::string&) { return true; });
}

template <typename Accepts>
std::size_t text_table::find_hashed_end(std::string_view text, std::size_t size, ending_hash& hashes,
                                        const Accepts& accepts) const noexcept {
  if (size > text.size() || !has_length(size)) return none;
  if (places_.empty()) return find_among_few(text.substr(text.size() - size));
  const std::size_t found = find_hashed(hashes.of_last(size), accepts);
  if (found == none) hashes.take_back();
  return found;
}

std::size_t text_table::find_among_few(std::string_view text) const noexcept {
  const std::uint64_t end = end_of(text);
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    if (ends_[i] == end && all_[i] == text) return i;
  }
  return none;
}

template <typename Accepts>
std::size_t text_table::find_hashed(std::uint32_t hashed, const Accepts& accepts) const noexcept {
  for (std::size_t at = hashed & mask_; places_[at].index != 0; at = (at + 1) & mask_) {
    if (places_[at].tag == hashed && accepts(all_[places_[at].index - 1])) return places_[at].index - 1;
  }
  return none;
}

}  // namespace gatehouse::detail::rules
