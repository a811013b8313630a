#pragma once
// Certificates made for a test, and a client of OpenSSL's own that is driven by hand beside the loop.

#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <gatehouse/net/tls.hpp>

#include "net_fixture.hpp"
#include "openssl.hpp"

namespace gatehouse::net_test {

using detail::net::private_key_ptr;
using detail::net::ssl_context_ptr;
using detail::net::ssl_ptr;
using detail::net::x509_ptr;

/// A folder that goes with the test.
class test_folder {
 public:
  test_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "gatehouse-tls-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  test_folder(const test_folder&) = delete;
  test_folder& operator=(const test_folder&) = delete;
  ~test_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  void write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    const std::string file = path_ + '/' + name;
    std::ofstream(file, std::ios::binary) << text;
    ::chmod(file.c_str(), mode);
  }

 private:
  std::string path_;
};

struct made_certificate {
  x509_ptr certificate{};
  private_key_ptr key{};
  [[nodiscard]] std::string pem() const {
    const detail::net::bio_ptr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), certificate.get());
    return text_of(out.get());
  }
  [[nodiscard]] std::string key_pem(const char* password = nullptr) const {
    const detail::net::bio_ptr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), password == nullptr ? nullptr : EVP_aes_128_cbc(), password,
                                  password == nullptr ? 0 : static_cast<int>(std::string_view{password}.size()),
                                  nullptr, nullptr);
    return text_of(out.get());
  }

 private:
  static std::string text_of(BIO* from) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(from, &data);
    return {data, static_cast<std::size_t>(size)};
  }
};

struct certificate_wish {
  std::string name = "a.example";
  std::string names = "DNS:a.example";  ///< subjectAltName; empty: none
  unsigned rsa_bits = 0;                ///< 0: P-256
  long begins_days = -1;                ///< from now
  long ends_days = 60;
  const EVP_MD* digest = EVP_sha256();
  const made_certificate* issuer = nullptr;  ///< null: signs itself
  bool authority = false;
  std::string organisation{};
  std::string purpose{};  ///< extendedKeyUsage: "clientAuth"; empty: any
};

inline made_certificate make_certificate(const certificate_wish& w) {
  made_certificate out;
  out.key.reset(w.rsa_bits == 0 ? EVP_EC_gen("P-256") : EVP_RSA_gen(w.rsa_bits));
  out.certificate.reset(X509_new());
  X509* const c = out.certificate.get();
  X509_set_version(c, X509_VERSION_3);
  static long serial = 0;
  ASN1_INTEGER_set(X509_get_serialNumber(c), ++serial);
  X509_time_adj_ex(X509_getm_notBefore(c), static_cast<int>(w.begins_days), 0, nullptr);
  X509_time_adj_ex(X509_getm_notAfter(c), static_cast<int>(w.ends_days), 0, nullptr);
  X509_NAME* const name = X509_get_subject_name(c);
  const auto entry = [name](const char* what, const std::string& text) {
    X509_NAME_add_entry_by_txt(name, what, MBSTRING_ASC, reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1,
                               0);
  };
  if (!w.organisation.empty()) entry("O", w.organisation);
  entry("CN", w.name);
  X509_set_issuer_name(c, w.issuer == nullptr ? name : X509_get_subject_name(w.issuer->certificate.get()));
  X509_set_pubkey(c, out.key.get());
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, w.issuer == nullptr ? c : w.issuer->certificate.get(), c, nullptr, nullptr, 0);
  const auto extension = [&](int id, const std::string& value) {
    X509_EXTENSION* const e = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
    X509_add_ext(c, e, -1);
    X509_EXTENSION_free(e);
  };
  extension(NID_basic_constraints, w.authority ? "critical,CA:TRUE" : "CA:FALSE");
  if (!w.names.empty()) extension(NID_subject_alt_name, w.names);
  if (!w.purpose.empty()) extension(NID_ext_key_usage, w.purpose);
  X509_sign(c, w.issuer == nullptr ? out.key.get() : w.issuer->key.get(), w.digest);
  return out;
}

