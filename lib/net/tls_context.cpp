#include "tls_context.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/err.h>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/base/assert.hpp>
#include <gatehouse/base/limits.hpp>

#include "tls_profile.hpp"

namespace gatehouse::detail::net {
namespace {

constexpr std::uint64_t options = SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                  SSL_OP_PRIORITIZE_CHACHA;  // that only for clients that put ChaCha20 first

int facts_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}
int contexts_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

/// RFC 7301 section 3.2: who offers protocols and none of ours is told so. (And who was lured here with another
/// protocol's bytes gets nowhere: ALPACA.)
int on_alpn(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned in_size, void*) {
  const auto* const ours = reinterpret_cast<const unsigned char*>(tls_http_1_1.data());
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, size, ours, static_cast<unsigned>(tls_http_1_1.size()), in, in_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

server_facts& facts_of(const SSL* ssl) noexcept {
  return *static_cast<server_facts*>(SSL_get_ex_data(ssl, facts_index()));
}

/// OpenSSL does not bound KeyUpdates; whoever reads the stream does, by this count.
void on_message(int sent, int, int type, const void* bytes, std::size_t size, SSL* ssl, void*) {
  if (sent != 0 || type != SSL3_RT_HANDSHAKE || size == 0) return;
  if (*static_cast<const unsigned char*>(bytes) == SSL3_MT_KEY_UPDATE) ++facts_of(ssl).key_updates;
}

config_error unusable(const loaded_certificate& c) {
  return {.key = "tls.certificate",
          .value = c.about.file,
          .code = "certificate-unusable",
          .message = "this certificate cannot be used: " + openssl_error("OpenSSL does not say why"),
          .suggestion = {}};
}

bool use(SSL_CTX* context, const loaded_certificate& c) {
  if (SSL_CTX_use_certificate(context, c.leaf.get()) != 1) return false;
  if (SSL_CTX_clear_chain_certs(context) != 1) return false;
  for (const x509_ptr& one : c.chain) {
    if (SSL_CTX_add1_chain_cert(context, one.get()) != 1) return false;
  }
  return SSL_CTX_use_PrivateKey(context, c.key.get()) == 1;
}

}  // namespace

std::string openssl_error(std::string otherwise) {
  const unsigned long code = ERR_get_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? std::move(otherwise) : std::string{reason};
}

handshake_facts& handshake_facts::of(const SSL* ssl) noexcept {
  const auto& handshake = facts_of(ssl).handshake;
  GATEHOUSE_ASSERT(handshake != nullptr);
  return *handshake;
}

tls_contexts::tls_contexts(const std::vector<loaded_certificate>& all, bool modern,
                           std::shared_ptr<tls_ticket_keys> tickets, client_verification clients, config_errors& errors)
    : tickets_(std::static_pointer_cast<ticket_keys>(std::move(tickets))), clients_(std::move(clients)) {
  certificates_.reserve(all.size());  // connections point into it
  for (const loaded_certificate& c : all) add(c, modern, errors);
}

void tls_contexts::add(const loaded_certificate& c, bool modern, config_errors& errors) {
  certificates_.push_back(c.about);
  const auto same = std::ranges::find_if(
      places_, [&](const place& p) { return certificates_[p.certificate].names.to_text() == c.about.names.to_text(); });
  // The same names with another kind of key: clients get the one they can use. The names of both are the same, so it
  // does not matter which of them is said to be shown.
  if (same != places_.end()) {
    if (!use(same->context.get(), c)) errors.push_back(unusable(c));
    return;
  }
  place made{.context = make_context(modern), .certificate = certificates_.size() - 1};
  if (made.context == nullptr || !use(made.context.get(), c)) return errors.push_back(unusable(c));
  const std::size_t at = places_.size();
  places_.push_back(std::move(made));
  for (const std::string& name : c.about.names.exact()) exact_.try_emplace(name, at);
  for (const std::string& name : c.about.names.wildcards()) wildcards_.try_emplace(name, at);
}

ssl_context_ptr tls_contexts::make_context(bool modern) {
  ssl_context_ptr context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const c = context.get();
  if (c == nullptr) return nullptr;
  const bool set = SSL_CTX_set_min_proto_version(c, modern ? TLS1_3_VERSION : TLS1_2_VERSION) == 1 &&
                   SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) == 1 &&
                   SSL_CTX_set_ciphersuites(c, tls_suites_of_1_3) == 1 &&
                   SSL_CTX_set_cipher_list(c, tls_suites_of_1_2) == 1 &&
                   std::ranges::any_of(tls_groups, [c](const char* g) { return SSL_CTX_set1_groups_list(c, g) == 1; });
  if (!set) return nullptr;
  ERR_clear_error();  // of a group that it does not know
  SSL_CTX_set_options(c, options);
  // A connection owns OpenSSL's buffers only while something is in them.
  SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(c, 1);
  // Sessions live in tickets, which clients keep; here is no table that grows.
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(c, std::chrono::duration_cast<seconds>(tls_ticket_keys::rotation).count());
  SSL_CTX_set_max_early_data(c, 0);  // 0-RTT can be replayed
  if (!clients_.set_up(c)) return nullptr;
  SSL_CTX_set_ex_data(c, contexts_index(), this);
  SSL_CTX_set_alpn_select_cb(c, on_alpn, nullptr);
  // Its macro has an old cast, and any function's type may be cast to any other's and back.
  SSL_CTX_callback_ctrl(c, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB, reinterpret_cast<void (*)()>(&on_server_name));
  SSL_CTX_set_tlsext_servername_arg(c, this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(c, &tls_contexts::on_ticket);
  SSL_CTX_set_msg_callback(c, on_message);
  return context;
}

const tls_contexts::place* tls_contexts::find(std::string_view name) const noexcept {
  if (const auto at = exact_.find(name); at != exact_.end()) return &places_[at->second];
  const auto dot = name.find('.');
  if (dot == std::string_view::npos || dot == 0) return nullptr;
  const auto at = wildcards_.find(name.substr(dot));
  return at == wildcards_.end() ? nullptr : &places_[at->second];
}

/// RFC 6066 section 3. No name: the default certificate, for probes and for who came by address. A name that none is
/// for: refused, so that nobody learns whose the default one is, and no request reaches a host that was not meant.
int tls_contexts::on_server_name(SSL* ssl, int* alert, void* self) {
  const auto& all = *static_cast<const tls_contexts*>(self);
  handshake_facts& facts = handshake_facts::of(ssl);
  const char* const asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (asked == nullptr) return SSL_TLSEXT_ERR_NOACK;
  facts.server_name = asked;
  std::ranges::transform(facts.server_name, facts.server_name.begin(), ascii::to_lower);
  if (facts.server_name.ends_with('.')) facts.server_name.pop_back();
  const place* const found = all.find(facts.server_name);
  if (found == nullptr) {
    facts.unknown_name = true;
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  facts.shown = &all.certificates_[found->certificate];
  if (SSL_get_SSL_CTX(ssl) != found->context.get()) SSL_set_SSL_CTX(ssl, found->context.get());
  return SSL_TLSEXT_ERR_OK;
}

int tls_contexts::on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                            int seal) {
  const auto* const all = static_cast<const tls_contexts*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), contexts_index()));
  return all->tickets_->prepare(name, iv, cipher, mac, seal != 0, handshake_facts::of(ssl).now);
}

