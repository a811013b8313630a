#include "tls_client_context.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/base/host_names.hpp>
#include <gatehouse/base/ip_address.hpp>

#include "tls_certificate.hpp"
#include "tls_profile.hpp"

namespace gatehouse::detail::net {
namespace {

constexpr std::size_t longest_subject = 150;
constexpr std::size_t longest_names = 150;

int facts_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

client_facts& facts_of(const SSL* ssl) noexcept {
  return *static_cast<client_facts*>(SSL_get_ex_data(ssl, facts_index()));
}

/// Changes nothing of what OpenSSL found; keeps what was refused, for the log.
int on_verified(int well, X509_STORE_CTX* c) {
  if (well == 1) return 1;
  const auto* const ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(c, SSL_get_ex_data_X509_STORE_CTX_idx()));
  client_facts& facts = facts_of(ssl);
  X509* const leaf = X509_STORE_CTX_get0_cert(c);
  if (leaf != nullptr && X509_up_ref(leaf) == 1) facts.refused.reset(leaf);
  facts.refused_for = X509_STORE_CTX_get_error(c);
  return 0;
}

int on_session(SSL* ssl, SSL_SESSION* s) {
  client_facts& facts = facts_of(ssl);
  if (facts.sessions == nullptr || SSL_SESSION_is_resumable(s) != 1) return 0;
  facts.sessions->keep(session_ptr(s), facts.clock->now());
  return 1;  // it is ours now
}

int on_certificate_wanted(SSL* ssl, void*) {
  facts_of(ssl).asked_who_we_are = true;
  return 1;
}

/// OpenSSL bounds neither; whoever reads the stream does, by this count.
void on_message(int sent, int, int type, const void* bytes, std::size_t size, SSL* ssl, void*) {
  if (sent != 0 || type != SSL3_RT_HANDSHAKE || size == 0) return;
  const unsigned char what = *static_cast<const unsigned char*>(bytes);
  if (what == SSL3_MT_KEY_UPDATE || what == SSL3_MT_NEWSESSION_TICKET) ++facts_of(ssl).messages;
}

/// Of TLS 1.2 and 1.3 only what Mozilla's guideline has (spec/http.md section 8.5), as the server's side.
bool set_profile(SSL_CTX* c) {
  const bool set = SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1 &&
                   SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) == 1 &&
                   SSL_CTX_set_ciphersuites(c, tls_suites_of_1_3) == 1 &&
                   SSL_CTX_set_cipher_list(c, tls_suites_of_1_2) == 1 &&
                   std::ranges::any_of(tls_groups, [c](const char* g) { return SSL_CTX_set1_groups_list(c, g) == 1; });
  ERR_clear_error();  // of a group that it does not know
  if (!set) return false;
  SSL_CTX_set_options(c, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(c, 1);
  // Ours, since it belongs to one server; OpenSSL's own is of the context. Its early data is never sent: nobody asks
  // for it.
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(c, on_session);
  SSL_CTX_set_msg_callback(c, on_message);
  SSL_CTX_set_cert_cb(c, on_certificate_wanted, nullptr);
  return SSL_CTX_set_alpn_protos(c, reinterpret_cast<const unsigned char*>(tls_http_1_1.data()),
                                 static_cast<unsigned>(tls_http_1_1.size())) == 0;
}

/// Without line breaks, escape sequences and other bytes that a terminal or a log would obey.
std::string printable(std::string_view text, std::size_t at_most) {
  std::string out{text.substr(0, at_most)};
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  if (text.size() > at_most) out += "...";
  return out;
}

std::string name_text(const X509_NAME* name) {
  const bio_ptr out(BIO_new(BIO_s_mem()));
  if (out == nullptr || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return "?";
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return printable({data, static_cast<std::size_t>(size)}, longest_subject);
}

}  // namespace

std::string presented_text(X509* certificate) {
  const std::string names = hosts_of(certificate).to_text();
  return "subject " + name_text(X509_get_subject_name(certificate)) + ", for " +
         (names.empty() ? "no host" : printable(names, longest_names)) + ", issued by " +
         name_text(X509_get_issuer_name(certificate)) + ", valid from " + text_of(X509_get0_notBefore(certificate)) +
         " to " + text_of(X509_get0_notAfter(certificate));
}

void session_store::keep(session_ptr s, steady_time now) noexcept {
  newest_ = std::move(s);
  made_ = now;
}

session_ptr session_store::copy(steady_time now) {
  if (newest_ != nullptr && now - made_ > kept_for) newest_.reset();
  // OpenSSL forbids to use one again whose connection did not end well: each connection has its own.
  return newest_ == nullptr ? nullptr : session_ptr(SSL_SESSION_dup(newest_.get()));
}

bool tls_client_context::is_same(const tls_client& other) const noexcept {
  return fingerprint_ == static_cast<const tls_client_context&>(other).fingerprint_;  // there is no other kind
}

std::string_view tls_client_context::name_for(std::string_view host) const noexcept {
  if (!config_.server_name.empty()) host = config_.server_name;
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

ssl_ptr tls_client_context::make_client(std::string_view host, client_facts& facts) const {
  ssl_ptr made(SSL_new(context_.get()));
  if (made == nullptr) return nullptr;
  facts.has_certificate = !config_.certificate.empty();
  SSL_set_ex_data(made.get(), facts_index(), &facts);
  SSL_set_connect_state(made.get());
  const std::string name{name_for(host)};
  X509_VERIFY_PARAM* const expected = SSL_get0_param(made.get());
  if (ip_address::parse(name)) {
    // RFC 6066 section 3: literal addresses are not sent as names.
    return X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) == 1 ? std::move(made) : nullptr;
  }
  if (name.empty()) return nullptr;  // OpenSSL takes an empty name for none to check
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (X509_VERIFY_PARAM_set1_host(expected, name.c_str(), name.size()) != 1) return nullptr;
  // Its macro has an old cast.
  if (SSL_ctrl(made.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(name.c_str())) != 1) {  // NOLINT
    return nullptr;
  }
  return made;
}

std::string system_authorities(std::span<const char* const> places) {
  const auto at = std::ranges::find_if(places, [](const char* p) { return ::access(p, R_OK) == 0; });
  return at == places.end() ? std::string{} : std::string{*at};
}

namespace {

/// Makes one client and collects everything that is wrong with it.
class client_maker {
 public:
  client_maker(const tls_client_config& c, std::string_view key, system_time now, config_errors& doubts)
      : config_(c), key_(key), now_(now), doubts_(doubts), context_(SSL_CTX_new(TLS_client_method())) {}

