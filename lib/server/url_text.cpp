#include "url_text.hpp"

#include <cstddef>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/utf8.hpp>

namespace gatehouse::detail::server {
namespace {

/// One byte of `text`, decoded and taken off its front; -1 when "%" is not followed by two hexadecimal digits.
int next_byte(std::string_view& text, encoding how) noexcept {
  const char first = text.front();
  if (first == '%') {
    if (text.size() < 3) return -1;
    const int high = ascii::hex_value(text[1]);
    const int low = ascii::hex_value(text[2]);
    if (high < 0 || low < 0) return -1;
    text.remove_prefix(3);
    return high * 16 + low;
  }
  text.remove_prefix(1);
  return first == '+' && how == encoding::form ? ' ' : static_cast<unsigned char>(first);
}

bool has_encodings(std::string_view text, encoding how) noexcept {
  return text.find('%') != std::string_view::npos ||
         (how == encoding::form && text.find('+') != std::string_view::npos);
}

}  // namespace

decoded decode(std::string_view text, encoding how, arena& memory, std::string_view& out) noexcept {
  out = text;
  if (has_encodings(text, how)) {
    char* const begin = memory.allocate(text.size());  // decoding only shortens
    if (begin == nullptr) return decoded::no_memory;
    char* at = begin;
    while (!text.empty()) {
      const int byte = next_byte(text, how);
      if (byte < 0) return decoded::invalid;
      *at++ = static_cast<char>(static_cast<unsigned char>(byte));
    }
    out = {begin, static_cast<std::size_t>(at - begin)};
  }
  return is_plain_utf8(out) ? decoded::ok : decoded::invalid;
}

bool is_key(std::string_view text, std::string_view name, encoding how) noexcept {
  while (!text.empty() && !name.empty()) {
    if (next_byte(text, how) != static_cast<unsigned char>(name.front())) return false;
    name.remove_prefix(1);
  }
  return text.empty() && name.empty();
}

bool is_plain_utf8(std::string_view text) noexcept {
  return text.find('\0') == std::string_view::npos && is_utf8(text);
}

}  // namespace gatehouse::detail::server