ssl_ptr tls_contexts::make_server(server_facts& facts) const {
  ssl_ptr made(SSL_new(places_.front().context.get()));
  if (made == nullptr) return nullptr;
  facts.handshake->shown = &certificates_[places_.front().certificate];
  SSL_set_ex_data(made.get(), facts_index(), &facts);
  clients_.begin(made.get(), facts.handshake->wall_time);
  SSL_set_accept_state(made.get());
  return made;
}

}  // namespace gatehouse::detail::net

namespace gatehouse {
namespace {

using detail::net::certificate_files;
using detail::net::client_verification;
using detail::net::load_certificate;
using detail::net::loaded_certificate;
using detail::net::tls_contexts;

config_error at_all(std::string key, std::string value, std::string code, std::string message,
                    std::string suggestion = {}) {
  return {.key = std::move(key),
          .value = std::move(value),
          .code = std::move(code),
          .message = std::move(message),
          .suggestion = std::move(suggestion)};
}

void check_lists(const tls_config& c, config_errors& errors) {
  if (c.profile != "intermediate" && c.profile != "modern") {
    errors.push_back(at_all("tls.profile", c.profile, "unknown-profile", "there is no such profile", "intermediate"));
  }
  const std::size_t certificates = c.certificate.size();
  const std::size_t keys = c.key.size();
  if (certificates == 0) {
    errors.push_back(at_all("tls.certificate", {}, "missing", "a certificate is needed", "cert.pem"));
  }
  if (certificates != 0 && keys == 0) {
    errors.push_back(at_all("tls.key", {}, "missing", "the certificate's private key is needed", "key.pem"));
  } else if (certificates != 0 && certificates != keys) {
    errors.push_back(at_all("tls.key", {}, "not-in-pairs",
                            "there are " + std::to_string(certificates) + " certificates and " + std::to_string(keys) +
                                " keys: each certificate needs its own, in the same order"));
  }
  if (certificates > max_tls_certificates) {
    errors.push_back(at_all("tls.certificate", {}, "too-many",
                            "at most " + std::to_string(max_tls_certificates) + " certificates are possible"));
  }
}

/// What cannot be served to anybody who asks by name, or not with this profile.
void check_together(const std::vector<loaded_certificate>& all, bool modern, config_errors& errors,
                    config_errors& doubts) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    const loaded_certificate& c = all[i];
    if (modern && (c.key_kind == EVP_PKEY_RSA || c.key_kind == EVP_PKEY_RSA_PSS)) {
      errors.push_back(at_all("tls.certificate", c.about.file, "profile-needs-ecdsa",
                              "the profile \"modern\" is for ECDSA certificates, and this one is RSA",
                              "an ECDSA certificate, or profile = \"intermediate\""));
    }
    const auto before = all.begin() + static_cast<std::ptrdiff_t>(i);
    const bool again = std::any_of(all.begin(), before, [&](const loaded_certificate& other) {
      return other.key_kind == c.key_kind && other.about.names.to_text() == c.about.names.to_text();
    });
    if (again) {
      doubts.push_back(at_all("tls.certificate", c.about.file, "certificate-hidden",
                              "another certificate above is for the same names: this one replaces it"));
    }
  }
}

}  // namespace

