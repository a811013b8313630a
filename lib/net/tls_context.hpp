#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/net/tls.hpp>

#include "openssl.hpp"
#include "tls_certificate.hpp"
#include "tls_client_verification.hpp"
#include "tls_tickets.hpp"

namespace gatehouse::detail::net {

/// Of a handshake: what OpenSSL's callbacks, which know only their SSL, ask and tell.
class handshake_facts {
 public:
  const tls_server::certificate* shown = nullptr;  ///< the default one until another name is asked for
  std::string server_name{};
  bool unknown_name = false;
  steady_time now{};                                   ///< of its beginning
  system_time wall_time{};                             ///< the same
  bool no_client_certificate = false;                  ///< one was required
  std::string client_problem{};                        ///< what is wrong with the one that was shown; printable
  std::shared_ptr<const client_certificate> client{};  ///< verified

  /// Of a handshake that is under way.
  [[nodiscard]] static handshake_facts& of(const SSL* ssl) noexcept;
};

/// Of one connection's server side: what OpenSSL's callbacks, which know only their SSL, ask and tell. An idle
/// connection keeps nothing of its handshake.
struct server_facts {
  std::unique_ptr<handshake_facts> handshake{};  ///< null: it has not begun, or is done
  std::size_t key_updates = 0;
};

/// OpenSSL's contexts for the certificates of a listener.
class tls_contexts final : public tls_server {
 public:
  tls_contexts(const std::vector<loaded_certificate>& all, bool modern, std::shared_ptr<tls_ticket_keys> tickets,
               client_verification clients, config_errors& errors);
  [[nodiscard]] const std::vector<certificate>& certificates() const noexcept override { return certificates_; }

  [[nodiscard]] bool lets_in_as(const tls_server& other) const noexcept override {
    return clients_.digest() == static_cast<const tls_contexts&>(other).clients_.digest();  // there is no other kind
  }

  /// A connection's server side; `facts`, which has a handshake, must outlive it. Null: no memory.
  [[nodiscard]] ssl_ptr make_server(server_facts& facts) const;
  /// Of a handshake that is done: false when the client must not be let in.
  [[nodiscard]] bool accepts_client(const SSL* ssl, handshake_facts& facts) const {
    return clients_.accepts(ssl, facts);
  }

 private:
  struct place {
    ssl_context_ptr context{};
    std::size_t certificate = 0;  // of certificates_
  };
  void add(const loaded_certificate& c, bool modern, config_errors& errors);
  [[nodiscard]] ssl_context_ptr make_context(bool modern);
  [[nodiscard]] const place* find(std::string_view name) const noexcept;
  static int on_server_name(SSL* ssl, int* alert, void* self);
  static int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                       int seal);

  std::shared_ptr<ticket_keys> tickets_;
  client_verification clients_;
  std::vector<certificate> certificates_{};
  std::vector<place> places_{};  // the first one is the default
  std::map<std::string, std::size_t, std::less<>> exact_{};
  std::map<std::string, std::size_t, std::less<>> wildcards_{};  // ".example.com"
};

}  // namespace gatehouse::detail::net
