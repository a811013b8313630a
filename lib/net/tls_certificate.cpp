#include "tls_certificate.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>
#include <string_view>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <gatehouse/base/limits.hpp>

#include "socket.hpp"

namespace gatehouse::detail::net {
namespace {

using days = std::chrono::duration<std::int64_t, std::ratio<86'400>>;
constexpr days warned_before{14};
// What browsers accept of public authorities since 2020, and Apple's own of private ones is 825.
constexpr days longest_life{398};
constexpr int least_rsa_bits = 2'048;
constexpr int least_ec_bits = 256;

constexpr const char* certificate_key = "tls.certificate";
constexpr const char* key_key = "tls.key";

struct file_text {
  std::string text{};
  mode_t mode = 0;
};

config_error problem(const char* key, const std::string& file, std::string code, std::string message,
                     std::string suggestion = {}) {
  return {.key = key,
          .value = file,
          .code = std::move(code),
          .message = std::move(message),
          .suggestion = std::move(suggestion)};
}

/// Errors: in words. The descriptor is asked for the mode, so that what is judged is what was read.
std::optional<file_text> read_file(const std::string& path, std::string& why) {
  const unique_fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about{};
  if (!fd || ::fstat(fd.get(), &about) != 0) {
    why = std::strerror(errno);
    return std::nullopt;
  }
  if (!S_ISREG(about.st_mode)) {
    why = "it is no file";
    return std::nullopt;
  }
  file_text out{.text = std::string(max_certificate_file_bytes + 1, '\0'), .mode = about.st_mode};
  std::size_t size = 0;
  while (size < out.text.size()) {
    const ssize_t n = ::read(fd.get(), out.text.data() + size, out.text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      why = std::strerror(errno);
      return std::nullopt;
    }
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > max_certificate_file_bytes) {
    why = "it is larger than 1 MiB";
    return std::nullopt;
  }
  out.text.resize(size);
  return out;
}

bio_ptr reader_of(const std::string& text) {
  return bio_ptr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// There is nobody to ask for a password.
int no_password(char*, int, int, void*) { return 0; }

std::vector<x509_ptr> read_certificates(const std::string& text) {
  std::vector<x509_ptr> out;
  const bio_ptr from = reader_of(text);
  while (X509* const one = PEM_read_bio_X509(from.get(), nullptr, no_password, nullptr)) out.emplace_back(one);
  ERR_clear_error();  // that there are no more
  return out;
}

system_time time_of(const ASN1_TIME* t) {
  std::tm parts{};
  if (t == nullptr || ASN1_TIME_to_tm(t, &parts) != 1) return {};
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

std::string date_text(system_time t) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(t);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> out{};
  const std::size_t n = std::strftime(out.data(), out.size(), "%Y-%m-%d %H:%M UTC", &parts);
  return {out.data(), n};
}

struct general_names_free {
  void operator()(GENERAL_NAMES* all) const noexcept { GENERAL_NAMES_free(all); }
};

std::string_view text_of(const ASN1_STRING* s) noexcept {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(s)), static_cast<std::size_t>(ASN1_STRING_length(s))};
}

/// Only those of subjectAltName: no client has looked at the common name since 2017 (RFC 9525 section 2).
host_names names_of(const X509* certificate) {
  host_names out;
  const std::unique_ptr<GENERAL_NAMES, general_names_free> all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type == GEN_DNS) {
      (void)out.add(text_of(name->d.dNSName));  // what no client would ask for is left out
    } else if (name->type == GEN_IPADD) {
      const std::string_view bytes = text_of(name->d.iPAddress);
      std::array<std::uint8_t, 4> v4{};
      std::array<std::uint8_t, 16> v6{};
      if (bytes.size() == v4.size()) {
        std::ranges::copy(bytes, v4.begin());
        out.add(ip_address::v4(v4));
      } else if (bytes.size() == v6.size()) {
        std::ranges::copy(bytes, v6.begin());
        out.add(ip_address::v6(v6));
      }
    }
  }
  return out;
}

std::string common_name_of(const X509* certificate) {
  std::array<char, 128> out{};
  const int n = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, out.data(),
                                          static_cast<int>(out.size()));
  return n > 0 ? std::string{out.data()} : std::string{};
}

bool is_self_signed(X509* certificate) noexcept { return X509_check_issued(certificate, certificate) == X509_V_OK; }

bool is_of_development(const X509* certificate) {
  std::array<char, 128> out{};
  const int n = X509_NAME_get_text_by_NID(X509_get_issuer_name(certificate), NID_organizationName, out.data(),
                                          static_cast<int>(out.size()));
  return n > 0 && std::string_view{out.data()} == development_organisation;
}

bool is_weakly_signed(const X509* certificate) noexcept {
  int digest = NID_undef;
  if (X509_get_signature_info(const_cast<X509*>(certificate), &digest, nullptr, nullptr, nullptr) != 1) {  // NOLINT
    return false;
  }
  return digest == NID_md5 || digest == NID_sha1 || digest == NID_md4;
}

