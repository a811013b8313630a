#pragma once

#include <string>
#include <string_view>

#include <gatehouse/base/client_certificate.hpp>
#include <gatehouse/base/host_names.hpp>

namespace gatehouse {

/// What a TLS handshake made known about a connection. Constant for the connection.
struct secure_channel {
  std::string server_name{};          ///< the name that was asked for (SNI), in lower case; empty: none was
  const host_names* names = nullptr;  ///< of the certificate that was shown; never null once the handshake is done
  bool development = false;           ///< the certificate is one of our own development CA
  std::string_view protocol{};        ///< "TLSv1.3"; static
  const client_certificate* client = nullptr;  ///< whose it is, verified; null: the client showed none

  /// Whether a request for this name or address belongs on this connection: RFC 9110 section 7.4 wants 421 where it
  /// does not. Who asked for no name has nothing to contradict: probes of load balancers do not.
  [[nodiscard]] bool is_for(const auto& host) const noexcept {
    return server_name.empty() || names == nullptr || names->covers(host);
  }
};

}  // namespace gatehouse
