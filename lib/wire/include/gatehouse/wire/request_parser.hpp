#pragma once

#include <cstddef>
#include <span>

#include <gatehouse/base/limits.hpp>
#include <gatehouse/base/reason.hpp>
#include <gatehouse/http/request_head.hpp>

namespace gatehouse {

/// What a call of a head parser came to.
struct parse_progress {
  enum class kind : std::uint8_t { need_more, complete, refused };
  kind what = kind::need_more;
  reason why = reason::none;  ///< of refused
  std::size_t head_size = 0;  ///< of complete: how many bytes the head took, its empty line (and a leading CRLF)
                              ///< included
};

/// Reads one HTTP/1 request head (RFC 9112 sections 2 to 5), strictly: everything in spec/http.md 8.1 and 8.4 is
/// refused here, framing included (by message_framing). Sans-I/O, no allocation, linear in the bytes however they are
/// split.
///
/// The caller keeps all bytes of the head, from its first, contiguous in one buffer and calls again when more arrived;
/// the buffer may move between calls. On `complete` the views in `head` point into that buffer. On `refused` the
/// connection must be closed after the answer: no resynchronising. `head` then holds what could be read up to there
/// (for 414 and 431 the fields before the one that was too much, so that CORS can still answer); verb and target only
/// when the request line was whole (of a refused target as it came, and no path). Until then `head` is not touched, so
/// it need not be cleared nor be the same one in each call.
class request_parser {
 public:
  explicit request_parser(const limits& l) noexcept : limits_(&l) {}
  /// Ready for the next head.
  void reset() noexcept { scanned_ = lines_ = 0; }
  [[nodiscard]] parse_progress parse(std::span<const char> received, request_head& head) noexcept;

 private:
  const limits* limits_;
  std::size_t scanned_ = 0;  ///< bytes already searched for the end of the head
  std::size_t lines_ = 0;    ///< whole lines among them
  authority_memory hosts_;
};

}  // namespace gatehouse