std::string path_of(const tls_config& c, const std::string& file) {
  return file.starts_with('/') || c.folder.empty() ? file : c.folder + '/' + file;
}

bool tls_server::covers(std::string_view name) const noexcept {
  return std::ranges::any_of(certificates(), [&](const certificate& c) { return c.names.covers(name); });
}

bool tls_server::covers(const ip_address& address) const noexcept {
  return std::ranges::any_of(certificates(), [&](const certificate& c) { return c.names.covers(address); });
}

result<std::shared_ptr<const tls_server>, config_errors> tls_server::make(const tls_config& c, system_time now,
                                                                          config_errors& doubts,
                                                                          std::shared_ptr<tls_ticket_keys> tickets) {
  config_errors errors;
  check_lists(c, errors);
  const bool in_pairs = errors.empty();
  client_verification clients(c, now, errors, doubts);
  std::vector<loaded_certificate> all;
  for (std::size_t i = 0; in_pairs && i < c.certificate.size(); ++i) {
    const certificate_files files{.certificate = c.certificate[i],
                                  .certificate_path = path_of(c, c.certificate[i]),
                                  .key = c.key[i],
                                  .key_path = path_of(c, c.key[i])};
    all.push_back(load_certificate(files, now, errors, doubts));
  }
  const bool modern = c.profile == "modern";
  if (errors.empty()) check_together(all, modern, errors, doubts);
  if (!errors.empty()) return failure{std::move(errors)};
  if (tickets == nullptr) tickets = tls_ticket_keys::make();
  auto made = std::make_shared<tls_contexts>(all, modern, std::move(tickets), std::move(clients), errors);
  if (!errors.empty()) return failure{std::move(errors)};
  return std::shared_ptr<const tls_server>(std::move(made));
}

}  // namespace gatehouse
