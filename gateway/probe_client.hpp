#pragma once
// A client for the demo's probes and for `explain`: bytes out, bytes in. It sends what no HTTP library would.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/net/endpoint.hpp>

namespace gatehouse::program {

inline constexpr std::size_t max_answer = std::size_t{64} * 1024 * 1024;  ///< bytes; more is not meant for us

struct answer {
  std::string bytes{};   ///< all that came
  bool closed = false;   ///< the server closed the connection
  milliseconds took{0};  ///< until it did, or until we gave up

  [[nodiscard]] int status() const noexcept;                          ///< of the first response; 0: none came
  [[nodiscard]] int responses() const noexcept;                       ///< how many status lines there are
  [[nodiscard]] std::string_view field(std::string_view name) const;  ///< of the first response; empty when it is not
                                                                      ///< there
  [[nodiscard]] std::string_view content() const noexcept;            ///< all behind the first head
  [[nodiscard]] bool has(std::string_view text) const noexcept { return bytes.find(text) != std::string::npos; }
};

/// Sends `request` and reads until the server closes, or for `patience`.
[[nodiscard]] answer ask(const endpoint& server, std::string_view request, milliseconds patience);

/// As above, on a connected socket, which stays the caller's.
[[nodiscard]] answer ask(int connected, std::string_view request, milliseconds patience);

}  // namespace gatehouse::program
