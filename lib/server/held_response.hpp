#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <gatehouse/http/request_head.hpp>
#include <gatehouse/http/response_head.hpp>
#include <gatehouse/server/block_pool.hpp>

namespace gatehouse::detail::server {

/// A response that waits until a rule has seen its content: the text of its head, and behind it the content, in one
/// block. It counts as a buffered body (limits.max_buffered_bodies).
class held_response {
 public:
  /// `most`: of the content. `budget`: of all buffered bodies of the process.
  held_response(const body_framing& framing, std::size_t most, std::uint64_t budget) noexcept
      : framing_(framing), most_(most), budget_(budget) {}
  held_response(const held_response&) = delete;
  held_response& operator=(const held_response&) = delete;
  ~held_response();

  /// Copies what `head` borrows from somewhere else. Once, before add(). False: there is no room, `head` is as it was.
  [[nodiscard]] bool take(response_head& head) noexcept;
  /// False: there is no room; as much as fits was taken. `head` is the one that was taken: its text may move.
  [[nodiscard]] bool add(std::string_view piece, response_head& head) noexcept;

  [[nodiscard]] std::string_view content() const noexcept { return {block_.data() + head_size_, size_ - head_size_}; }
  [[nodiscard]] const body_framing& framing() const noexcept { return framing_; }

 private:
  [[nodiscard]] bool make_room(std::size_t size) noexcept;

  body_framing framing_;
  std::size_t most_;
  std::uint64_t budget_;
  std::uint64_t budgeted_ = 0;
  pooled_block block_{};
  std::size_t head_size_ = 0;
  std::size_t size_ = 0;
};

}  // namespace gatehouse::detail::server
