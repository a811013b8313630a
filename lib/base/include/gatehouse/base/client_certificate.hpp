#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/clock.hpp>

namespace gatehouse {

/// Who a client is by its certificate, which was verified: it is of an authority of `tls.client_ca`, for clients, and
/// was valid when it was shown. All texts are printable ASCII, and all of them together no longer than
/// max_client_certificate_bytes allows. Made once for a connection.
struct client_certificate {
  std::string subject{};  ///< RFC 4514: "CN=notes,O=Example"
  // Of subjectAltName, as they stand there. One that is not printable ASCII is left out: it can match nothing.
  std::vector<std::string> dns_names{};
  std::vector<std::string> uris{};  ///< "spiffe://example/notes"
  std::vector<std::string> emails{};
  std::string serial{};       ///< in hexadecimal digits, lower case
  std::string fingerprint{};  ///< SHA-256 of the whole certificate: 64 hexadecimal digits, lower case
  system_time not_after{};
  /// The value of Client-Cert (RFC 9440 section 2.2): the certificate itself, as a byte sequence of a structured field.
  std::string field_value{};
};

}  // namespace gatehouse
