#pragma once
// Signed CSRF tokens: proof that a request was made by who could read one of our own answers. For browsers that do not
// say where a request comes from, and for routes that want a second proof: docs/csrf.md

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/random.hpp>
#include <gatehouse/base/result.hpp>

namespace gatehouse {

inline constexpr std::size_t csrf_token_size = 87;      ///< characters of every token
inline constexpr std::size_t min_csrf_key_bytes = 32;   ///< as long as what it signs with gives (RFC 2104 section 3)
inline constexpr std::size_t max_csrf_keys = 8;         ///< each is tried for every token
inline constexpr std::size_t csrf_random_id_size = 43;  ///< characters: 256 bits

/// The keys that tokens are signed with. Immutable, shared by all threads.
///
/// A token is base64url( 0x01, r[32], HMAC-SHA256(key, "gatehouse-csrf-v1", 0x00, u32be(length of id), id, r) ), 87
/// characters; `id` names the session that it is for, `r` is new for each token. So two answers never hold the same
/// secret (BREACH), and nothing is kept anywhere. It has no end of its own: it ends with its session or its key.
class csrf_keyring {
 public:
  /// The first of `keys` issues, all of them verify: a new one is put in front, and the old one taken out when no page
  /// has a token of it any more. Errors, one a key, for "csrf.token_keys[i]" and never with its text: too short
  /// (min_csrf_key_bytes), a pattern or few different bytes, a placeholder, twice; no key or too many of them.
  [[nodiscard]] static result<csrf_keyring, config_errors> make(std::vector<std::string> keys);

  /// A token for the session of this id: 87 characters of base64url. Ends the process where OpenSSL has no HMAC-SHA256.
  [[nodiscard]] std::string issue(std::string_view session_id, random_source& random) const;

  /// Whether one of the keys issued it for the session of this id. Takes as long for a wrong one as for a right one;
  /// what is not 87 characters of canonical base64url (RFC 4648 section 3.5) is refused before that. An empty id is
  /// nobody's: false.
  [[nodiscard]] bool verify(std::string_view token, std::string_view session_id) const;

 private:
  explicit csrf_keyring(std::vector<std::string> keys) : keys_(std::move(keys)) {}
  std::vector<std::string> keys_;
};

/// The id of the session that a cookie of this value belongs to: its SHA-256, 32 bytes. It changes at login, as the
/// cookie has to (OWASP, session fixation).
[[nodiscard]] std::string csrf_session_id(std::string_view cookie_value);

/// The id of who has no session yet: 256 random bits in base64url.
[[nodiscard]] std::string random_csrf_id(random_source& random);
/// Whether this could be such an id: of its length and alphabet.
[[nodiscard]] bool is_random_csrf_id(std::string_view text) noexcept;

}  // namespace gatehouse
