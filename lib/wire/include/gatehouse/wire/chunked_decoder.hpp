#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <gatehouse/base/limits.hpp>
#include <gatehouse/base/reason.hpp>

namespace gatehouse {

/// Takes chunked coding off (RFC 9112 section 7.1), strictly: CRLF only, at most 15 hexadecimal digits, bounded
/// extensions (parsed, dropped), bounded trailers (checked, dropped). Incremental; owns nothing.
class chunked_decoder {
 public:
  explicit chunked_decoder(const limits& l) noexcept : limits_(&l) {}
  void reset() noexcept { *this = chunked_decoder{*limits_}; }

  struct piece {
    enum class kind : std::uint8_t { more, done, refused };
    kind what = kind::more;
    reason why = reason::none;   ///< of refused
    std::size_t consumed = 0;    ///< bytes of the input that are finished with
    std::string_view content{};  ///< decoded bytes, a view into the input; may be empty
  };
  /// Reads up to the end of the next run of content. Call again with the rest while `what` is `more` and input is left.
  /// After `done`, bytes behind `consumed` belong to the next message. Never called again after done or refused.
  [[nodiscard]] piece next(std::string_view input) noexcept;
  /// Content that the current chunk's size line announces and that did not come yet; 0 outside a chunk's content.
  [[nodiscard]] std::uint64_t announced() const noexcept { return at_ == at::data ? left_ : 0; }

 private:
  enum class at : std::uint8_t {
    size_start,
    size,
    size_lf,
    extension_name_start,
    extension_name,
    extension_value_start,
    extension_value,
    extension_quoted,
    extension_escaped,
    extension_quoted_end,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf
  };
  [[nodiscard]] reason step(char c) noexcept;
  [[nodiscard]] reason size_byte(char c) noexcept;
  [[nodiscard]] reason extension_byte(char c) noexcept;
  [[nodiscard]] reason trailer_byte(char c) noexcept;
  [[nodiscard]] reason after_extension(char c) noexcept;
  void end_of_size_line() noexcept;
  [[nodiscard]] reason trailer_name_byte(char c) noexcept;

  const limits* limits_;
  std::uint64_t left_ = 0;
  std::uint32_t counted_ = 0;  // digits, extension bytes or trailer bytes, by state
  at at_ = at::size_start;
  std::uint8_t name_size_ = 0;  // of the trailer's name, as far as it may still be a forbidden one
  std::uint8_t forbidden_ = 0;  // which forbidden names it may still be: one bit each
  bool done_ = false;
};

}  // namespace gatehouse
