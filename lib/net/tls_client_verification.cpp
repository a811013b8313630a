#include "tls_client_verification.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <ctime>
#include <string_view>
#include <tuple>
#include <utility>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <gatehouse/base/limits.hpp>

#include "tls_certificate.hpp"
#include "tls_context.hpp"

namespace gatehouse::detail::net {
namespace {

constexpr const char* demand_key = "tls.client_certificate";
constexpr const char* authority_key = "tls.client_ca";
// RSA and signatures below 112 bits are refused in clients' chains, whatever the machine's OpenSSL is configured for.
constexpr int security_level = 2;
// How long tickets, which each connection renews, stand for one look at a certificate and its chain.
constexpr std::chrono::hours longest_trust{24};
constexpr std::size_t longest_subject_in_log = 128;

config_error problem(const char* key, std::string value, std::string code, std::string message,
                     std::string suggestion = {}) {
  return {.key = key,
          .value = std::move(value),
          .code = std::move(code),
          .message = std::move(message),
          .suggestion = std::move(suggestion)};
}

std::string text_of(BIO* from) {
  char* data = nullptr;
  const long size = BIO_ctrl(from, BIO_CTRL_INFO, 0, static_cast<void*>(&data));
  return size <= 0 ? std::string{} : std::string{data, static_cast<std::size_t>(size)};
}

std::string lower_hex(const unsigned char* bytes, std::size_t size) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * size);
  for (std::size_t i = 0; i < size; ++i) {
    out += digits[bytes[i] >> 4U];
    out += digits[bytes[i] & 0xfU];
  }
  return out;
}

std::vector<unsigned char> der_of(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  std::vector<unsigned char> out(size > 0 ? static_cast<std::size_t>(size) : 0);
  unsigned char* at = out.data();
  if (size > 0) (void)i2d_X509(certificate, &at);
  return out;
}

/// RFC 8941 section 3.3.5.
std::string byte_sequence(const std::vector<unsigned char>& bytes) {
  std::string out(1 + 4 * ((bytes.size() + 2) / 3) + 1, ':');  // EVP_EncodeBlock ends with a NUL: the last colon's
                                                               // place
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()) + 1, bytes.data(), static_cast<int>(bytes.size()));
  out.back() = ':';
  return out;
}

struct general_names_free {
  void operator()(GENERAL_NAMES* all) const noexcept { GENERAL_NAMES_free(all); }
};

/// Fails closed: a name that could be read in two ways (with a NUL in it, or not in ASCII) is none.
void add_name(std::vector<std::string>& to, const ASN1_IA5STRING* name) {
  const std::string_view text{reinterpret_cast<const char*>(ASN1_STRING_get0_data(name)),
                              static_cast<std::size_t>(ASN1_STRING_length(name))};
  if (text.empty() || !std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; })) return;
  to.emplace_back(text);
}

void read_names(const X509* certificate, client_certificate& out) {
  const std::unique_ptr<GENERAL_NAMES, general_names_free> all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type == GEN_DNS) add_name(out.dns_names, name->d.dNSName);
    if (name->type == GEN_URI) add_name(out.uris, name->d.uniformResourceIdentifier);
    if (name->type == GEN_EMAIL) add_name(out.emails, name->d.rfc822Name);
  }
}

bool is_small_enough(X509* certificate) noexcept {
  const int size = i2d_X509(certificate, nullptr);
  return size > 0 && static_cast<std::size_t>(size) <= max_client_certificate_bytes;
}

// ------------------------------------------------------------------------------------------- what OpenSSL asks

/// Adds a bound of ours to OpenSSL's verdict, and never takes one of its own back.
int on_verified(int ok, X509_STORE_CTX* verified) {
  auto* const ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verified, SSL_get_ex_data_X509_STORE_CTX_idx()));
  X509* const judged = X509_STORE_CTX_get_current_cert(verified);
  const char* why = nullptr;
  if (ok != 1) {
    why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(verified));
  } else if (X509_STORE_CTX_get_error_depth(verified) == 0 && (judged == nullptr || !is_small_enough(judged))) {
    X509_STORE_CTX_set_error(verified, X509_V_ERR_APPLICATION_VERIFICATION);
    why = "larger than 8 KiB";
  }
  if (why == nullptr) return 1;
  std::string& told = handshake_facts::of(ssl).client_problem;
  told = why;
  if (judged != nullptr) told.append(": ").append(subject_text(judged).substr(0, longest_subject_in_log));
  return 0;
}

