#pragma once
// The ABNF of RFC 9110 that more than one place needs. Pure and constexpr.

#include <string_view>
#include <type_traits>

#include <gatehouse/base/byte_words.hpp>

namespace gatehouse::grammar {

/// tchar, RFC 9110 section 5.6.2.
[[nodiscard]] constexpr bool is_token_char(char c) noexcept {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  switch (c) {
    case '!':
    case '#':
    case '$':
    case '%':
    case '&':
    case '\'':
    case '*':
    case '+':
    case '-':
    case '.':
    case '^':
    case '_':
    case '`':
    case '|':
    case '~': return true;
    default: return false;
  }
}
[[nodiscard]] constexpr bool is_token(std::string_view text) noexcept {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!is_token_char(c)) return false;
  }
  return true;
}

/// A byte that may stand in a field value (RFC 9110 section 5.5): visible, SP, TAB, or 0x80 and above (obs-text).
[[nodiscard]] constexpr bool is_field_value_char(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}
[[nodiscard]] constexpr bool is_field_value(std::string_view text) noexcept {
  // OPTIMIZATION: every value that is sent comes by here, and hardly one has a TAB.
  if (!std::is_constant_evaluated()) {
    while (text.size() >= 8 && !byte_words::may_have_control(byte_words::load(text.data()))) text.remove_prefix(8);
  }
  for (const char c : text) {
    if (!is_field_value_char(c)) return false;
  }
  return true;
}

static_assert(is_token("GET") && !is_token("a\r\n") && !is_token("") && !is_token("a b"));

/// Calls `visit(element)` for each element of a comma-separated list (RFC 9110 section 5.6.1), trimmed; empty elements
/// are skipped. Not for lists whose elements contain quoted strings. Returns false as soon as `visit` does.
template <typename Visit>
constexpr bool for_each_element(std::string_view list, Visit visit) {
  while (true) {
    const std::size_t comma = list.find(',');
    std::string_view element = list.substr(0, comma);
    while (!element.empty() && (element.front() == ' ' || element.front() == '\t')) element.remove_prefix(1);
    while (!element.empty() && (element.back() == ' ' || element.back() == '\t')) element.remove_suffix(1);
    if (!element.empty() && !visit(element)) return false;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace gatehouse::grammar
