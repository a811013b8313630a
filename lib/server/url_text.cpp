#include "url_text.hpp"

#include <cstddef>

#include <gatehouse/base/ascii.hpp>

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

/// The smallest and largest second byte behind a first one: what keeps overlong forms, surrogates and code points above
/// U+10FFFF out (Unicode, table 3-7). `size` 0: the byte begins no sequence.
struct sequence {
  std::size_t size = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
};
constexpr sequence sequence_of(unsigned char first) noexcept {
  if (first < 0x80) return {.size = 1};
  if (first < 0xc2) return {};
  if (first < 0xe0) return {.size = 2};
  if (first == 0xe0) return {.size = 3, .low = 0xa0};
  if (first == 0xed) return {.size = 3, .high = 0x9f};
  if (first < 0xf0) return {.size = 3};
  if (first == 0xf0) return {.size = 4, .low = 0x90};
  if (first < 0xf4) return {.size = 4};
  if (first == 0xf4) return {.size = 4, .high = 0x8f};
  return {};
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
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const sequence s = sequence_of(byte(i));
    if (s.size == 0 || s.size > text.size() - i || text[i] == '\0') return false;
    for (std::size_t tail = 1; tail < s.size; ++tail) {
      const unsigned char low = tail == 1 ? s.low : 0x80;
      const unsigned char high = tail == 1 ? s.high : 0xbf;
      if (byte(i + tail) < low || byte(i + tail) > high) return false;
    }
    i += s.size;
  }
  return true;
}

}  // namespace gatehouse::detail::server
