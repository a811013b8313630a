#include <gatehouse/http/json_writer.hpp>

#include <charconv>
#include <cmath>

#include <gatehouse/http/utf8.hpp>

namespace gatehouse {
namespace {

void append_escape(std::string& out, unsigned code) {
  constexpr char digits[] = "0123456789abcdef";
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += digits[code >> shift & 0xfU];
}

/// RFC 8259 section 7, and the characters that end a script element or a line of JavaScript.
void append_ascii(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20 || byte == 0x7f || c == '<' || c == '>' || c == '&') {
    append_escape(out, byte);
  } else {
    out += c;
  }
}

template <typename Number>
void append_number(std::string& out, Number number) {
  char digits[32];
  const auto written = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, written.ptr);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t size = utf8_sequence_size(text);
    if (size == 0) {
      out += "\xef\xbf\xbd";  // U+FFFD, one for each byte that fits nowhere
      text.remove_prefix(1);
      continue;
    }
    if (size == 1) {
      append_ascii(out, text.front());
    } else if (text.starts_with("\xe2\x80\xa8")) {
      append_escape(out, 0x2028);
    } else if (text.starts_with("\xe2\x80\xa9")) {
      append_escape(out, 0x2029);
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(size);
  }
  out += '"';
}

void json_writer::separate() {
  if (need_comma_) *out_ += ',';
  need_comma_ = true;
}

json_writer& json_writer::begin_object() {
  separate();
  *out_ += '{';
  need_comma_ = false;
  return *this;
}
json_writer& json_writer::end_object() {
  *out_ += '}';
  need_comma_ = true;
  return *this;
}
json_writer& json_writer::begin_array() {
  separate();
  *out_ += '[';
  need_comma_ = false;
  return *this;
}
json_writer& json_writer::end_array() {
  *out_ += ']';
  need_comma_ = true;
  return *this;
}
json_writer& json_writer::key(std::string_view name) {
  separate();
  append_json_string(*out_, name);
  *out_ += ':';
  need_comma_ = false;
  return *this;
}
json_writer& json_writer::value(std::string_view text) {
  separate();
  append_json_string(*out_, text);
  return *this;
}
json_writer& json_writer::value(std::int64_t number) {
  separate();
  append_number(*out_, number);
  return *this;
}
json_writer& json_writer::value(std::uint64_t number) {
  separate();
  append_number(*out_, number);
  return *this;
}
json_writer& json_writer::value(double number) {
  if (!std::isfinite(number)) return null();
  separate();
  append_number(*out_, number);
  return *this;
}
json_writer& json_writer::value(bool b) {
  separate();
  *out_ += b ? "true" : "false";
  return *this;
}
json_writer& json_writer::null() {
  separate();
  *out_ += "null";
  return *this;
}

}  // namespace gatehouse
