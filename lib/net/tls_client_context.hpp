#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <gatehouse/net/tls_client.hpp>

#include "openssl.hpp"

namespace gatehouse::detail::net {

using session_ptr = std::unique_ptr<SSL_SESSION, openssl_free<SSL_SESSION_free>>;

/// CHOICE: a ticket is used again until a newer one comes. RFC 8446 appendix C.4 advises clients against that, since
/// whoever watches the network could tell that two connections are of the same client; of a gateway its address says
/// so, and Node hands out only the two tickets of a whole handshake.
class session_store final : public tls_sessions {
 public:
  [[nodiscard]] bool has_one() const noexcept override { return newest_ != nullptr; }
  void keep(session_ptr s, steady_time now) noexcept;
  /// For one connection; null: there is none that is young enough.
  [[nodiscard]] session_ptr copy(steady_time now);

 private:
  session_ptr newest_{};
  steady_time made_{};
};

/// Of one connection: what OpenSSL's callbacks, which know only their SSL, ask and tell.
struct client_facts {
  std::shared_ptr<session_store> sessions{};
  const gatehouse::loop* clock = nullptr;  ///< outlives the connection
  x509_ptr refused{};                      ///< the server's certificate, when it was not believed
  int refused_for = X509_V_OK;
  std::size_t messages = 0;       ///< KeyUpdates and tickets after the handshake, which nobody else bounds
  bool asked_who_we_are = false;  ///< the server wants a certificate of ours
  bool has_certificate = false;   ///< and there is one
  std::string trouble{};          ///< what OpenSSL said about a failure; printable
};

/// A configuration with OpenSSL's context for it.
class tls_client_context final : public tls_client {
 public:
  tls_client_context(ssl_context_ptr context, tls_client_config config, std::string fingerprint)
      : context_(std::move(context)), config_(std::move(config)), fingerprint_(std::move(fingerprint)) {}

  [[nodiscard]] bool is_same(const tls_client& other) const noexcept override;
  /// Who is expected at `host`.
  [[nodiscard]] std::string_view name_for(std::string_view host) const noexcept;
  /// A connection's client side, ready to begin; `facts` must outlive it. Null: no memory, or a host that no
  /// certificate can be for.
  [[nodiscard]] ssl_ptr make_client(std::string_view host, client_facts& facts) const;
  [[nodiscard]] const tls_client_config& config() const noexcept { return config_; }

 private:
  ssl_context_ptr context_;
  tls_client_config config_;
  std::string fingerprint_;
};

/// The first of `places` that can be read, with the system's authorities; empty: none can.
[[nodiscard]] std::string system_authorities(std::span<const char* const> places);

/// What a certificate says of itself, for people: printable and bounded, whatever is in it.
[[nodiscard]] std::string presented_text(X509* certificate);

}  // namespace gatehouse::detail::net