/// A client that speaks TLS over a socket which never blocks. Each call does what can be done now.
class tls_client {
 public:
  struct wishes {
    int version = 0;  ///< TLS1_2_VERSION...; 0: any
    std::string server_name{};
    std::string protocols{};  ///< ALPN, with lengths: "\x08http/1.1"
    SSL_SESSION* session = nullptr;
    const made_certificate* certificate = nullptr;  ///< its own
    const made_certificate* intermediate = nullptr;
  };
  tls_client(const endpoint& to, const wishes& w)
      : fd_(connect_blocking(to)), context_(SSL_CTX_new(TLS_client_method())) {
    ::fcntl(fd_.get(), F_SETFL, O_NONBLOCK);
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_.get(), [](SSL* ssl, SSL_SESSION* s) {
      auto& self = *static_cast<tls_client*>(SSL_get_app_data(ssl));
      self.session.reset(s, SSL_SESSION_free);
      return 1;
    });
    if (w.version != 0) {
      SSL_CTX_set_min_proto_version(context_.get(), w.version);
      SSL_CTX_set_max_proto_version(context_.get(), w.version);
    }
    SSL_CTX_set_security_level(context_.get(), 0);  // what is weak is shown, too
    if (w.certificate != nullptr) {
      SSL_CTX_use_certificate(context_.get(), w.certificate->certificate.get());
      SSL_CTX_use_PrivateKey(context_.get(), w.certificate->key.get());
    }
    if (w.intermediate != nullptr) SSL_CTX_add1_chain_cert(context_.get(), w.intermediate->certificate.get());
    SSL_CTX_set_mode(context_.get(), SSL_MODE_NO_AUTO_CHAIN);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_app_data(ssl_.get(), this);
    SSL_set_fd(ssl_.get(), fd_.get());
    if (!w.server_name.empty()) {
      // Its macro has an old cast.
      SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(w.server_name.c_str()));
    }
    if (!w.protocols.empty()) {
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(w.protocols.data()),
                          static_cast<unsigned>(w.protocols.size()));
    }
    if (w.session != nullptr) {
      // A copy: OpenSSL forbids to use one again whose connection did not end well.
      const std::unique_ptr<SSL_SESSION, detail::net::openssl_free<SSL_SESSION_free>> copy(SSL_SESSION_dup(w.session));
      SSL_set_session(ssl_.get(), copy.get());
    }
    SSL_set_connect_state(ssl_.get());
  }

  tls_client(const tls_client&) = delete;
  tls_client& operator=(const tls_client&) = delete;
  ~tls_client() { SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); }

  /// The handshake, then everything that can be read.
  void step() {
    ERR_clear_error();
    if (!connected) note(SSL_do_handshake(ssl_.get()), [this] { connected = true; });
    std::array<char, 16384> buffer;
    while (connected && !ended && error.empty()) {
      const int n = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
      if (n <= 0) {
        note(n, [] {});
        return;
      }
      received.append(buffer.data(), static_cast<std::size_t>(n));
    }
  }
  /// Returns how much was taken.
  std::size_t send(std::string_view bytes) {
    std::size_t n = 0;
    ERR_clear_error();
    if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &n) != 1) return 0;
    return n;
  }
  [[nodiscard]] SSL* ssl() const noexcept { return ssl_.get(); }
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  void finish_socket() const { ::shutdown(fd_.get(), SHUT_WR); }
  [[nodiscard]] std::string peer_name() const {
    const x509_ptr peer(SSL_get1_peer_certificate(ssl_.get()));
    std::array<char, 64> name{};
    if (peer != nullptr) {
      X509_NAME_get_text_by_NID(X509_get_subject_name(peer.get()), NID_commonName, name.data(), name.size());
    }
    return name.data();
  }

  std::string received;
  std::string error;  ///< the reason, in OpenSSL's words, or "cut"
  bool connected = false;
  bool ended = false;  ///< close_notify came
  std::shared_ptr<SSL_SESSION> session{};

 private:
  template <typename F>
  void note(int result, F then) {
    if (result == 1) return then();
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE: return;
      case SSL_ERROR_ZERO_RETURN: ended = true; return;
      default: {
        const char* const why = ERR_reason_error_string(ERR_peek_last_error());
        error = why == nullptr ? "cut" : why;
      }
    }
  }
  unique_fd fd_;
  ssl_context_ptr context_;
  ssl_ptr ssl_;
};

/// A loop with a listener whose connections are secured.
class tls_test : public net_test, protected acceptor_owner, protected tls_accept_owner {
 protected:
  explicit tls_test(const time_source* clock = nullptr) : net_test(clock) {
    std::signal(SIGPIPE, SIG_IGN);  // the client writes as OpenSSL does
    door = std::move(*events->listen(at("127.0.0.1:0"), false));
    door->start(*this);
    const made_certificate a = make_certificate({.names = "DNS:a.example,DNS:*.w.example,IP:127.0.0.1"});
    const made_certificate b = make_certificate({.name = "b.example", .names = "DNS:b.example", .rsa_bits = 2048});
    files.write("a.pem", a.pem());
    files.write("a.key", a.key_pem());
    files.write("b.pem", b.pem());
    files.write("b.key", b.key_pem());
    server = make();
  }

  std::shared_ptr<const tls_server> make(std::shared_ptr<tls_ticket_keys> tickets = nullptr,
                                         std::string demand = "none", std::vector<std::string> authorities = {}) {
    config_errors doubts;
    auto made = tls_server::make({.certificate = {"a.pem", "b.pem"},
                                  .key = {"a.key", "b.key"},
                                  .client_certificate = std::move(demand),
                                  .client_ca = std::move(authorities),
                                  .folder = files.path()},
                                 std::chrono::system_clock::now(), doubts, std::move(tickets));
    if (!made) throw std::runtime_error(made.error().front().message);
    return *made;
  }

  void on_accept(stream_ptr connection, endpoint) noexcept override {
    handshakes.push_back(tls_accept(
        *events, std::move(connection), server,
        {.timeout = milliseconds{5'000}, .counted = &counted, .to_plain_text = "HTTP/1.1 400 no\r\n\r\n"}, *this));
  }
  void on_accept_failure(int) noexcept override {}
  void on_secured(secured_connection c) noexcept override {
    channels.push_back(c.channel);
    resumed.push_back(c.resumed);
    near.take(std::move(c.connection));
    if (listens) near.receive();
  }
  void on_not_secured(tls_failure why, std::string_view particulars) noexcept override {
    failures.push_back(why);
    problems.emplace_back(particulars);
  }

  /// Client and loop by turns until `done`.
  template <typename Predicate>
  bool both(tls_client& c, Predicate done) {
    return until([&] {
      c.step();
      return done();
    });
  }
  bool connected(tls_client& c) {
    const std::size_t before = channels.size();
    return both(c, [&] { return c.connected && channels.size() > before; });
  }

  test_folder files;
  std::shared_ptr<const tls_server> server;
  tls_handshakes counted{.at_most = 100};
  std::vector<std::unique_ptr<tls_accepting>> handshakes;
  std::vector<std::shared_ptr<const secure_channel>> channels;
  std::vector<bool> resumed;
  std::vector<tls_failure> failures;
  std::vector<std::string> problems;  ///< with them
  recorder near;
  bool listens = true;
};

}  // namespace gatehouse::net_test
