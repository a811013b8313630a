#pragma once

#include <string>
#include <vector>

#include <gatehouse/net/tls.hpp>

#include "openssl.hpp"

namespace gatehouse::detail::net {

/// What `gatehouse cert dev` signs with; a certificate with this issuer's organisation is one of its own.
inline constexpr const char* development_organisation = "Gatehouse development CA";

/// A certificate that was read and judged, with its chain and key.
struct loaded_certificate {
  tls_server::certificate about{};
  x509_ptr leaf{};
  std::vector<x509_ptr> chain{};
  private_key_ptr key{};
  int key_kind = 0;  ///< EVP_PKEY_RSA, EVP_PKEY_EC...
};

struct certificate_files {
  std::string certificate;  ///< as configured
  std::string certificate_path;
  std::string key;  ///< as configured
  std::string key_path;
};

/// A file of authorities, and the key of the configuration that names it.
struct authority_file {
  const char* key;
  std::string file;  ///< as configured
  std::string path;
};

/// The authorities of a PEM file, judged: each may issue certificates and is valid now.
[[nodiscard]] std::vector<x509_ptr> load_authorities(const authority_file& from, system_time now, config_errors& errors,
                                                     config_errors& doubts);

/// When a certificate ends to be valid.
[[nodiscard]] system_time certificate_end(const X509* certificate);

/// Adds what is wrong to `errors` and what is doubtful to `doubts`; usable only if nothing was added to `errors`.
[[nodiscard]] loaded_certificate load_certificate(const certificate_files& files, system_time now,
                                                  config_errors& errors, config_errors& doubts);

/// All certificates of a PEM file; errors: in words. A file without one has none.
[[nodiscard]] result<std::vector<x509_ptr>, std::string> read_certificate_file(const std::string& path);
/// The hosts that a certificate is for, by its subjectAltName.
[[nodiscard]] host_names hosts_of(const X509* certificate);
/// "2026-11-26 07:22 UTC"
[[nodiscard]] std::string text_of(const ASN1_TIME* t);

}  // namespace gatehouse::detail::net
