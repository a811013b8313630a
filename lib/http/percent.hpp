#pragma once

#include <string>

namespace gatehouse::detail::http {

/// "%XX" of one byte, digits in capitals (RFC 3986 section 2.1).
inline void append_percent(std::string& to, char c) {
  constexpr char digits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  to += '%';
  to += digits[byte >> 4U];
  to += digits[byte & 0xfU];
}

}  // namespace gatehouse::detail::http
