// https://www.rfc-editor.org/rfc/rfc9651#section-4.1.3.1
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <gatehouse/http/utf8.hpp>

#include "base64.hpp"
#include "structured_field_writer.hpp"

namespace gatehouse {
namespace detail::http {
namespace {

using structured::serialize_error;

void append_digits(std::string& out, std::int64_t n) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr;
  out.append(digits.data(), end);
}

constexpr bool is_in_range(std::int64_t n) noexcept {
  return n >= -structured::max_number && n <= structured::max_number;
}

// Section 4.1.4.
bool append(structured_writer& w, std::int64_t n) {
  if (!is_in_range(n)) return w.fail(serialize_error::integer_out_of_range);
  append_digits(w.out, n);
  return true;
}

// Section 4.1.5: at least one digit behind the point, and no zero at the end but that.
bool append(structured_writer& w, structured::decimal d) {
  if (!is_in_range(d.thousandths)) return w.fail(serialize_error::decimal_out_of_range);
  if (d.thousandths < 0) w.out += '-';
  const std::int64_t size = d.thousandths < 0 ? -d.thousandths : d.thousandths;
  append_digits(w.out, size / 1000);
  w.out += '.';
  std::int64_t rest = size % 1000;
  do {
    w.out += static_cast<char>('0' + rest / 100);
    rest = rest % 100 * 10;
  } while (rest != 0);
  return true;
}

// Section 4.1.6.
bool append(structured_writer& w, const std::string& text) {
  if (!std::ranges::all_of(text, structured::is_string_char)) return w.fail(serialize_error::invalid_string);
  w.out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') w.out += '\\';
    w.out += c;
  }
  w.out += '"';
  return true;
}

// Section 4.1.7.
bool append(structured_writer& w, const structured::token& t) {
  if (!structured::is_token(t.text)) return w.fail(serialize_error::invalid_token);
  w.out += t.text;
  return true;
}

// Section 4.1.8.
bool append(structured_writer& w, const structured::byte_sequence& b) {
  w.out += ':';
  append_base64(w.out, b.bytes);
  w.out += ':';
  return true;
}

// Section 4.1.9.
bool append(structured_writer& w, bool b) {
  w.out += b ? "?1" : "?0";
  return true;
}

// Section 4.1.10.
bool append(structured_writer& w, structured::date d) {
  w.out += '@';
  return append(w, d.seconds);
}

// Section 4.1.11.
bool append(structured_writer& w, const structured::display_string& d) {
  constexpr std::string_view hex = "0123456789abcdef";
  if (!is_utf8(d.text)) return w.fail(serialize_error::invalid_display_string);
  w.out += "%\"";
  for (const char c : d.text) {
    if (structured::is_string_char(c) && c != '%' && c != '"') {
      w.out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    w.out += '%';
    w.out += hex[byte >> 4U];
    w.out += hex[byte & 0xfU];
  }
  w.out += '"';
  return true;
}

/// The digits of a number below 10^12 in thousandths, rounded to even.
std::int64_t rounded(std::string_view digits) noexcept {
  const std::size_t point = std::min(digits.find('.'), digits.size());
  std::string_view behind = digits.substr(std::min(point + 1, digits.size()));
  std::int64_t n = 0;
  for (const char c : digits.substr(0, point)) n = n * 10 + (c - '0');
  for (int i = 0; i < 3; ++i) {
    n *= 10;
    if (behind.empty()) continue;
    n += behind.front() - '0';
    behind.remove_prefix(1);
  }
  // The shortest form has no zero at its end: "5" alone is in the middle.
  const bool up = behind == "5" ? n % 2 != 0 : !behind.empty() && behind.front() >= '5';
  return up ? n + 1 : n;
}

}  // namespace

bool append_bare_item(structured_writer& w, const structured::bare_item& b) {
  return b.visit([&w](const auto& value) { return append(w, value); });
}

}  // namespace detail::http

std::optional<structured::decimal> structured::decimal::nearest(double value) noexcept {
  const double size = std::fabs(value);
  if (!(size < 1e12)) return std::nullopt;  // also what is no number
  if (size <= 0.0005) return decimal{};     // what is smaller may have hundreds of digits
  std::array<char, 64> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, std::chars_format::fixed).ptr;
  const std::int64_t n = detail::http::rounded({digits.data(), static_cast<std::size_t>(end - digits.data())});
  if (n > max_number) return std::nullopt;
  return decimal{.thousandths = value < 0 ? -n : n};
}

}  // namespace gatehouse
