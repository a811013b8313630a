#pragma once
// TLS for listeners: certificates and how they are offered, and the handshake that makes a secured stream of a plain
// one. OpenSSL stays in the .cpp files.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/base/secure_channel.hpp>
#include <gatehouse/net/loop.hpp>
#include <gatehouse/net/stream.hpp>

namespace gatehouse {

/// Which certificates are served, and how strictly. Aggregate; `[tls]` of the configuration fills it.
struct tls_config {
  /// PEM files, each a certificate with the chain behind it; the first one is shown to who asks for no name. Several
  /// for one name: the first, unless they have keys of different kinds.
  std::vector<std::string> certificate{};
  std::vector<std::string> key{};        ///< PEM files with their private keys, in the same order
  std::string profile = "intermediate";  ///< "intermediate" (TLS 1.2 and 1.3) or "modern" (TLS 1.3 only)
  /// Of clients: "none" is asked for, "optional" (who shows one must show a good one) or "required".
  std::string client_certificate = "none";
  std::vector<std::string> client_ca{};  ///< PEM files with the authorities whose clients are let in; all of them count
  std::string folder{};                  ///< where relative paths begin; empty: the working directory
  [[nodiscard]] bool is_on() const noexcept { return !certificate.empty() || !key.empty(); }
};

/// Where one of its files is.
[[nodiscard]] std::string path_of(const tls_config& c, const std::string& file);

/// The keys that session tickets are sealed with: made in memory, new every 8 hours, used to open tickets for 8 hours
/// more, never stored. Shared by the loops of a server, also over reloads, so that clients still resume then.
/// Thread-safe.
class tls_ticket_keys {
 public:
  static constexpr std::chrono::hours rotation{8};
  [[nodiscard]] static std::shared_ptr<tls_ticket_keys> make();
  tls_ticket_keys(const tls_ticket_keys&) = delete;
  tls_ticket_keys& operator=(const tls_ticket_keys&) = delete;
  virtual ~tls_ticket_keys() = default;

 protected:
  tls_ticket_keys() = default;
};

/// Certificates that are in use and the rules of the handshake: immutable, shared by all loops.
class tls_server {
 public:
  struct certificate {
    std::string file{};  ///< as configured
    host_names names{};
    system_time not_after{};
    bool development = false;  ///< issued by `gatehouse cert dev`
  };

  /// Reads the files and checks them. Errors: one per mistake, under the keys "tls.certificate", "tls.key",
  /// "tls.profile", "tls.client_certificate" and "tls.client_ca", with the file as value. What does not hinder but
  /// should be known (soon expired, no chain) is added to `doubts`. `now` judges the validity. `tickets`: null makes
  /// new ones.
  [[nodiscard]] static result<std::shared_ptr<const tls_server>, config_errors> make(
      const tls_config& c, system_time now, config_errors& doubts, std::shared_ptr<tls_ticket_keys> tickets = nullptr);
  tls_server(const tls_server&) = delete;
  tls_server& operator=(const tls_server&) = delete;
  virtual ~tls_server() = default;
  [[nodiscard]] virtual const std::vector<certificate>& certificates() const noexcept = 0;
  /// Whether it demands the same of clients, of the same authorities: who was let in by `other` may stay.
  [[nodiscard]] virtual bool lets_in_as(const tls_server& other) const noexcept = 0;
  /// Whether one of them is for this name.
  [[nodiscard]] bool covers(std::string_view name) const noexcept;
  [[nodiscard]] bool covers(const ip_address& address) const noexcept;

 protected:
  tls_server() = default;
};

/// Why a handshake failed.
enum class tls_failure : std::uint8_t {
  timed_out,     ///< limits.tls_handshake_timeout
  crowded,       ///< too many were under way
  plain_text,    ///< what came is not TLS; it was answered in plain bytes
  unknown_name,  ///< no certificate for the name that was asked for
  closed,        ///< by the client, without a word
  refused,       ///< no common version, cipher or protocol; broken records; an alert
  client_certificate_missing,
  client_certificate_refused,  ///< untrusted, expired, not for clients, too large
};
inline constexpr std::size_t tls_failure_count = 8;

/// A connection whose handshake is done.
struct secured_connection {
  stream_ptr connection{};
  std::shared_ptr<const secure_channel> channel{};  ///< keeps what it names alive
  bool resumed = false;                             ///< by a session ticket
};

/// Told how a handshake ended. Exactly one call, on the loop, never from inside tls_accept().
class tls_accept_owner {
 public:
  virtual void on_secured(secured_connection c) noexcept = 0;
  /// `particulars`: of a client's certificate that was refused, what is wrong and whose it says it is; printable.
  virtual void on_not_secured(tls_failure why, std::string_view particulars) noexcept = 0;

 protected:
  ~tls_accept_owner() = default;
};

/// A handshake under way, or one that waits for its first byte. Destroying it closes the connection, and nobody is
/// told.
class tls_accepting {
 public:
  virtual ~tls_accepting() = default;
};

/// How many handshakes one loop has under way, counted from their first byte on.
struct tls_handshakes {
  std::uint32_t under_way = 0;
  std::uint32_t at_most = 0;
};

struct tls_accept_options {
  milliseconds timeout{5'000};        ///< for all of it, from now on
  tls_handshakes* counted = nullptr;  ///< borrowed, outlives it; never null
  std::string_view to_plain_text{};   ///< sent as it is to who does not speak TLS; static
};

/// Makes the server's side of a handshake on `plain`. Everything borrowed outlives the result.
[[nodiscard]] std::unique_ptr<tls_accepting> tls_accept(loop& l, stream_ptr plain,
                                                        std::shared_ptr<const tls_server> with,
                                                        const tls_accept_options& options, tls_accept_owner& owner);

}  // namespace gatehouse
