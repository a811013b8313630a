#include "held_response.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "body_budget.hpp"

namespace gatehouse::detail::server {

held_response::~held_response() {
  if (budgeted_ != 0) body_budget::give_back(budgeted_);
}

/// A block that holds what is there and so much more.
bool held_response::make_room(std::size_t size) noexcept {
  const std::size_t needed = size_ + size;
  if (block_ && needed <= block_.size()) return true;
  if (needed > pooled_block::large) return false;
  const std::size_t larger = needed <= pooled_block::standard ? pooled_block::standard : pooled_block::large;
  if (!body_budget::take(larger - budgeted_, budget_)) return false;
  budgeted_ = larger;
  pooled_block next = pooled_block::take(larger);
  if (size_ != 0) std::memcpy(next.data(), block_.data(), size_);
  block_ = std::move(next);
  return true;
}

bool held_response::take(response_head& head) noexcept {
  std::size_t needed = 0;
  for (const field_line& line : head.fields()) needed += line.name.size() + line.value.size();
  if (!make_room(needed)) return false;
  head.move_text([this](std::string_view text) {
    char* const at = block_.data() + size_;
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    size_ += text.size();
    return std::string_view{at, text.size()};
  });
  head_size_ = size_;
  return true;
}

bool held_response::add(std::string_view piece, response_head& head) noexcept {
  const std::string_view fits = piece.substr(0, most_ - (size_ - head_size_));
  const char* const before = block_.data();
  if (!make_room(fits.size())) return false;
  if (block_.data() != before) {
    head.move_text([this, at = std::size_t{0}](std::string_view text) mutable {
      const std::string_view moved{block_.data() + at, text.size()};
      at += text.size();
      return moved;
    });
  }
  if (!fits.empty()) std::memcpy(block_.data() + size_, fits.data(), fits.size());
  size_ += fits.size();
  return fits.size() == piece.size();
}

}  // namespace gatehouse::detail::server
