#pragma once
// HTTPS on one's own machine: an authority that only this user has, and a certificate of it. docs/tls.md.

#include <string>
#include <vector>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/net/tls.hpp>

namespace gatehouse {

struct development_certificate {
  std::string authority{};    ///< what browsers have to trust: a PEM file, for everybody to read
  std::string certificate{};  ///< PEM file with the chain
  std::string key{};          ///< for this user only
  std::string names{};        ///< "localhost, 127.0.0.1, ::1"
  system_time not_after{};
  bool new_authority = false;    ///< it was made now, so nobody trusts it yet
  bool new_certificate = false;  ///< as above
  [[nodiscard]] tls_config config() const { return {.certificate = {certificate}, .key = {key}}; }
};

/// Where a user's are: "gatehouse/dev" below $XDG_DATA_HOME, or below .local/share of $HOME. Null: the variable is not
/// set. Empty: there is no place.
[[nodiscard]] std::string development_folder(const char* xdg_data_home, const char* home);

/// The certificate in `folder`, for localhost, 127.0.0.1, ::1 and `names`. What is there is kept while it is for all of
/// them and valid for 30 days more; else it is made: the folder (0700), an authority (10 years) and a certificate (365
/// days), ECDSA P-256. Errors: what stands in the way; a folder or key that others may write to or read is refused.
[[nodiscard]] result<development_certificate, config_error> make_development_certificate(
    const std::string& folder, const std::vector<std::string>& names, system_time now);

struct development_client {
  std::string certificate{};  ///< PEM file
  std::string key{};          ///< for this user only
};

/// A certificate for a client of that name (CN and DNS), of the authority in `folder`, which is made where it is
/// missing: files "client-NAME.pem" and "client-NAME.key", new each time, 365 days. Errors: as above.
[[nodiscard]] result<development_client, config_error> make_development_client(const std::string& folder,
                                                                               const std::string& name,
                                                                               system_time now);

}  // namespace gatehouse
