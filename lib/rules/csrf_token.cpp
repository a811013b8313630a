#include <gatehouse/rules/csrf_token.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/base/assert.hpp>

#include "suggest.hpp"

namespace gatehouse {
namespace {

using namespace detail::rules;

constexpr std::string_view label{"gatehouse-csrf-v1\0", 18};
constexpr char version = 1;
constexpr std::size_t random_bytes = 32;
constexpr std::size_t bytes = 1 + random_bytes + SHA256_DIGEST_LENGTH;
static_assert(csrf_token_size == (bytes * 8 + 5) / 6 && csrf_random_id_size == (random_bytes * 8 + 5) / 6);
// In groups of base64: three bytes become four characters.
constexpr std::size_t padded_bytes = (bytes + 2) / 3 * 3;
constexpr std::size_t padded_size = padded_bytes / 3 * 4;

using token_bytes = std::array<char, bytes>;
using tag = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

const unsigned char* octets(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool is_base64url(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
}

/// RFC 4648 section 5, without padding. `raw` is no longer than a token.
std::string base64url(std::string_view raw) {
  std::array<unsigned char, padded_size + 1> text{};  // EVP_EncodeBlock writes a terminator
  ::EVP_EncodeBlock(text.data(), octets(raw), static_cast<int>(raw.size()));
  std::string out(reinterpret_cast<const char*>(text.data()), (raw.size() * 8 + 5) / 6);
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  return out;
}

/// Nothing when it is not the one text of these bytes: the last character has two bits to spare, and a token that can
/// be written in four ways would be four tokens to whoever compares them.
std::optional<token_bytes> decoded(std::string_view token) {
  if (token.size() != csrf_token_size || !is_base64url(token)) return std::nullopt;
  std::string text{token};
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.append(padded_size - csrf_token_size, '=');
  std::array<unsigned char, padded_bytes> raw{};
  const int size = ::EVP_DecodeBlock(raw.data(), octets(text), static_cast<int>(text.size()));
  if (size != static_cast<int>(padded_bytes)) return std::nullopt;
  token_bytes out{};
  std::copy_n(raw.begin(), out.size(), out.begin());
  if (base64url({out.data(), out.size()}) != token) return std::nullopt;
  return out;
}

tag sign(std::string_view key, std::string_view session_id, std::string_view random) {
  // The length in front of the id: no id and no random bytes together are another id with other ones.
  const auto length = static_cast<std::uint32_t>(session_id.size());
  std::string message{label};
  for (const unsigned shift : {24U, 16U, 8U, 0U}) message += static_cast<char>(length >> shift & 0xffU);
  message.append(session_id).append(random);
  tag out{};
  unsigned int size = 0;
  const auto* const made = ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(message),
                                  message.size(), out.data(), &size);
  // A tag of zeros would be everybody's.
  GATEHOUSE_ASSERT(made != nullptr && size == out.size());
  return out;
}

/// "abcabcab": what somebody typed to fill the length. A text of one byte is one, too.
bool is_pattern(std::string_view key) noexcept {
  for (std::size_t period = 1; period <= key.size() / 2; ++period) {
    if (key.substr(period) == key.substr(0, key.size() - period)) return true;
  }
  return false;
}

/// Of 32 random digits of base 16 some 14 differ; fewer than this are no accident (below one in ten million).
bool has_few_bytes(std::string_view key) noexcept {
  constexpr std::size_t fewest = 8;
  std::array<bool, 256> seen{};
  for (const char c : key) seen[static_cast<unsigned char>(c)] = true;
  return static_cast<std::size_t>(std::ranges::count(seen, true)) < fewest;
}

/// What examples have in the place of a key. Long enough that no random key has one of them.
bool is_placeholder(std::string_view key) {
  constexpr auto words = std::to_array<std::string_view>(
      {"changeme", "change-me", "change_me", "change this", "replace me", "replace-me", "replaceme", "placeholder",
       "example", "password", "insecure", "your-secret", "your_secret", "yoursecret", "secretkey", "secret-key",
       "secret_key"});
  const std::string lower = lower_case(key);
  return std::ranges::any_of(words, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

struct complaint {
  std::string_view code;
  std::string_view message;
};
/// What is wrong with a key; nothing is: an empty code.
complaint judge(const std::vector<std::string>& keys, std::size_t i) {
  const std::string& key = keys[i];
  if (key.size() < min_csrf_key_bytes) return {"short-key", "A key has at least 32 bytes, or it can be guessed."};
  if (is_pattern(key) || has_few_bytes(key)) return {"weak-key", "Who knows the pattern can write the key."};
  if (is_placeholder(key)) return {"placeholder-key", "This stands in examples: everybody has it."};
  const bool again = std::find(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(i), key) !=
                     keys.begin() + static_cast<std::ptrdiff_t>(i);
  return again ? complaint{"duplicate", "This key is on the list already."} : complaint{};
}

}  // namespace

result<csrf_keyring, config_errors> csrf_keyring::make(std::vector<std::string> keys) {
  config_errors errors;
  const auto refuse = [&errors](std::string key, complaint what) {
    errors.push_back({.key = std::move(key),
                      .code = std::string{what.code},
                      .message = std::string{what.message},
                      .suggestion = "what `openssl rand -base64 32` prints"});
  };
  if (keys.empty()) refuse("csrf.token_keys", {"empty", "Tokens are signed with a key."});
  if (keys.size() > max_csrf_keys) {
    refuse("csrf.token_keys", {"too-many", "At most eight keys: each is tried for every token."});
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const complaint what = judge(keys, i);
    if (!what.code.empty()) refuse("csrf.token_keys[" + std::to_string(i) + ']', what);
  }
  if (!errors.empty()) return failure<config_errors>{std::move(errors)};
  return csrf_keyring{std::move(keys)};
}

std::string csrf_keyring::issue(std::string_view session_id, random_source& random) const {
  GATEHOUSE_ASSERT(!session_id.empty());
  std::array<std::uint8_t, random_bytes> r{};
  random.fill(r);
  std::string raw{version};
  raw.append(r.begin(), r.end());
  const tag signature = sign(keys_.front(), session_id, std::string_view{raw}.substr(1));
  raw.append(signature.begin(), signature.end());
  return base64url(raw);
}

bool csrf_keyring::verify(std::string_view token, std::string_view session_id) const {
  const auto raw = decoded(token);
  if (!raw || raw->front() != version || session_id.empty()) return false;
  const std::string_view all{raw->data(), raw->size()};
  const std::string_view sent = all.substr(1 + random_bytes);
  unsigned found = 0;
  // All of them, whichever it is: how long this takes says nothing.
  for (const std::string& key : keys_) {
    const tag wanted = sign(key, session_id, all.substr(1, random_bytes));
    found |= static_cast<unsigned>(::CRYPTO_memcmp(wanted.data(), sent.data(), wanted.size()) == 0);
  }
  return found != 0;
}

std::string csrf_session_id(std::string_view cookie_value) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  GATEHOUSE_ASSERT(::SHA256(octets(cookie_value), cookie_value.size(), digest.data()) != nullptr);
  return {digest.begin(), digest.end()};
}

std::string random_csrf_id(random_source& random) {
  std::array<std::uint8_t, random_bytes> r{};
  random.fill(r);
  return base64url(std::string(r.begin(), r.end()));
}

bool is_random_csrf_id(std::string_view text) noexcept {
  return text.size() == csrf_random_id_size && is_base64url(text);
}

}  // namespace gatehouse
