#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <gatehouse/base/ip_address.hpp>

namespace gatehouse {

/// A numeric address and port.
struct endpoint {
  ip_address address{};
  std::uint16_t port = 0;
  /// "127.0.0.1:8080", "[::1]:8080", ":8080" and "8080" (both 127.0.0.1). Port 0: any free one.
  [[nodiscard]] static std::optional<endpoint> parse(std::string_view text) noexcept;
  /// "127.0.0.1:8080", "[::1]:8080"
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const endpoint&, const endpoint&) = default;
};

}  // namespace gatehouse