  result<std::shared_ptr<const tls_client>, config_errors> make() {
    if (context_ == nullptr || !set_profile(context_.get())) {
      refuse("", {}, "tls-unusable", openssl_error("this OpenSSL cannot do TLS 1.2 and 1.3"));
      return failure{std::move(errors_)};
    }
    check_name();
    choose_authorities();
    use_certificate();
    ERR_clear_error();
    if (!errors_.empty()) return failure{std::move(errors_)};
    return std::shared_ptr<const tls_client>{
        std::make_shared<tls_client_context>(std::move(context_), config_, std::move(fingerprint_))};
  }

 private:
  void refuse(std::string_view name, std::string value, std::string_view code, std::string message,
              std::string suggestion = {}) {
    errors_.push_back({.key = name.empty() ? key_ : key_ + '.' + std::string{name},
                       .value = std::move(value),
                       .code = std::string{code},
                       .message = std::move(message),
                       .suggestion = std::move(suggestion)});
  }
  [[nodiscard]] std::string path_of(const std::string& file) const {
    return file.starts_with('/') || config_.folder.empty() ? file : config_.folder + '/' + file;
  }
  /// What makes one client differ from another one; each part with its length.
  void note(std::string_view part) { fingerprint_.append(std::to_string(part.size())).append(1, ':').append(part); }
  void note(X509* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) size = 0;
    note(std::string_view{reinterpret_cast<const char*>(digest.data()), size});
  }

  void check_name() {
    note(config_.server_name);
    const std::string& name = config_.server_name;
    const bool is_name = name.size() <= host_names::longest && !name.starts_with('.') &&
                         std::ranges::all_of(name, [](char c) {
                           return ascii::is_alpha(c) || ascii::is_digit(c) || c == '-' || c == '.' || c == '_';
                         });
    if (is_name || ip_address::parse(name)) return;
    refuse("server_name", name, "not-a-host", "this is no host name, and no address", "api.example.com");
  }

