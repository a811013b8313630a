#include <gatehouse/net/development_certificate.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "openssl.hpp"
#include "socket.hpp"
#include "tls_certificate.hpp"

namespace gatehouse {
namespace {

using detail::net::bio_ptr;
using detail::net::certificate_files;
using detail::net::development_organisation;
using detail::net::load_certificate;
using detail::net::loaded_certificate;
using detail::net::openssl_error;
using detail::net::private_key_ptr;
using detail::net::unique_fd;
using detail::net::x509_ptr;

constexpr long authority_days = 3'650;
constexpr long certificate_days = 365;
constexpr std::chrono::hours kept_with{30 * 24};
constexpr mode_t for_everybody = 0644;
constexpr mode_t for_the_user = 0600;

config_error failed(const std::string& where, std::string code, std::string message, std::string suggestion = {}) {
  return {.key = "tls",
          .value = where,
          .code = std::move(code),
          .message = where + ": " + std::move(message),
          .suggestion = std::move(suggestion)};
}

struct pair {
  x509_ptr certificate{};
  private_key_ptr key{};
  explicit operator bool() const noexcept { return certificate != nullptr && key != nullptr; }
};

struct wish {
  std::string name;
  std::string names;    // subjectAltName; empty: an authority
  const char* purpose;  // extendedKeyUsage, of no authority
  const pair* issuer;   // null: signs itself
  long days;
};

bool add_extension(X509* c, X509V3_CTX& context, int id, const std::string& value) {
  X509_EXTENSION* const e = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  if (e == nullptr) return false;
  const bool added = X509_add_ext(c, e, -1) == 1;
  X509_EXTENSION_free(e);
  return added;
}

bool set_serial(X509* c) {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
  bytes[0] &= 0x7f;  // a positive number (RFC 5280 section 4.1.2.2)
  BIGNUM* const number = BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
  const bool set = number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(c)) != nullptr;
  BN_free(number);
  return set;
}

bool set_name(X509* c, const std::string& common_name) {
  X509_NAME* const name = X509_get_subject_name(c);
  const auto add = [name](const char* what, const std::string& text) {
    return X509_NAME_add_entry_by_txt(name, what, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.c_str()),
                                      static_cast<int>(text.size()), -1, 0) == 1;
  };
  return add("O", development_organisation) && add("CN", common_name);
}

pair make_pair_of(const wish& w, system_time now) {
  pair out;
  out.key.reset(EVP_EC_gen("P-256"));
  out.certificate.reset(X509_new());
  X509* const c = out.certificate.get();
  if (!out) return {};
  std::time_t begins = std::chrono::system_clock::to_time_t(now) - 3'600;  // clocks differ
  const bool authority = w.names.empty();
  X509* const issuer = w.issuer == nullptr ? c : w.issuer->certificate.get();
  bool made = X509_set_version(c, X509_VERSION_3) == 1 && set_serial(c) &&
              X509_time_adj_ex(X509_getm_notBefore(c), 0, 0, &begins) != nullptr &&
              X509_time_adj_ex(X509_getm_notAfter(c), static_cast<int>(w.days), 0, &begins) != nullptr &&
              set_name(c, w.name) && X509_set_issuer_name(c, X509_get_subject_name(issuer)) == 1 &&
              X509_set_pubkey(c, out.key.get()) == 1;
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, c, nullptr, nullptr, 0);
  const auto extension = [&](int id, const std::string& value) { made = made && add_extension(c, context, id, value); };
  extension(NID_basic_constraints, authority ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE");
  extension(NID_key_usage, authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
  extension(NID_subject_key_identifier, "hash");
  if (!authority) {
    extension(NID_authority_key_identifier, "keyid");
    extension(NID_ext_key_usage, w.purpose);
    extension(NID_subject_alt_name, w.names);
  }
  EVP_PKEY* const signer = w.issuer == nullptr ? out.key.get() : w.issuer->key.get();
  made = made && X509_sign(c, signer, EVP_sha256()) > 0;
  return made ? std::move(out) : pair{};
}

std::string text_of(const bio_ptr& from) {
  char* data = nullptr;
  const long size = BIO_ctrl(from.get(), BIO_CTRL_INFO, 0, static_cast<void*>(&data));
  return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  const bio_ptr out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(out.get(), certificate);
  return text_of(out);
}

std::string pem_of(EVP_PKEY* key) {
  const bio_ptr out(BIO_new(BIO_s_secmem()));
  PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(out);
}

/// Whole or not at all, and never for a moment with another mode. Returns 0 or errno.
int write_file(const std::string& path, const std::string& text, mode_t mode) {
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  const unique_fd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd) return errno;
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t n = ::write(fd.get(), rest.data(), rest.size());
    if (n < 0) return errno;
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fchmod(fd.get(), mode) != 0) return errno;
  return ::rename(fresh.c_str(), path.c_str()) == 0 ? 0 : errno;
}

