#pragma once
// UTF-8 (RFC 3629), for all who must not be fooled by a bad sequence: targets, JSON, parameters, the log.

#include <cstddef>
#include <string_view>

namespace gatehouse {

/// The size of the valid sequence that `text` begins with: 1 to 4, or 0 when it is none. Overlong forms, surrogates and
/// code points above U+10FFFF are none (RFC 3629 section 4).
[[nodiscard]] constexpr std::size_t utf8_sequence_size(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [byte](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  const unsigned first = byte(0);
  if (text.empty()) return 0;
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;  // a continuation, or C0 and C1: overlong ASCII
  if (first < 0xe0) return tail(1) ? 2 : 0;
  if (first < 0xf0) {
    if (first == 0xe0 && byte(1) < 0xa0) return 0;   // overlong
    if (first == 0xed && byte(1) >= 0xa0) return 0;  // surrogates
    return tail(1) && tail(2) ? 3 : 0;
  }
  if (first > 0xf4) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;   // overlong
  if (first == 0xf4 && byte(1) >= 0x90) return 0;  // above U+10FFFF
  return tail(1) && tail(2) && tail(3) ? 4 : 0;
}

/// The code point of a whole sequence: `sequence.size()` is what utf8_sequence_size() said of it.
[[nodiscard]] constexpr char32_t utf8_code_point(std::string_view sequence) noexcept {
  const auto first = static_cast<unsigned char>(sequence.front());
  if (sequence.size() == 1) return first;
  char32_t point = first & (0x7fU >> sequence.size());
  for (const char c : sequence.substr(1)) point = point << 6U | (static_cast<unsigned char>(c) & 0x3fU);
  return point;
}

/// How many bytes of `text`, which begins with no valid sequence, one U+FFFD stands for: the longest beginning of a
/// valid sequence, or one byte that begins none. 1 to 3; 0 only when `text` is empty. So browsers decode, too (Unicode
/// 16 section 3.9, "U+FFFD Substitution of Maximal Subparts"; https://encoding.spec.whatwg.org/#utf-8-decoder).
[[nodiscard]] constexpr std::size_t utf8_bad_size(std::string_view text) noexcept {
  if (text.size() < 2) return text.size();
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0xe0 || first > 0xf4) return 1;  // of two bytes the second is what is wrong
  const unsigned lowest = first == 0xe0 ? 0xa0U : first == 0xf0 ? 0x90U : 0x80U;
  const unsigned highest = first == 0xed ? 0x9fU : first == 0xf4 ? 0x8fU : 0xbfU;
  if (byte(1) < lowest || byte(1) > highest) return 1;
  const bool third = first >= 0xf0 && text.size() > 2 && (byte(2) & 0xc0U) == 0x80U;
  return third ? 3 : 2;
}

/// Calls `visit(sequence)` for each valid sequence of `text`, and `visit("")` where a U+FFFD stands for what is none.
template <typename Visit>
constexpr void for_each_utf8_sequence(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t size = utf8_sequence_size(text);
    visit(text.substr(0, size));
    text.remove_prefix(size == 0 ? utf8_bad_size(text) : size);
  }
}

/// Whether all of `text` is valid sequences. NUL is one.
[[nodiscard]] constexpr bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t size = utf8_sequence_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

static_assert(utf8_sequence_size("a") == 1 && utf8_sequence_size("\xc3\xa9") == 2 &&
              utf8_sequence_size("\xe2\x82\xac") == 3);
static_assert(utf8_sequence_size("\xf0\x9f\x98\x80") == 4 && utf8_sequence_size("\xc0\xaf") == 0);
static_assert(utf8_sequence_size("\xed\xa0\x80") == 0 && utf8_sequence_size("\xf4\x90\x80\x80") == 0);
static_assert(utf8_sequence_size("\xe2\x82") == 0 && utf8_sequence_size("") == 0 && utf8_sequence_size("\x80") == 0);
static_assert(utf8_bad_size("") == 0 && utf8_bad_size("\xff") == 1 && utf8_bad_size("\xc0\xaf") == 1);
static_assert(utf8_bad_size("\xe2\x82") == 2 && utf8_bad_size("\xe2\x82\"") == 2 && utf8_bad_size("\xe0\x80\x80") == 1);
static_assert(utf8_bad_size("\xed\xa0\x80") == 1 && utf8_bad_size("\xf0\x9f\x98") == 3);
static_assert(utf8_bad_size("\xf4\x90\x80\x80") == 1 && utf8_bad_size("\xf0\x9f"
                                                                      "a") == 2);
static_assert(utf8_code_point("a") == U'a' && utf8_code_point("\xc3\xa9") == 0xe9);
static_assert(utf8_code_point("\xe2\x82\xac") == 0x20ac && utf8_code_point("\xf0\x9f\x98\x80") == 0x1f600);
static_assert(is_utf8("") && is_utf8("a\xe2\x82\xac") && !is_utf8("a\xe2\x82") && !is_utf8("\xff"));

}  // namespace gatehouse
