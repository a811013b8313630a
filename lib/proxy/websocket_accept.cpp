#include "websocket_accept.hpp"

#include <algorithm>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>

namespace gatehouse::detail::proxy {
namespace {

using ascii::equal_ignoring_case;

constexpr std::string_view websocket_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 section 1.3
constexpr std::size_t key_size = 24;

/// Whether some element of the lists in the lines of `id` fulfils `condition`.
template <typename Condition>
bool any_element(const fields& f, field id, Condition condition) noexcept {
  bool found = false;
  f.for_each(id, [&](std::string_view list) {
    grammar::for_each_element(list, [&](std::string_view element) {
      found = found || condition(element);
      return !found;
    });
  });
  return found;
}

/// "permessage-deflate; client_max_window_bits" -> "permessage-deflate".
std::string_view extension_name(std::string_view extension) noexcept {
  return ascii::trim(extension.substr(0, extension.find(';')));
}

bool accepts(const fields& asked, const fields& answer) noexcept {
  const auto key = asked.get(field::sec_websocket_key);
  if (!key || key->size() != key_size || answer.count(field::sec_websocket_accept) != 1) return false;
  const auto wanted = websocket_accept(*key);
  return *answer.get(field::sec_websocket_accept) == std::string_view{wanted.data(), wanted.size()};
}

/// At most one, and one of those offered. Case-sensitive (RFC 6455 section 4.1 step 6 of the answer's checks).
bool protocol_was_offered(const fields& asked, const fields& answer) noexcept {
  const std::size_t count = answer.count(field::sec_websocket_protocol);
  if (count == 0) return true;
  const std::string_view chosen = *answer.get(field::sec_websocket_protocol);
  return count == 1 &&
         any_element(asked, field::sec_websocket_protocol, [&](std::string_view p) { return p == chosen; });
}

/// Names only: what the parameters mean is between the ends. A comma inside a quoted parameter makes a "name" that
/// nobody offered, so the odd case is refused.
bool extensions_were_offered(const fields& asked, const fields& answer) noexcept {
  const auto not_offered = [&](std::string_view extension) {
    const std::string_view name = extension_name(extension);
    return !any_element(asked, field::sec_websocket_extensions,
                        [&](std::string_view e) { return equal_ignoring_case(extension_name(e), name); });
  };
  return !any_element(answer, field::sec_websocket_extensions, not_offered);
}

}  // namespace

std::array<char, websocket_accept_size> websocket_accept(std::string_view key) noexcept {
  std::array<unsigned char, key_size + websocket_guid.size()> text{};
  const std::size_t used = std::min(key.size(), key_size);
  std::copy_n(key.begin(), used, text.begin());
  std::ranges::copy(websocket_guid, text.begin() + static_cast<std::ptrdiff_t>(used));
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  ::SHA1(text.data(), used + websocket_guid.size(), digest.data());

  std::array<unsigned char, websocket_accept_size + 1> encoded{};  // EVP_EncodeBlock writes a terminator
  ::EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
  std::array<char, websocket_accept_size> out{};
  std::copy_n(encoded.begin(), out.size(), out.begin());
  return out;
}

bool is_verified_upgrade(const fields& asked, const fields& answer) noexcept {
  const bool upgrades = answer.count(field::upgrade) == 1 &&
                        equal_ignoring_case(*answer.get(field::upgrade), "websocket");
  const bool connection_says_so = any_element(
      answer, field::connection, [](std::string_view option) { return equal_ignoring_case(option, "upgrade"); });
  return upgrades && connection_says_so && accepts(asked, answer) && protocol_was_offered(asked, answer) &&
         extensions_were_offered(asked, answer);
}

}  // namespace gatehouse::detail::proxy