/// Who may write there can have us serve, and our user trust, what he likes.
result<void, config_error> open_folder(const std::string& folder) {
  std::error_code why;
  const std::filesystem::path parent = std::filesystem::path(folder).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, why);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return failure{failed(folder, "cannot-make-folder", std::strerror(errno))};
  }
  struct stat about{};
  if (::stat(folder.c_str(), &about) != 0) return failure{failed(folder, "cannot-make-folder", std::strerror(errno))};
  if (!S_ISDIR(about.st_mode) || about.st_uid != ::geteuid() || (about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return failure{failed(folder, "unsafe-folder", "this must be a folder that only its user may write to",
                          "chmod 700 " + folder)};
  }
  return {};
}

pair read_pair(const std::string& certificate, const std::string& key) {
  pair out;
  const bio_ptr c(BIO_new_file(certificate.c_str(), "r"));
  const bio_ptr k(BIO_new_file(key.c_str(), "r"));
  if (c != nullptr) out.certificate.reset(PEM_read_bio_X509(c.get(), nullptr, nullptr, nullptr));
  if (k != nullptr) out.key.reset(PEM_read_bio_PrivateKey(k.get(), nullptr, nullptr, nullptr));
  const bool fits = out && X509_check_private_key(out.certificate.get(), out.key.get()) == 1 &&
                    X509_cmp_current_time(X509_get0_notAfter(out.certificate.get())) > 0;
  ERR_clear_error();
  return fits ? std::move(out) : pair{};
}

struct open_authority_result {
  pair signer;
  bool is_new = false;
};

/// That of the folder; made where there is none.
result<open_authority_result, config_error> open_authority(const std::string& folder, system_time now) {
  if (folder.empty()) {
    return failure{failed("~", "no-folder", "this user has no home folder, and XDG_DATA_HOME is not set")};
  }
  if (const auto opened = open_folder(folder); !opened) return failure{opened.error()};
  const std::string file = folder + "/ca.pem";
  const std::string key = folder + "/ca.key";
  open_authority_result out{.signer = read_pair(file, key)};
  if (out.signer) return out;
  const char* const user = ::getlogin();
  out.signer = make_pair_of({.name = std::string{"Gatehouse development CA"} + (user ? std::string{" of "} + user : ""),
                             .names = {},
                             .purpose = nullptr,
                             .issuer = nullptr,
                             .days = authority_days},
                            now);
  if (!out.signer) return failure{failed(folder, "cannot-make", openssl_error("OpenSSL does not say why"))};
  int error = write_file(key, pem_of(out.signer.key.get()), for_the_user);
  if (error == 0) error = write_file(file, pem_of(out.signer.certificate.get()), for_everybody);
  if (error != 0) return failure{failed(folder, "cannot-write", std::strerror(error))};
  out.is_new = true;
  return out;
}

bool is_for(const host_names& all, const std::string& name) {
  const auto address = ip_address::parse(name);
  return address ? all.covers(*address) : all.covers(name);
}

/// As OpenSSL's configuration has them; it splits at commas, so names are checked first.
std::string alternative_names(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out.append(out.empty() ? "" : ",").append(ip_address::parse(name) ? "IP:" : "DNS:").append(name);
  }
  return out;
}