/// Collects what is wrong with one certificate and its key.
class judge {
 public:
  judge(const certificate_files& files, system_time now, config_errors& errors, config_errors& doubts)
      : files_(files), now_(now), errors_(errors), doubts_(doubts) {}

  loaded_certificate load() {
    loaded_certificate out;
    out.about.file = files_.certificate;
    read_chain(out);
    read_key(out);
    if (out.leaf != nullptr) {
      about_leaf(out);
      about_chain(out);
    }
    if (out.leaf != nullptr && out.key != nullptr) about_key(out);
    ERR_clear_error();
    return out;
  }

 private:
  void certificate_error(std::string code, std::string message, std::string suggestion = {}) {
    errors_.push_back(
        problem(certificate_key, files_.certificate, std::move(code), std::move(message), std::move(suggestion)));
  }
  void certificate_doubt(std::string code, std::string message, std::string suggestion = {}) {
    doubts_.push_back(
        problem(certificate_key, files_.certificate, std::move(code), std::move(message), std::move(suggestion)));
  }
  void key_error(std::string code, std::string message, std::string suggestion = {}) {
    errors_.push_back(problem(key_key, files_.key, std::move(code), std::move(message), std::move(suggestion)));
  }

  void read_chain(loaded_certificate& out) {
    std::string why;
    const auto file = read_file(files_.certificate_path, why);
    if (!file) return certificate_error("cannot-read", "this certificate cannot be read: " + why);
    auto all = read_certificates(file->text);
    if (all.empty()) {
      const bool is_key = file->text.find("PRIVATE KEY-----") != std::string::npos;
      return certificate_error(
          "not-a-certificate",
          is_key ? "this file holds a private key and no certificate" : "there is no PEM certificate in this file",
          is_key ? "tls.key is where private keys are named" : "");
    }
    out.leaf = std::move(all.front());
    for (std::size_t i = 1; i < all.size(); ++i) out.chain.push_back(std::move(all[i]));
  }

  void read_key(loaded_certificate& out) {
    std::string why;
    const std::string& path = files_.key_path;
    const auto file = read_file(path, why);
    if (!file) return key_error("cannot-read", "this private key cannot be read: " + why);
    if ((file->mode & S_IROTH) != 0) {
      key_error("key-is-readable", "every user of this machine can read this private key", "chmod o-r " + path);
    }
    const bio_ptr from = reader_of(file->text);
    out.key.reset(PEM_read_bio_PrivateKey(from.get(), nullptr, no_password, nullptr));
    if (out.key != nullptr) return;
    const bool locked = file->text.find("ENCRYPTED") != std::string::npos;
    key_error(locked ? "key-is-encrypted" : "not-a-key",
              locked ? "this private key is locked with a password, and nobody is there to type it"
                     : "there is no PEM private key in this file",
              locked ? "openssl pkey -in " + path + " -out unlocked.pem, and chmod 600 on that" : "");
  }

  void about_leaf(loaded_certificate& out) {
    X509* const leaf = out.leaf.get();
    out.about.names = names_of(leaf);
    out.about.not_after = time_of(X509_get0_notAfter(leaf));
    out.about.development = is_of_development(leaf);
    const system_time begins = time_of(X509_get0_notBefore(leaf));
    const system_time ends = out.about.not_after;
    if (out.about.names.empty()) {
      const std::string name = common_name_of(leaf);
      certificate_error("certificate-without-names",
                        "this certificate is for no host: it has no subjectAltName, and nobody looks at its common "
                        "name" +
                            (name.empty() ? std::string{} : " (" + name + ")"));
    }
    if (ends <= now_) {
      certificate_error("certificate-expired", "this certificate expired on " + date_text(ends));
    } else if (ends - now_ < warned_before) {
      const auto left = std::chrono::duration_cast<days>(ends - now_).count();
      certificate_doubt("certificate-expires", "this certificate expires on " + date_text(ends) + ", in " +
                                                   std::to_string(left) + (left == 1 ? " day" : " days"));
    }
    if (begins > now_) {
      certificate_error("certificate-not-yet-valid", "this certificate is valid only from " + date_text(begins) +
                                                         "; is this machine's clock right?");
    }
    if (ends - begins > longest_life && !is_self_signed(leaf)) {
      certificate_doubt("certificate-long-lived",
                        "this certificate is valid for " +
                            std::to_string(std::chrono::duration_cast<days>(ends - begins).count()) +
                            " days: browsers refuse those of public authorities above 398");
    }
    if (is_weakly_signed(leaf)) {
      certificate_error("certificate-weakly-signed", "this certificate is signed with MD5 or SHA-1: clients refuse it");
    }
  }

