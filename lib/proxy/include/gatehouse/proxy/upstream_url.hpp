#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/result.hpp>

namespace gatehouse {

/// Where a service is: "http://127.0.0.1:5000", "https://api.internal", or "unix:/run/notes.sock" (HTTP over a Unix
/// socket).
struct upstream_url {
  std::string host{};  ///< name, IPv4 address, or IPv6 address without its brackets
  std::uint16_t port = 80;
  std::string path{};  ///< of a Unix socket; then there is neither host nor port
  bool tls = false;    ///< "https"

  /// Errors: one for each mistake in `text` (no scheme, userinfo, path, query, host, port, a socket's path),
  /// under `key`, with what to write instead where that can be guessed.
  [[nodiscard]] static result<upstream_url, config_errors> parse(std::string_view text,
                                                                 std::string_view key = "upstream");

  [[nodiscard]] bool is_local() const noexcept { return !path.empty(); }
  /// "127.0.0.1:5000", "[::1]:5000", "unix:/run/notes.sock": what the log says.
  [[nodiscard]] std::string address() const;
  /// The Host value it has by itself: without the port where that is 80, or 443 of "https" (RFC 9110 section 4.2.3);
  /// of a Unix socket "localhost".
  [[nodiscard]] std::string authority() const;

  friend bool operator==(const upstream_url&, const upstream_url&) = default;
};

}  // namespace gatehouse
