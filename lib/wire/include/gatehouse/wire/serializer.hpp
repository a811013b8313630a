#pragma once
// HTTP/1 heads and chunks as bytes. Framing fields are always written from `body_framing`, never from a field line: a
// Content-Length, Transfer-Encoding, Connection, Keep-Alive or Date line in the message is an error of the caller and
// skipped.

#include <cstddef>
#include <span>
#include <string_view>

#include <gatehouse/http/request_head.hpp>
#include <gatehouse/http/response_head.hpp>

namespace gatehouse {

/// How the connection goes on after a response.
struct response_shape {
  body_framing framing{};          ///< length, chunked or until_close; none writes no framing field (1xx, 204, 304)
  bool close = false;              ///< writes "Connection: close"
  bool upgrade_websocket = false;  ///< 101 only: writes "Connection: Upgrade" and "Upgrade: websocket"
  http_version version = http_version::http_1_1;  ///< of the request: 1.0 with keep-alive gets "Connection: keep-alive"
  std::string_view date{};                        ///< 29 bytes; empty: no Date (1xx)
};

/// Writes status line, lines and block, framing, empty line into `out`. Returns the bytes written; 0 when `out` is too
/// small (nothing useful is in it then). The status line always says HTTP/1.1 (RFC 9110 section 2.5).
[[nodiscard]] std::size_t write_response_head(std::span<char> out, const response_head& head,
                                              const response_shape& shape) noexcept;

/// A request that the proxy sends. Views are borrowed for the call.
struct outgoing_request {
  std::string_view method;
  std::string_view target;                    ///< origin-form
  std::string_view host;                      ///< the Host value; written first
  const gatehouse::fields* fields = nullptr;  ///< everything else; framing and connection fields are skipped
  body_framing framing{};  ///< none, length or chunked. `none` writes nothing, except "Content-Length: 0" for POST, PUT
                           ///< and PATCH
  bool upgrade_websocket = false;
};
/// As write_response_head, for requests; never writes Connection unless it upgrades (1.1: persistent).
[[nodiscard]] std::size_t write_request_head(std::span<char> out, const outgoing_request& request) noexcept;

inline constexpr std::size_t max_chunk_head = 18;  // 16 hexadecimal digits, CRLF
/// "1f4\r\n"; `size` is not 0. Returns the bytes written (at most max_chunk_head).
[[nodiscard]] std::size_t write_chunk_head(char* out, std::uint64_t size) noexcept;
inline constexpr std::string_view chunk_tail = "\r\n";
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace gatehouse
