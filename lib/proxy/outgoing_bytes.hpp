#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <gatehouse/net/stream.hpp>

namespace gatehouse::detail::proxy {

/// Borrowed pieces on their way into a stream, in order. Who lent them keeps them until empty().
class outgoing_bytes {
 public:
  enum class state : std::uint8_t { empty, blocked, lost };

  void clear() noexcept { first_ = count_ = 0; }
  /// As new: also forgets that anything was sent.
  void reset() noexcept {
    clear();
    sent_any_ = false;
  }
  /// Whether a byte has left since reset().
  [[nodiscard]] bool sent_any() const noexcept { return sent_any_; }
  void add(std::string_view piece) noexcept;
  [[nodiscard]] bool empty() const noexcept { return first_ == count_; }
  /// Sends what fits. `blocked`: again when the stream is writable; `lost`: the connection is.
  [[nodiscard]] state send(stream& s) noexcept;
  /// What is left, one after the other; calls visit(piece).
  template <typename Visit>
  void for_each_left(Visit visit) const {
    for (std::size_t i = first_; i < count_; ++i) visit(pieces_[i]);
  }

 private:
  void drop_front(std::size_t bytes) noexcept;
  std::array<const_bytes, 4> pieces_{};
  std::uint8_t first_ = 0;
  std::uint8_t count_ = 0;
  bool sent_any_ = false;
};

}  // namespace gatehouse::detail::proxy