/// How long what was verified is good for: in the ticket, in seconds since 1970.
std::int64_t good_until(const SSL* ssl) {
  const system_time now = handshake_facts::of(ssl).wall_time;
  system_time end = now + longest_trust;
  const STACK_OF(X509)* const chain = SSL_get0_verified_chain(ssl);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    end = std::min(end, certificate_end(sk_X509_value(chain, i)));
  }
  return sk_X509_num(chain) <= 0 ? 0 : std::chrono::duration_cast<seconds>(end.time_since_epoch()).count();
}

/// A resumed session keeps the time of the first look, however often its ticket is renewed.
int on_new_ticket(SSL* ssl, void*) {
  SSL_SESSION* const session = SSL_get_session(ssl);
  if (SSL_session_reused(ssl) == 1 || SSL_SESSION_get0_peer(session) == nullptr) return 1;
  const std::int64_t end = good_until(ssl);
  return SSL_SESSION_set1_ticket_appdata(session, &end, sizeof end);
}

/// Whether a ticket's session may still stand for the certificate that was verified for it.
bool is_still_good(SSL* ssl, SSL_SESSION* session) {
  if (SSL_SESSION_get0_peer(session) == nullptr) return true;
  void* data = nullptr;
  std::size_t size = 0;
  std::int64_t end = 0;
  if (SSL_SESSION_get0_ticket_appdata(session, &data, &size) != 1 || size != sizeof end) return false;
  std::memcpy(&end, data, sizeof end);
  const auto now = handshake_facts::of(ssl).wall_time.time_since_epoch();
  return std::chrono::duration_cast<seconds>(now).count() < end;
}

/// A ticket that is not good any more means a full handshake, in which the certificate is judged anew.
SSL_TICKET_RETURN on_opened_ticket(SSL* ssl, SSL_SESSION* session, const unsigned char*, std::size_t,
                                   SSL_TICKET_STATUS status, void*) {
  switch (status) {
    case SSL_TICKET_SUCCESS:
      return is_still_good(ssl, session) ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_IGNORE_RENEW;
    case SSL_TICKET_SUCCESS_RENEW:
      return is_still_good(ssl, session) ? SSL_TICKET_RETURN_USE_RENEW : SSL_TICKET_RETURN_IGNORE_RENEW;
    case SSL_TICKET_EMPTY:
    case SSL_TICKET_NO_DECRYPT: return SSL_TICKET_RETURN_IGNORE_RENEW;
    default: return SSL_TICKET_RETURN_IGNORE;
  }
}

}  // namespace

std::string subject_text(const X509* certificate) {
  const bio_ptr out(BIO_new(BIO_s_mem()));
  if (X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) < 0) return {};
  return text_of(out.get());
}

std::shared_ptr<const client_certificate> read_client_certificate(X509* certificate) {
  if (!is_small_enough(certificate)) return nullptr;
  auto out = std::make_shared<client_certificate>();
  const std::vector<unsigned char> der = der_of(certificate);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(der.data(), der.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) return nullptr;
  out->fingerprint = lower_hex(digest.data(), size);
  const ASN1_INTEGER* const serial = X509_get0_serialNumber(certificate);
  out->serial = lower_hex(ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial)));
  out->subject = subject_text(certificate);
  out->not_after = certificate_end(certificate);
  read_names(certificate, *out);
  out->field_value = byte_sequence(der);
  return out;
}

client_verification::client_verification(const tls_config& c, system_time now, config_errors& errors,
                                         config_errors& doubts) {
  const bool none = c.client_certificate == "none";
  if (!none && c.client_certificate != "optional" && c.client_certificate != "required") {
    errors.push_back(problem(demand_key, c.client_certificate, "unknown-choice",
                             "this is not one of none, optional and required", "required"));
  } else if (none && !c.client_ca.empty()) {
    // Who names an authority means that others stay out: they would not.
    errors.push_back(problem(authority_key, c.client_ca.front(), "not-asked-for",
                             "no client is asked for a certificate: tls.client_certificate = \"required\" or "
                             "\"optional\" does that"));
  } else if (!none && c.client_ca.empty()) {
    errors.push_back(problem(demand_key, c.client_certificate, "missing",
                             "tls.client_ca must say which authorities' clients are let in",
                             "client_ca = \"client-ca.pem\""));
  }
  for (const std::string& file : c.client_ca) {
    auto more = load_authorities({.key = authority_key, .file = file, .path = path_of(c, file)}, now, errors, doubts);
    std::ranges::move(more, std::back_inserter(authorities_));
  }
  if (authorities_.size() > max_client_authorities) {
    errors.push_back(problem(authority_key, {}, "too-many",
                             "at most " + std::to_string(max_client_authorities) +
                                 " authorities are possible: these are for clients of your own"));
  }
  if (!none && !authorities_.empty()) use_authorities(c.client_certificate == "required", errors);
  digest_made_ = make_digest();
}

