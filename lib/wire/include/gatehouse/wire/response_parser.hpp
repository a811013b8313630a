#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/base/limits.hpp>
#include <gatehouse/http/fields.hpp>
#include <gatehouse/http/request_head.hpp>
#include <gatehouse/http/status.hpp>
#include <gatehouse/wire/request_parser.hpp>

namespace gatehouse {

/// The head of a response that an upstream sent. Views borrow from the buffer it was parsed from.
struct received_response {
  gatehouse::status status = gatehouse::status::ok;
  std::string_view phrase;
  gatehouse::fields fields;
  body_framing framing;                       ///< RFC 9112 section 6.3, knowing the request's method
  bool keep_alive = false;                    ///< whether the connection may be used again after this message
  std::optional<seconds> keep_alive_timeout;  ///< Keep-Alive: timeout=n
  bool upgraded = false;                      ///< 101: what follows is not HTTP any more
};

/// Reads one HTTP/1 response head as strictly as request_parser reads requests: what two parsers could read differently
/// is upstream.invalid-response, whatever the detail (spec/http.md 8.3 end). Bounds: head_bytes x 4 (servers send more
/// than browsers), max_field_lines.
class response_parser {
 public:
  explicit response_parser(const limits& l) noexcept : limits_(&l) {}
  void reset() noexcept { scanned_ = lines_ = 0; }
  /// `request_method`: of the request that this answers. A 1xx other than 101 is a complete head by itself; the caller
  /// resets and goes on (and bounds their number).
  [[nodiscard]] parse_progress parse(std::span<const char> received, method request_method,
                                     received_response& out) noexcept;

 private:
  const limits* limits_;
  std::size_t scanned_ = 0;  ///< bytes already searched for the end of the head
  std::size_t lines_ = 0;    ///< whole lines among them
};

}  // namespace gatehouse
