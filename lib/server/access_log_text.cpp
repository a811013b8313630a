// Times and escaping for access_log_lines.hpp.
#include <ctime>

#include "access_log_lines.hpp"

namespace gatehouse::detail::server {
namespace {

/// The length of the UTF-8 sequence at the front of `text`, or 0 when it is none; `point` becomes its code point.
std::size_t utf8_sequence(std::string_view text, char32_t& point) noexcept {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xc2 && lead < 0xe0 ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
  if (length == 0 || length > text.size()) return 0;
  point = length == 1 ? lead : lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0U) != 0x80U) return 0;
    point = point << 6U | (next & 0x3fU);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  return overlong || (point >= 0xd800 && point <= 0xdfff) || point > 0x10ffff ? 0 : length;
}

bool is_printable(char32_t point) noexcept {
  if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return false;
  const bool invisible = (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
                         (point >= 0x2060 && point <= 0x206f) || point == 0xfeff;
  return !invisible;
}

void append_hex(std::string& out, std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.append("\\x").append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
  }
}

void append_padded(std::string& out, std::int64_t value, int width) {
  std::array<char, 20> text{};
  std::size_t at = text.size();
  for (; width > 0; --width, value /= 10) text[--at] = static_cast<char>('0' + value % 10);
  out.append(text.data() + at, text.size() - at);
}

void append_time_of_day(std::string& out, const std::tm& t, std::int64_t microseconds) {
  append_padded(out, t.tm_hour, 2);
  out += ':';
  append_padded(out, t.tm_min, 2);
  out += ':';
  append_padded(out, t.tm_sec, 2);
  out += '.';
  append_padded(out, microseconds / 1000 % 1000, 3);
}

}  // namespace

void append_printable(std::string& out, std::string_view text) {
  while (!text.empty()) {
    char32_t point = 0;
    const std::size_t length = utf8_sequence(text, point);
    const std::string_view piece = text.substr(0, length == 0 ? 1 : length);
    if (length != 0 && is_printable(point)) {
      out.append(piece);
    } else {
      append_hex(out, piece);
    }
    text.remove_prefix(piece.size());
  }
}

void append_utc(std::string& out, std::int64_t microseconds) {
  const auto seconds = static_cast<std::time_t>(microseconds / 1'000'000);
  std::tm t{};
  gmtime_r(&seconds, &t);
  append_padded(out, t.tm_year + 1900, 4);
  out += '-';
  append_padded(out, t.tm_mon + 1, 2);
  out += '-';
  append_padded(out, t.tm_mday, 2);
  out += 'T';
  append_time_of_day(out, t, microseconds);
  out += 'Z';
}

void append_clock(std::string& out, std::int64_t microseconds) {
  const auto seconds = static_cast<std::time_t>(microseconds / 1'000'000);
  std::tm t{};
  localtime_r(&seconds, &t);
  append_time_of_day(out, t, microseconds);
}

}  // namespace gatehouse::detail::server
