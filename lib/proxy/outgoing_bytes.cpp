#include "outgoing_bytes.hpp"

#include <span>

#include <gatehouse/base/assert.hpp>

namespace gatehouse::detail::proxy {

void outgoing_bytes::add(std::string_view piece) noexcept {
  if (piece.empty()) return;
  GATEHOUSE_ASSERT(count_ < pieces_.size());
  pieces_[count_++] = piece;
}

outgoing_bytes::state outgoing_bytes::send(stream& s) noexcept {
  if (!empty()) {
    const auto r = s.send(std::span{pieces_}.subspan(first_, static_cast<std::size_t>(count_ - first_)));
    sent_any_ = sent_any_ || r.sent != 0 || r.begun;
    if (r.error_number != 0) return state::lost;
    drop_front(r.sent);
  }
  if (!empty()) return state::blocked;
  clear();
  return state::empty;
}

void outgoing_bytes::drop_front(std::size_t bytes) noexcept {
  while (bytes != 0) {
    const_bytes& front = pieces_[first_];
    const std::size_t taken = bytes < front.size() ? bytes : front.size();
    front.remove_prefix(taken);
    bytes -= taken;
    if (front.empty()) ++first_;
  }
}

}  // namespace gatehouse::detail::proxy