void client_verification::use_authorities(bool required, config_errors& errors) {
  demand_ = required ? demand::required : demand::optional;
  store_.reset(X509_STORE_new(), X509_STORE_free);
  for (const x509_ptr& one : authorities_) {
    if (store_ == nullptr || X509_STORE_add_cert(store_.get(), one.get()) != 1) {
      errors.push_back(problem(authority_key, {}, "certificate-unusable",
                               "this cannot be used: " + openssl_error("OpenSSL does not say why")));
      return;
    }
  }
}

bool client_verification::make_digest() {
  const std::unique_ptr<EVP_MD_CTX, openssl_free<EVP_MD_CTX_free>> sum(EVP_MD_CTX_new());
  bool made = sum != nullptr && EVP_DigestInit_ex(sum.get(), EVP_sha256(), nullptr) == 1 &&
              EVP_DigestUpdate(sum.get(), &demand_, sizeof demand_) == 1;
  for (const x509_ptr& one : authorities_) {
    const std::vector<unsigned char> der = der_of(one.get());  // says its own length
    made = made && EVP_DigestUpdate(sum.get(), der.data(), der.size()) == 1;
  }
  return made && EVP_DigestFinal_ex(sum.get(), digest_.data(), nullptr) == 1;
}

bool client_verification::set_up(SSL_CTX* context) const {
  // Tickets are of use only where the very same is demanded of the very same authorities' clients: else whoever was let
  // in by another rule, or without a certificate, would stay in.
  static_assert(SSL_MAX_SID_CTX_LENGTH == std::tuple_size_v<decltype(digest_)>);
  if (!digest_made_ || SSL_CTX_set_session_id_context(context, digest_.data(), SSL_MAX_SID_CTX_LENGTH) != 1)
    return false;
  if (demand_ == demand::none) return true;
  // https://www.openssl.org/docs/man3.0/man3/SSL_CTX_set_verify.html : optional or not, one that is shown must be good.
  // That it is for clients is OpenSSL's own rule for servers (purpose sslclient).
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (demand_ == demand::required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     on_verified);
  SSL_CTX_set_verify_depth(context, max_client_intermediates);
  SSL_CTX_set_security_level(context, security_level);
  SSL_CTX_set_max_cert_list(context, static_cast<long>(max_client_chain_bytes));
  // What is listed is trusted by itself, also an authority below another one.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  // Not the context's own store: our chain would be completed from there.
  if (SSL_CTX_set1_verify_cert_store(context, store_.get()) != 1) return false;
  for (const x509_ptr& one : authorities_) {
    if (SSL_CTX_add_client_CA(context, one.get()) != 1) return false;
  }
  return SSL_CTX_set_session_ticket_cb(context, on_new_ticket, on_opened_ticket, nullptr) == 1;
}

void client_verification::begin(SSL* ssl, system_time now) const {
  if (demand_ == demand::none) return;
  X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl), std::chrono::system_clock::to_time_t(now));
}

bool client_verification::accepts(const SSL* ssl, handshake_facts& facts) const {
  if (demand_ == demand::none) return true;
  X509* const shown = SSL_get0_peer_certificate(ssl);
  if (shown == nullptr) {
    facts.no_client_certificate = demand_ == demand::required;  // OpenSSL has seen to that already
    return demand_ == demand::optional;
  }
  if (SSL_get_verify_result(ssl) == X509_V_OK) facts.client = read_client_certificate(shown);
  if (facts.client == nullptr) facts.client_problem = "it cannot be read";
  return facts.client != nullptr;
}

}  // namespace gatehouse::detail::net
