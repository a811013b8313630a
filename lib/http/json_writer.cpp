#include <gatehouse/http/json_writer.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <gatehouse/http/utf8.hpp>

namespace gatehouse {
namespace {

void append_escape(std::string& out, unsigned code) {
  constexpr char digits[] = "0123456789abcdef";
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += digits[code >> shift & 0xfU];
}

constexpr bool is_copied(unsigned char byte) noexcept {
  return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\' && byte != '<' && byte != '>' && byte != '&';
}
constexpr auto copied = [] {
  std::array<bool, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) table[byte] = is_copied(static_cast<unsigned char>(byte));
  return table;
}();

/// Whether all eight bytes are copied as they are: is_copied(), said of a word. A borrow out of a byte can only come
/// from one that is not copied, so the answer for all of them is exact.
constexpr bool all_copied(std::uint64_t word) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t tops = ones << 7U;
  const auto zeros = [](std::uint64_t w) { return (w - ones) & ~w; };
  const std::uint64_t low = (word - ones * 0x20) & ~word;
  const std::uint64_t found = low | word | zeros(word ^ ones * 0x7f) | zeros(word ^ ones * '\\') |
                              zeros((word | ones * 0x04) ^ ones * '&') |  // and '"', which differs in that bit
                              zeros((word | ones * 0x02) ^ ones * '>');   // and '<'
  return (found & tops) == 0;
}

/// How many bytes at the front of `text` are copied as they are. OPTIMIZATION: nearly all text of a log line.
std::size_t copied_run(std::string_view text) noexcept {
  std::size_t at = 0;
  for (; text.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    if (!all_copied(word)) break;
  }
  while (at < text.size() && copied[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

/// What is not copied: RFC 8259 section 7, and the characters that end a script element or a line of JavaScript.
void append_ascii(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  append_escape(out, static_cast<unsigned char>(c));
}

/// One UTF-8 sequence; an empty one stands for a byte that fits nowhere.
void append_sequence(std::string& out, std::string_view sequence) {
  if (sequence.empty()) {
    out += "\xef\xbf\xbd";  // U+FFFD
  } else if (sequence.size() == 1) {
    append_ascii(out, sequence.front());
  } else if (sequence == "\xe2\x80\xa8" || sequence == "\xe2\x80\xa9") {
    append_escape(out, static_cast<unsigned>(utf8_code_point(sequence)));
  } else {
    out.append(sequence);
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
  while (true) {
    const std::size_t run = copied_run(text);
    out.append(text.data(), run);
    text.remove_prefix(run);
    if (text.empty()) break;
    const std::size_t size = utf8_sequence_size(text);
    append_sequence(out, text.substr(0, size));
    text.remove_prefix(std::max<std::size_t>(size, 1));
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
