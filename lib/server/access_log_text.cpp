// Times and escaping for access_log_lines.hpp.
#include <cstring>
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

/// `value` in `width` digits, with what follows it.
void put(char*& at, std::int64_t value, std::size_t width, char after) noexcept {
  for (std::size_t i = width; i > 0; --i, value /= 10) at[i - 1] = static_cast<char>('0' + value % 10);
  at += width;
  *at++ = after;
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

ip_address logged_address(const ip_address& client, logged_client how) noexcept {
  // Anonymising by these is what most rules about access logs ask for.
  constexpr unsigned v4_network = 24;
  constexpr unsigned v6_network = 48;
  return how == logged_client::network ? client.truncated(client.is_v4() ? v4_network : v6_network) : client;
}

void line_clock::append(std::string& out, std::int64_t microseconds) {
  std::array<char, max_text> text{};
  out.append(text.data(), write(text.data(), microseconds));
}

void line_clock::render(std::int64_t second) noexcept {
  begins_ = second * 1'000'000;
  const auto time = static_cast<std::time_t>(second);
  std::tm t{};
  char* at = text_.data();
  if (zone_ == zone::utc) {
    gmtime_r(&time, &t);
    put(at, t.tm_year + 1900, 4, '-');
    put(at, t.tm_mon + 1, 2, '-');
    put(at, t.tm_mday, 2, 'T');
  } else {
    localtime_r(&time, &t);
  }
  put(at, t.tm_hour, 2, ':');
  put(at, t.tm_min, 2, ':');
  put(at, t.tm_sec, 2, '.');
  size_ = static_cast<std::size_t>(at - text_.data());
}

}  // namespace gatehouse::detail::server
