#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <gatehouse/net/endpoint.hpp>

namespace gatehouse {

/// What `admin.listen` may be.
struct admin_address {
  enum class kind : std::uint8_t {
    automatic,    ///< "auto": a Unix socket of this user's, where there is a safe place for one
    off,          ///< "off"
    tcp,          ///< "127.0.0.1:9080"
    unix_socket,  ///< "unix:/run/gatehouse/admin.sock"
  };
  kind what = kind::automatic;
  endpoint at{};       ///< of tcp
  std::string path{};  ///< of unix_socket; absolute
  /// Nothing when it is none of these.
  [[nodiscard]] static std::optional<admin_address> parse(std::string_view text);
  /// Whether only this machine reaches it.
  [[nodiscard]] bool is_local() const noexcept { return what != kind::tcp || at.address.is_loopback(); }
};

/// Shorter ones are refused: 32 hexadecimal digits are 128 bits.
inline constexpr std::size_t min_admin_token = 32;

}  // namespace gatehouse
