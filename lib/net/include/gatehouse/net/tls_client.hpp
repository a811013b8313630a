#pragma once
// TLS towards a server that we connect to: whom we believe, who we say that we are, and the handshake. OpenSSL stays in
// the .cpp files. (The other side is tls.hpp.)

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/net/loop.hpp>

namespace gatehouse {

/// How servers are judged. What is left out is the strict choice. Aggregate; `[proxy.tls]` and `[service.NAME.tls]` of
/// the configuration fill it.
struct tls_client_config {
  /// PEM files with the authorities that are believed, and nobody else is; empty: those of the system.
  std::vector<std::string> ca{};
  std::string server_name{};  ///< asked for (SNI) and looked for in the certificate; empty: the host of the URL
  std::string certificate{};  ///< PEM file with our own and the chain behind it, for servers that ask who we are
  std::string key{};          ///< PEM file with its private key
  /// Whoever answers is believed: who can stand in between reads and changes everything. For a first try only.
  bool dangerously_accept_any_certificate = false;
  std::string folder{};  ///< where relative paths begin; empty: the working directory

  /// Whether anything is said here.
  [[nodiscard]] bool is_set() const noexcept {
    return !ca.empty() || !server_name.empty() || !certificate.empty() || !key.empty() ||
           dangerously_accept_any_certificate;
  }
};

/// The files that it names, as they are opened.
[[nodiscard]] std::vector<std::string> files_of(const tls_client_config& c);

/// What was made of it: immutable, shared by all loops.
class tls_client {
 public:
  /// Reads the files and checks them. Errors: one per mistake, under `key` ("proxy.tls.ca") with the file as value;
  /// also when the system has no authorities and none are named. What does not hinder but should be known (our own
  /// certificate soon expires) is added to `doubts`. `now` judges the validity.
  [[nodiscard]] static result<std::shared_ptr<const tls_client>, config_errors> make(const tls_client_config& c,
                                                                                     std::string_view key,
                                                                                     system_time now,
                                                                                     config_errors& doubts);
  tls_client(const tls_client&) = delete;
  tls_client& operator=(const tls_client&) = delete;
  virtual ~tls_client() = default;
  /// Whether the other one says the same, down to the bytes of its certificates: then, and only then, a connection or
  /// a session made for the one may serve the other.
  [[nodiscard]] virtual bool is_same(const tls_client& other) const noexcept = 0;

 protected:
  tls_client() = default;
};

/// What handshakes with one server left for resumption: the newest session, if it is no older than an hour. Of one
/// loop's thread, and of one tls_client and one host.
class tls_sessions {
 public:
  static constexpr std::chrono::minutes kept_for{60};  ///< so long an expired or withdrawn certificate is not noticed
  [[nodiscard]] static std::shared_ptr<tls_sessions> make();
  tls_sessions(const tls_sessions&) = delete;
  tls_sessions& operator=(const tls_sessions&) = delete;
  virtual ~tls_sessions() = default;
  /// Whether the next handshake may be a short one.
  [[nodiscard]] virtual bool has_one() const noexcept = 0;

 protected:
  tls_sessions() = default;
};

struct tls_target {
  std::string_view host{};  ///< a name or an address: where to connect, and whom to expect
  std::uint16_t port = 0;
  std::shared_ptr<const tls_client> with{};  ///< never null
  std::shared_ptr<tls_sessions> sessions{};  ///< null: every handshake is a whole one
};

/// Connects as loop::connect() does and makes the client's side of a handshake, all within `timeout`. What fails is in
/// connect_result::tls.
[[nodiscard]] std::unique_ptr<connecting> tls_connect(loop& l, const tls_target& to, milliseconds timeout,
                                                      connect_owner& owner);

}  // namespace gatehouse