bool is_name(const std::string& name) {
  host_names one;
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._*";
  return ip_address::parse(name) || (name.find_first_not_of(allowed) == std::string::npos && one.add(name));
}

}  // namespace

std::string development_folder(const char* xdg_data_home, const char* home) {
  const auto is_absolute = [](const char* path) { return path != nullptr && *path == '/'; };
  if (is_absolute(xdg_data_home)) return std::string{xdg_data_home} + "/gatehouse/dev";
  if (is_absolute(home)) return std::string{home} + "/.local/share/gatehouse/dev";
  return {};
}

result<development_certificate, config_error> make_development_certificate(const std::string& folder,
                                                                           const std::vector<std::string>& names,
                                                                           system_time now) {
  std::vector<std::string> wanted{"localhost", "127.0.0.1", "::1"};
  for (const std::string& name : names) {
    if (!is_name(name)) return failure{failed(name, "not-a-name", "a certificate cannot be for this")};
    if (std::ranges::find(wanted, name) == wanted.end()) wanted.push_back(name);
  }
  development_certificate out{
      .authority = folder + "/ca.pem", .certificate = folder + "/cert.pem", .key = folder + "/key.pem"};
  const auto authority = open_authority(folder, now);
  if (!authority) return failure{authority.error()};
  out.new_authority = authority->is_new;
  int error = 0;

  const certificate_files files{
      .certificate = out.certificate, .certificate_path = out.certificate, .key = out.key, .key_path = out.key};
  config_errors wrong;
  config_errors doubts;
  loaded_certificate there = load_certificate(files, now, wrong, doubts);
  const bool keeps = !out.new_authority && wrong.empty() && there.about.not_after - now > kept_with &&
                     std::ranges::all_of(wanted, [&](const std::string& n) { return is_for(there.about.names, n); });
  if (!keeps) {
    const pair made = make_pair_of({.name = names.empty() ? "localhost" : names.front(),
                                    .names = alternative_names(wanted),
                                    .purpose = "serverAuth",
                                    .issuer = &authority->signer,
                                    .days = certificate_days},
                                   now);
    if (!made) return failure{failed(folder, "cannot-make", openssl_error("OpenSSL does not say why"))};
    error = write_file(out.key, pem_of(made.key.get()), for_the_user);
    if (error == 0) {
      error = write_file(out.certificate, pem_of(made.certificate.get()) + pem_of(authority->signer.certificate.get()),
                         for_everybody);
    }
    if (error != 0) return failure{failed(folder, "cannot-write", std::strerror(error))};
    out.new_certificate = true;
    wrong.clear();
    there = load_certificate(files, now, wrong, doubts);
    if (!wrong.empty()) return failure{failed(folder, wrong.front().code, wrong.front().message)};
  }
  out.names = there.about.names.to_text();
  out.not_after = there.about.not_after;
  return out;
}

result<development_client, config_error> make_development_client(const std::string& folder, const std::string& name,
                                                                 system_time now) {
  if (!is_name(name) || ip_address::parse(name) || name.find('*') != std::string::npos) {
    return failure{
        failed(name, "not-a-name", "a client has a name as a host has one: letters, digits, dots and \"-\"")};
  }
  const auto authority = open_authority(folder, now);
  if (!authority) return failure{authority.error()};
  const pair made = make_pair_of({.name = name,
                                  .names = alternative_names({name}),
                                  .purpose = "clientAuth",
                                  .issuer = &authority->signer,
                                  .days = certificate_days},
                                 now);
  if (!made) return failure{failed(folder, "cannot-make", openssl_error("OpenSSL does not say why"))};
  development_client out{.certificate = folder + "/client-" + name + ".pem",
                         .key = folder + "/client-" + name + ".key"};
  int error = write_file(out.key, pem_of(made.key.get()), for_the_user);
  if (error == 0) error = write_file(out.certificate, pem_of(made.certificate.get()), for_everybody);
  if (error != 0) return failure{failed(folder, "cannot-write", std::strerror(error))};
  return out;
}

}  // namespace gatehouse
