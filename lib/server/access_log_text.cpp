// Times and escaping for access_log_lines.hpp.
#include <ctime>

#include <gatehouse/http/utf8.hpp>

#include "access_log_lines.hpp"

namespace gatehouse::detail::server {
namespace {

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
    const std::size_t size = utf8_sequence_size(text);
    const std::string_view piece = text.substr(0, size == 0 ? 1 : size);
    if (size != 0 && is_printable(utf8_code_point(piece))) {
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