  /// RFC 8446 section 4.4.2: each certificate should certify the one before it. Clients that repair an order that is
  /// wrong are not all clients.
  void about_chain(const loaded_certificate& c) {
    X509* below = c.leaf.get();
    for (const x509_ptr& above : c.chain) {
      if (X509_check_issued(above.get(), below) != X509_V_OK) {
        return certificate_error("chain-out-of-order",
                                 "the certificates in this file are no chain: each must be signed by the one behind "
                                 "it, the server's own first");
      }
      below = above.get();
    }
    if (!is_self_signed(c.leaf.get()) && c.chain.empty()) {
      certificate_doubt("chain-missing",
                        "this file has no intermediate certificate behind the server's own: clients that do not know "
                        "its issuer refuse it",
                        "the fullchain file of your authority");
    }
  }

  void about_key(loaded_certificate& c) {
    if (X509_check_private_key(c.leaf.get(), c.key.get()) != 1) {
      key_error("key-mismatch", "this private key does not belong to " + files_.certificate);
      return;
    }
    c.key_kind = EVP_PKEY_get_base_id(c.key.get());
    const int bits = EVP_PKEY_get_bits(c.key.get());
    const bool rsa = c.key_kind == EVP_PKEY_RSA || c.key_kind == EVP_PKEY_RSA_PSS;
    if ((rsa && bits < least_rsa_bits) || (!rsa && bits < least_ec_bits - 3)) {  // Ed25519 says 253
      key_error("key-too-small",
                "this private key has " + std::to_string(bits) + " bits; at least 2048 (RSA) or 256 (EC) are needed");
    }
  }

  const certificate_files& files_;
  system_time now_;
  config_errors& errors_;
  config_errors& doubts_;
};

/// What an authority cannot be used for; nothing is wrong: an empty code.
config_error judge_authority(X509* c, system_time now) {
  const auto wrong = [](std::string code, std::string message) {
    return config_error{
        .key = {}, .value = {}, .code = std::move(code), .message = std::move(message), .suggestion = {}};
  };
  if (X509_check_ca(c) != 1) {
    return wrong("not-an-authority",
                 "it may not issue certificates (basicConstraints, keyUsage): only authorities belong here");
  }
  const EVP_PKEY* const key = X509_get0_pubkey(c);
  const int kind = key == nullptr ? 0 : EVP_PKEY_get_base_id(key);
  const int least = kind == EVP_PKEY_RSA || kind == EVP_PKEY_RSA_PSS ? least_rsa_bits : least_ec_bits - 3;
  if (key == nullptr || EVP_PKEY_get_bits(key) < least) {
    return wrong("key-too-small", "its key is too small; at least 2048 bits (RSA) or 256 (EC) are needed");
  }
  if (const system_time end = certificate_end(c); end <= now) {
    return wrong("certificate-expired", "it expired on " + date_text(end));
  }
  const system_time begins = time_of(X509_get0_notBefore(c));
  if (begins <= now) return {};
  return wrong("certificate-not-yet-valid", "it is valid only from " + date_text(begins));
}

}  // namespace

system_time certificate_end(const X509* certificate) { return time_of(X509_get0_notAfter(certificate)); }

std::vector<x509_ptr> load_authorities(const authority_file& from, system_time now, config_errors& errors,
                                       config_errors& doubts) {
  std::string why;
  const auto file = read_file(from.path, why);
  if (!file) {
    errors.push_back(problem(from.key, from.file, "cannot-read", "these authorities cannot be read: " + why));
    return {};
  }
  std::vector<x509_ptr> all = read_certificates(file->text);
  if (all.empty()) {
    errors.push_back(problem(from.key, from.file, "not-a-certificate", "there is no PEM certificate in this file"));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    X509* const one = all[i].get();
    const std::string which = "certificate " + std::to_string(i + 1) + " of this file (" + common_name_of(one) + "): ";
    const config_error wrong = judge_authority(one, now);
    if (!wrong.code.empty()) {
      errors.push_back(problem(from.key, from.file, wrong.code, which + wrong.message));
    } else if (certificate_end(one) - now < warned_before) {
      doubts.push_back(problem(from.key, from.file, "certificate-expires",
                               which + "it expires on " + date_text(certificate_end(one))));
    }
  }
  ERR_clear_error();
  return all;
}

loaded_certificate load_certificate(const certificate_files& files, system_time now, config_errors& errors,
                                    config_errors& doubts) {
  return judge(files, now, errors, doubts).load();
}

result<std::vector<x509_ptr>, std::string> read_certificate_file(const std::string& path) {
  std::string why;
  const auto file = read_file(path, why);
  if (!file) return failure{std::move(why)};
  return read_certificates(file->text);
}

host_names hosts_of(const X509* certificate) { return names_of(certificate); }

std::string text_of(const ASN1_TIME* t) { return date_text(time_of(t)); }

}  // namespace gatehouse::detail::net
