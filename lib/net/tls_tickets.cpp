#include "tls_tickets.hpp"

#include <algorithm>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/rand.h>

namespace gatehouse {

std::shared_ptr<tls_ticket_keys> tls_ticket_keys::make() { return std::make_shared<detail::net::ticket_keys>(); }

}  // namespace gatehouse

namespace gatehouse::detail::net {
namespace {

bool fill(auto& bytes) noexcept { return RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1; }

bool set_mac_key(EVP_MAC_CTX* mac, std::array<unsigned char, 32>& key) noexcept {
  char digest[] = "SHA256";
  const std::array parameters{OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.data(), key.size()),
                              OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                              OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, parameters.data()) == 1;
}

}  // namespace

ticket_keys::~ticket_keys() {
  for (auto& k : keys_) {
    if (k) OPENSSL_cleanse(&*k, sizeof *k);
  }
}

// Forward secrecy of resumed TLS 1.2 sessions ends where a ticket key leaks: so keys are young, and gone after twice
// their time.
void ticket_keys::rotate(steady_time now) {
  if (keys_[0] && now < keys_[0]->made + rotation) return;
  key next{.made = now};
  if (!fill(next.name) || !fill(next.cipher) || !fill(next.mac)) return;
  if (keys_[1]) OPENSSL_cleanse(&*keys_[1], sizeof *keys_[1]);
  keys_[1] = std::exchange(keys_[0], next);
}

std::optional<ticket_keys::key> ticket_keys::current(steady_time now) {
  const std::scoped_lock lock(mutex_);
  rotate(now);
  return keys_[0];
}

std::optional<ticket_keys::opened> ticket_keys::find(const unsigned char* name, steady_time now) {
  const std::scoped_lock lock(mutex_);
  rotate(now);
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (!keys_[i] || now >= keys_[i]->made + 2 * rotation) continue;
    if (std::equal(keys_[i]->name.begin(), keys_[i]->name.end(), name)) return opened{*keys_[i], i != 0};
  }
  return std::nullopt;
}

int ticket_keys::prepare(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, bool seal,
                         steady_time now) {
  constexpr int failed = -1;
  constexpr int none = 0;  // a full handshake
  constexpr int used = 1;
  constexpr int renewed = 2;
  if (seal) {
    auto with = current(now);
    if (!with || RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return none;
    std::ranges::copy(with->name, name);
    if (EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, with->cipher.data(), iv) != 1) return failed;
    return set_mac_key(mac, with->mac) ? used : failed;
  }
  auto found = find(name, now);
  if (!found) return none;
  if (EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, found->with.cipher.data(), iv) != 1) return failed;
  if (!set_mac_key(mac, found->with.mac)) return failed;
  return found->renew ? renewed : used;
}

}  // namespace gatehouse::detail::net
