#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>

#include <gatehouse/net/tls.hpp>

#include "openssl.hpp"

namespace gatehouse::detail::net {

/// RFC 5077 section 4: a name, a key to encrypt with and one to authenticate with.
class ticket_keys final : public tls_ticket_keys {
 public:
  struct key {
    std::array<unsigned char, 16> name{};
    std::array<unsigned char, 32> cipher{};
    std::array<unsigned char, 32> mac{};
    steady_time made{};
  };
  ticket_keys() = default;
  ~ticket_keys() override;

  /// The key to seal with at this time: a new one when that is needed. Nothing without randomness: no ticket then.
  [[nodiscard]] std::optional<key> current(steady_time now);
  struct opened {
    gatehouse::detail::net::ticket_keys::key with{};
    bool renew = false;  ///< not the newest: the client gets a new ticket
  };
  /// The key of this name, if its tickets may still be opened.
  [[nodiscard]] std::optional<opened> find(const unsigned char* name, steady_time now);

  /// Sets `cipher` and `mac` up for one ticket; OpenSSL's ticket key callback, with its results.
  [[nodiscard]] int prepare(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, bool seal,
                            steady_time now);

 private:
  void rotate(steady_time now);
  std::mutex mutex_{};
  std::array<std::optional<key>, 2> keys_{};  // newest first
};

}  // namespace gatehouse::detail::net
