#pragma once
// base64, RFC 4648 section 4, as byte sequences of structured fields have it. Pure.

#include <optional>
#include <string>
#include <string_view>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse::detail::http {

/// One character of an encoding, its padding included.
[[nodiscard]] constexpr bool is_base64_char(char c) noexcept {
  return ascii::is_alnum(c) || c == '+' || c == '/' || c == '=';
}

/// Appends the encoding of `bytes`, padded.
void append_base64(std::string& out, std::string_view bytes);

/// The bytes that `text` encodes. Nothing when a character is not of the alphabet, a last group has one character, or
/// padding is not that of its group. Padding may be left out, and the bits that a last character has too many may be
/// set: see the caller.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace gatehouse::detail::http
