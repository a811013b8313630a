#pragma once
// OpenSSL's objects as values that free themselves.

#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace gatehouse::detail::net {

template <auto Free>
struct openssl_free {
  void operator()(auto* p) const noexcept { Free(p); }
};
using ssl_ptr = std::unique_ptr<SSL, openssl_free<SSL_free>>;
using ssl_context_ptr = std::unique_ptr<SSL_CTX, openssl_free<SSL_CTX_free>>;
using bio_ptr = std::unique_ptr<BIO, openssl_free<BIO_free>>;
using x509_ptr = std::unique_ptr<X509, openssl_free<X509_free>>;
using private_key_ptr = std::unique_ptr<EVP_PKEY, openssl_free<EVP_PKEY_free>>;

/// What OpenSSL's last error says, for people, or `otherwise`; its queue is empty then.
[[nodiscard]] std::string openssl_error(std::string otherwise);

}  // namespace gatehouse::detail::net
