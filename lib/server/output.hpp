#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <gatehouse/base/internal_limits.hpp>
#include <gatehouse/net/stream.hpp>
#include <gatehouse/server/block_pool.hpp>

namespace gatehouse::detail::server {

/// What a connection has yet to send: first what a slow peer left behind (on the heap), then a pooled block with heads
/// and small content. Owns nothing while empty.
class output {
 public:
  /// Free room of at least `size` bytes (at most pooled_block::large) to render into; `used` says how much was.
  [[nodiscard]] std::span<char> room(std::size_t size);
  void used(std::size_t n) noexcept { end_ += n; }

  /// Copies `bytes` behind what is there.
  void add(std::string_view bytes);
  /// Sends what is there and then `pieces` (at most 4), without copying what the kernel takes; the rest is kept.
  /// Returns errno, or 0.
  [[nodiscard]] int send(stream& s, std::span<const std::string_view> pieces);
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_ && left_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_ + left_.size() - left_begin_; }
  /// What the kernel has taken so far.
  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
  void clear() noexcept;
  /// Gives the block back while nothing is in it.
  void rest() noexcept {
    if (begin_ == end_) block_.release();
  }

  /// Up to here copying is cheaper than another piece in the system call.
  static constexpr std::size_t copied_at_most = max_copied_content;

 private:
  void keep(std::string_view bytes, std::size_t& sent);
  std::string left_{};  // older than the block's bytes
  std::size_t left_begin_ = 0;
  std::uint64_t total_ = 0;
  pooled_block block_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace gatehouse::detail::server