  void choose_authorities() {
    note(config_.dangerously_accept_any_certificate ? "any" : "verified");
    if (config_.dangerously_accept_any_certificate) {
      if (!config_.ca.empty()) {
        refuse("dangerously_accept_any_certificate", "true", "contradiction",
               "with this nobody is asked whom to believe, and ca says who is: leave one of them out",
               "dangerously_accept_any_certificate = false");
      }
      SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);
      return;
    }
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, on_verified);
    if (config_.ca.empty()) return believe_system();
    // What is named is believed as it is, also an intermediate, or the server's own certificate.
    X509_STORE_set_flags(SSL_CTX_get_cert_store(context_.get()), X509_V_FLAG_PARTIAL_CHAIN);
    for (const std::string& file : config_.ca) believe(file);
  }

  void believe(const std::string& file) {
    const auto all = read_certificate_file(path_of(file));
    if (!all) return refuse("ca", file, "cannot-read", "these authorities cannot be read: " + all.error());
    if (all->empty()) return refuse("ca", file, "not-a-certificate", "there is no PEM certificate in this file");
    for (const x509_ptr& one : *all) add(one.get());
  }

  void believe_system() {
    constexpr std::array places{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                "/etc/ssl/cert.pem"};
    const std::string file = system_authorities(places);
    const auto all = read_certificate_file(file);
    if (!all || all->empty()) {
      return refuse("ca", {}, "no-authorities",
                    "this system has no list of authorities to believe (/etc/ssl/certs/ca-certificates.crt)",
                    "apt install ca-certificates, or ca = \"ca.pem\"");
    }
    for (const x509_ptr& one : *all) add(one.get());
  }

  void add(X509* authority) {
    note(authority);
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), authority) != 1) {
      refuse("ca", {}, "not-a-certificate", openssl_error("OpenSSL does not take this certificate"));
    }
  }

  void use_certificate() {
    note("own");
    if (config_.certificate.empty() && config_.key.empty()) return;
    if (config_.certificate.empty()) return refuse("certificate", {}, "missing", "this key needs its certificate");
    if (config_.key.empty()) return refuse("key", {}, "missing", "the certificate's private key is needed", "key.pem");
    config_errors errors;
    config_errors doubts;
    const loaded_certificate own = load_certificate({.certificate = config_.certificate,
                                                     .certificate_path = path_of(config_.certificate),
                                                     .key = config_.key,
                                                     .key_path = path_of(config_.key)},
                                                    now_, errors, doubts);
    take_over(std::move(errors), errors_);
    take_over(std::move(doubts), doubts_);
    if (!errors_.empty()) return;
    note(own.leaf.get());
    for (const x509_ptr& one : own.chain) note(one.get());
    if (!put_to_use(own)) {
      refuse("certificate", config_.certificate, "certificate-unusable",
             "this certificate cannot be used: " + openssl_error("OpenSSL does not say why"));
    }
  }

  /// It is judged as a listener's is, but for what only servers need.
  void take_over(config_errors from, config_errors& to) {
    for (config_error& e : from) {
      if (e.code == "certificate-without-names" || e.code == "certificate-long-lived" || e.code == "chain-missing") {
        continue;
      }
      e.key.replace(0, std::string_view{"tls"}.size(), key_);
      to.push_back(std::move(e));
    }
  }

  bool put_to_use(const loaded_certificate& own) {
    SSL_CTX* const c = context_.get();
    if (SSL_CTX_use_certificate(c, own.leaf.get()) != 1 || SSL_CTX_use_PrivateKey(c, own.key.get()) != 1) return false;
    return std::ranges::all_of(own.chain,
                               [c](const x509_ptr& one) { return SSL_CTX_add1_chain_cert(c, one.get()) == 1; });
  }

  const tls_client_config& config_;
  std::string key_;
  system_time now_;
  config_errors& doubts_;
  ssl_context_ptr context_;
  std::string fingerprint_{};
  config_errors errors_{};
};

}  // namespace
}  // namespace gatehouse::detail::net

namespace gatehouse {

std::vector<std::string> files_of(const tls_client_config& c) {
  std::vector<std::string> out = c.ca;
  for (const std::string& file : {c.certificate, c.key}) {
    if (!file.empty()) out.push_back(file);
  }
  for (std::string& file : out) {
    if (!file.starts_with('/') && !c.folder.empty()) file.insert(0, c.folder + '/');
  }
  return out;
}

result<std::shared_ptr<const tls_client>, config_errors> tls_client::make(const tls_client_config& c,
                                                                          std::string_view key, system_time now,
                                                                          config_errors& doubts) {
  return detail::net::client_maker(c, key, now, doubts).make();
}

std::shared_ptr<tls_sessions> tls_sessions::make() { return std::make_shared<detail::net::session_store>(); }

}  // namespace gatehouse
