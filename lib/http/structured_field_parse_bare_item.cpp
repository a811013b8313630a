// https://www.rfc-editor.org/rfc/rfc9651#section-4.2.3.1
#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/utf8.hpp>

#include "base64.hpp"
#include "structured_field_cursor.hpp"

namespace gatehouse::detail::http {
namespace {

using structured::bare_item;

/// Section 4.2.4, steps 2 to 8: a number as far as its digits go, without its sign.
struct whole_digits {
  std::int64_t value = 0;
  std::size_t count = 0;
};
bool parse_digits(structured_cursor& in, whole_digits& out) {
  constexpr std::size_t most = 15;
  for (; ascii::is_digit(in.peek()); in.advance()) {
    if (out.count == most) return in.fail("at most 15 digits");
    out.value = out.value * 10 + (in.peek() - '0');
    ++out.count;
  }
  return out.count != 0 || in.fail("a digit");
}

/// Section 4.2.4, step 10: behind the point.
bool parse_thousandths(structured_cursor& in, std::int64_t& out) {
  int count = 0;
  out = 0;
  for (; ascii::is_digit(in.peek()); in.advance()) {
    if (count == 3) return in.fail("at most 3 digits behind the point");
    out = out * 10 + (in.peek() - '0');
    ++count;
  }
  if (count == 0) return in.fail("a digit behind the point");
  for (; count < 3; ++count) out *= 10;
  return true;
}

// Section 4.2.4. "-0" is 0, and "-0.0" is 0.0.
bool parse_number(structured_cursor& in, bare_item& out) {
  constexpr std::size_t most_before_point = 12;
  const std::int64_t sign = in.take('-') ? -1 : 1;
  whole_digits whole;
  if (!parse_digits(in, whole)) return false;
  if (in.peek() != '.') {
    out = sign * whole.value;
    return true;
  }
  if (whole.count > most_before_point) return in.fail("at most 12 digits before the point");
  in.advance();
  std::int64_t thousandths = 0;
  if (!parse_thousandths(in, thousandths)) return false;
  out = structured::decimal{.thousandths = sign * (whole.value * 1000 + thousandths)};
  return true;
}

// Section 4.2.5.
bool parse_string(structured_cursor& in, bare_item& out) {
  if (!in.take('"')) return in.fail("'\"'");
  std::string text;
  while (true) {
    text += in.take_while([](char c) { return structured::is_string_char(c) && c != '"' && c != '\\'; });
    if (in.take('"')) break;
    if (in.at_end()) return in.fail("'\"'");
    if (!in.take('\\')) return in.fail("a visible ASCII character or a space");
    if (in.peek() != '"' && in.peek() != '\\') return in.fail("'\"' or '\\' behind '\\'");
    text += in.peek();
    in.advance();
  }
  out = std::move(text);
  return true;
}

// Section 4.2.6.
bool parse_token(structured_cursor& in, bare_item& out) {
  if (!structured::is_token_start(in.peek())) return in.fail("a token");
  out = structured::token{.text = std::string{in.take_while(structured::is_token_char)}};
  return true;
}

// Section 4.2.7. CHOICE: it asks parsers not to fail where padding is left out or the bits that a last character has
// too many are set; what is serialised again has neither. Half of a padding is refused.
bool parse_byte_sequence(structured_cursor& in, bare_item& out) {
  if (!in.take(':')) return in.fail("':'");
  const std::size_t start = in.offset();
  const std::string_view text = in.take_while(is_base64_char);
  if (!in.take(':')) return in.fail("base64 up to a ':'");
  auto bytes = decode_base64(text);
  if (!bytes) return in.fail_at(start, "base64");
  out = structured::byte_sequence{.bytes = std::move(*bytes)};
  return true;
}

// Section 4.2.8.
bool parse_boolean(structured_cursor& in, bare_item& out) {
  if (!in.take('?')) return in.fail("'?'");
  if (in.peek() != '0' && in.peek() != '1') return in.fail("'0' or '1'");
  out = in.peek() == '1';
  in.advance();
  return true;
}

// Section 4.2.9: an integer, and no decimal.
bool parse_date(structured_cursor& in, bare_item& out) {
  if (!in.take('@')) return in.fail("'@'");
  const std::int64_t sign = in.take('-') ? -1 : 1;
  whole_digits whole;
  if (!parse_digits(in, whole)) return false;
  if (in.peek() == '.') return in.fail("whole seconds");
  out = structured::date{.seconds = sign * whole.value};
  return true;
}

/// Two lower-case hexadecimal digits.
bool parse_octet(structured_cursor& in, std::string& out) {
  int octet = 0;
  for (int i = 0; i < 2; ++i) {
    const char c = in.peek();
    if (!ascii::is_digit(c) && !(c >= 'a' && c <= 'f')) return in.fail("two of 0-9 and a-f behind '%'");
    octet = octet * 16 + ascii::hex_value(c);
    in.advance();
  }
  out += static_cast<char>(octet);
  return true;
}

// Section 4.2.10.
bool parse_display_string(structured_cursor& in, bare_item& out) {
  if (!in.take('%')) return in.fail("'%'");
  if (!in.take('"')) return in.fail("'\"' behind '%'");
  const std::size_t start = in.offset();
  std::string text;
  while (true) {
    text += in.take_while([](char c) { return structured::is_string_char(c) && c != '"' && c != '%'; });
    if (in.take('"')) break;
    if (in.at_end()) return in.fail("'\"'");
    if (!in.take('%')) return in.fail("a visible ASCII character or a space");
    if (!parse_octet(in, text)) return false;
  }
  if (!is_utf8(text)) return in.fail_at(start, "UTF-8");
  out = structured::display_string{.text = std::move(text)};
  return true;
}

}  // namespace

bool parse_bare_item(structured_cursor& in, bare_item& out) {
  const char first = in.peek();
  if (first == '-' || ascii::is_digit(first)) return parse_number(in, out);
  if (structured::is_token_start(first)) return parse_token(in, out);
  switch (first) {
    case '"': return parse_string(in, out);
    case ':': return parse_byte_sequence(in, out);
    case '?': return parse_boolean(in, out);
    case '@': return parse_date(in, out);
    case '%': return parse_display_string(in, out);
    default: return in.fail("an item");
  }
}

}  // namespace gatehouse::detail::http
