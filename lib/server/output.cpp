#include "output.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <gatehouse/base/assert.hpp>

namespace gatehouse::detail::server {

std::span<char> output::room(std::size_t size) {
  GATEHOUSE_ASSERT(size <= pooled_block::large);
  if (block_.size() - end_ < size) {
    left_.append(block_.data() + begin_, end_ - begin_);
    begin_ = end_ = 0;
    if (block_.size() < size) block_ = pooled_block::take(size);
  }
  return {block_.data() + end_, block_.size() - end_};
}

void output::add(std::string_view bytes) {
  if (bytes.empty()) return;  // an empty view may have no address, which memcpy must not see
  if (bytes.size() <= copied_at_most) {
    const std::span<char> free = room(bytes.size());
    std::memcpy(free.data(), bytes.data(), bytes.size());
    return used(bytes.size());
  }
  left_.append(block_.data() + begin_, end_ - begin_);
  begin_ = end_ = 0;
  left_.append(bytes);
}

int output::send(stream& s, std::span<const std::string_view> pieces) {
  std::array<const_bytes, 6> all;
  std::size_t count = 0;
  if (left_begin_ != left_.size()) all[count++] = std::string_view{left_}.substr(left_begin_);
  if (begin_ != end_) all[count++] = {block_.data() + begin_, end_ - begin_};
  for (const std::string_view piece : pieces) all[count++] = piece;
  if (count == 0) return 0;
  const stream::send_result r = s.send(std::span{all}.first(count));
  if (r.error_number != 0) return r.error_number;

  std::size_t sent = r.sent;
  total_ += sent;
  const std::size_t of_left = std::min(sent, left_.size() - left_begin_);
  left_begin_ += of_left;
  sent -= of_left;
  if (left_begin_ == left_.size()) {
    left_.clear();
    left_begin_ = 0;
  }
  const std::size_t of_block = std::min(sent, end_ - begin_);
  begin_ += of_block;
  sent -= of_block;
  if (begin_ == end_) begin_ = end_ = 0;
  for (const std::string_view piece : pieces) keep(piece, sent);
  return 0;
}

// Keeps what is left of a piece when `sent` of what follows the block were taken.
void output::keep(std::string_view bytes, std::size_t& sent) {
  const std::size_t n = std::min(sent, bytes.size());
  sent -= n;
  bytes.remove_prefix(n);
  if (bytes.empty()) return;
  left_.append(block_.data() + begin_, end_ - begin_);
  begin_ = end_ = 0;
  if (left_begin_ > left_.size() / 2) {
    left_.erase(0, left_begin_);
    left_begin_ = 0;
  }
  left_.append(bytes);
}

void output::clear() noexcept {
  left_ = std::string{};
  left_begin_ = begin_ = end_ = 0;
  block_.release();
}

}  // namespace gatehouse::detail::server
