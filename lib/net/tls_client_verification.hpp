#pragma once
// Certificates of clients: whom a listener asks for one, whose it lets in, and what is kept of it (docs/tls.md).

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <gatehouse/base/client_certificate.hpp>
#include <gatehouse/net/tls.hpp>

#include "openssl.hpp"

namespace gatehouse::detail::net {

class handshake_facts;

/// What a listener demands of its clients' certificates. Immutable, shared by all contexts.
class client_verification {
 public:
  /// Reads the authorities. Errors: under "tls.client_certificate" and "tls.client_ca".
  client_verification(const tls_config& c, system_time now, config_errors& errors, config_errors& doubts);

  /// Of a context, before its first connection. False: no memory.
  [[nodiscard]] bool set_up(SSL_CTX* context) const;
  /// Of what is demanded, and of whom. All zeros: it could not be made, and no context can either.
  [[nodiscard]] const std::array<unsigned char, 32>& digest() const noexcept { return digest_; }
  /// Of a connection, before its handshake: the certificate is judged by this time.
  void begin(SSL* ssl, system_time now) const;
  /// Of a connection whose handshake is done, full or resumed: fills `facts.client`. False: it must not be used.
  [[nodiscard]] bool accepts(const SSL* ssl, handshake_facts& facts) const;

 private:
  enum class demand : std::uint8_t { none, optional, required };
  void use_authorities(bool required, config_errors& errors);
  [[nodiscard]] bool make_digest();

  bool digest_made_ = false;
  std::array<unsigned char, 32> digest_{};
  demand demand_ = demand::none;
  std::vector<x509_ptr> authorities_{};
  std::shared_ptr<X509_STORE> store_{};  // null: nobody is asked
};

/// Who a certificate says its owner is; it was verified. Null: what stands in it cannot be read.
[[nodiscard]] std::shared_ptr<const client_certificate> read_client_certificate(X509* certificate);

/// RFC 4514, in printable ASCII: what is not is escaped. Empty: it cannot be read.
[[nodiscard]] std::string subject_text(const X509* certificate);

}  // namespace gatehouse::detail::net
