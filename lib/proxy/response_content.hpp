#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <gatehouse/http/request_head.hpp>
#include <gatehouse/wire/chunked_decoder.hpp>

namespace gatehouse::detail::proxy {

/// Takes the framing off the content of an upstream's response. Sans-I/O.
class response_content {
 public:
  response_content() noexcept;
  void begin(const body_framing& framing, const limits& l) noexcept;

  struct piece {
    enum class kind : std::uint8_t { more, done, refused };
    kind what = kind::more;
    std::size_t consumed = 0;
    std::string_view content{};
  };
  /// The next run of content in `input`. Call again with the rest while `more` and input is left; with an empty input
  /// it tells whether anything is to come at all.
  [[nodiscard]] piece next(std::string_view input) noexcept;
  /// Whether the end of the connection is the end of the content (RFC 9112 section 6.3 rule 8), and not a truncation.
  [[nodiscard]] bool ends_with_connection() const noexcept { return framing_.how == body_framing::kind::until_close; }

 private:
  body_framing framing_{};
  std::uint64_t left_ = 0;
  chunked_decoder chunks_;
};

}  // namespace gatehouse::detail::proxy
