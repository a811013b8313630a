#pragma once
// The text of a UUID: 32 digits in groups of 8-4-4-4-12 (RFC 9562 section 4). Copies of known size: for every request.

#include <cstring>

namespace gatehouse::detail::rules {

/// 36 characters from 32 digits.
inline void write_uuid_text(const char* digits, char* to) noexcept {
  std::memcpy(to, digits, 8);
  std::memcpy(to + 9, digits + 8, 4);
  std::memcpy(to + 14, digits + 12, 4);
  std::memcpy(to + 19, digits + 16, 4);
  std::memcpy(to + 24, digits + 20, 12);
  to[8] = to[13] = to[18] = to[23] = '-';
}

/// 32 digits from 36 characters.
inline void write_uuid_digits(const char* text, char* to) noexcept {
  std::memcpy(to, text, 8);
  std::memcpy(to + 8, text + 9, 4);
  std::memcpy(to + 12, text + 14, 4);
  std::memcpy(to + 16, text + 19, 4);
  std::memcpy(to + 20, text + 24, 12);
}

}  // namespace gatehouse::detail::rules
