#include <gatehouse/http/json_writer.hpp>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <gatehouse/http/utf8.hpp>

namespace gatehouse {
namespace {

// One piece of a string, at most `max_json_bytes_of_one` bytes: returns behind what was written.

char* write_text(char* to, std::string_view text) noexcept {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

char* write_escape(char* to, unsigned code) noexcept {
  constexpr char digits[] = "0123456789abcdef";
  to = write_text(to, "\\u");
  for (const unsigned shift : {12U, 8U, 4U, 0U}) *to++ = digits[code >> shift & 0xfU];
  return to;
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

// Signed, so that bytes from 0x80 on are below the control characters.
using block = signed char __attribute__((vector_size(16)));

/// is_copied() of 16 bytes, turned round and said of a vector: '"' and '&' differ in one bit, '<' and '>' in another.
bool any_kept_out(block b) noexcept {
  struct halves {
    std::uint64_t low, high;
  };
  const auto kept_out = (b < 0x20) | (b == 0x7f) | (b == '\\') | ((b | 0x04) == '&') | ((b | 0x02) == '>');
  const auto both = std::bit_cast<halves>(kept_out);
  return (both.low | both.high) != 0;
}

/// A text of one Piece's size at least and two Pieces' at most: its front and its back, which may overlap.
template <typename Piece>
struct text_ends {
  Piece front, back;
};
template <typename Piece>
text_ends<Piece> copy_ends(char* to, std::string_view text) noexcept {
  text_ends<Piece> ends;
  const std::size_t at = text.size() - sizeof(Piece);
  std::memcpy(&ends.front, text.data(), sizeof(Piece));
  std::memcpy(&ends.back, text.data() + at, sizeof(Piece));
  std::memcpy(to, &ends.front, sizeof(Piece));
  std::memcpy(to + at, &ends.back, sizeof(Piece));
  return ends;
}

// Copy `text` to `to`. False: some of it may not be copied as it is, and what is there now means nothing. OPTIMIZATION:
// looked at while it is copied, 16 bytes at a time.

/// Of at most 16 bytes.
bool copy_short_if_all_copied(char* to, std::string_view text) noexcept {
  if (text.size() >= sizeof(std::uint64_t)) {
    return !any_kept_out(std::bit_cast<block>(copy_ends<std::uint64_t>(to, text)));
  }
  if (text.size() >= sizeof(std::uint32_t)) {
    const auto ends = std::bit_cast<std::uint64_t>(copy_ends<std::uint32_t>(to, text));
    return !any_kept_out(std::bit_cast<block>(text_ends<std::uint64_t>{ends, ends}));
  }
  bool all = true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    to[at] = text[at];
    all = all && copied[static_cast<unsigned char>(text[at])];
  }
  return all;
}

/// Of more.
bool copy_long_if_all_copied(char* to, std::string_view text) noexcept {
  const auto copy_block = [&](std::size_t at) {
    block b;
    std::memcpy(&b, text.data() + at, sizeof b);
    std::memcpy(to + at, &b, sizeof b);
    return any_kept_out(b);
  };
  bool kept_out = copy_block(text.size() - sizeof(block));
  for (std::size_t at = 0; text.size() - at > sizeof(block); at += sizeof(block)) kept_out |= copy_block(at);
  return !kept_out;
}

/// What is not copied: RFC 8259 section 7, and the characters that end a script element or a line of JavaScript.
char* write_ascii(char* to, char c) noexcept {
  switch (c) {
    case '"': return write_text(to, "\\\"");
    case '\\': return write_text(to, "\\\\");
    case '\n': return write_text(to, "\\n");
    case '\r': return write_text(to, "\\r");
    case '\t': return write_text(to, "\\t");
    default: return write_escape(to, static_cast<unsigned char>(c));
  }
}

/// One UTF-8 sequence; an empty one stands for bytes that are none.
char* write_sequence(char* to, std::string_view sequence) noexcept {
  if (sequence.empty()) return write_text(to, "\xef\xbf\xbd");  // U+FFFD
  if (sequence.size() == 1) return write_ascii(to, sequence.front());
  if (sequence == "\xe2\x80\xa8" || sequence == "\xe2\x80\xa9") {
    return write_escape(to, static_cast<unsigned>(utf8_code_point(sequence)));
  }
  return write_text(to, sequence);
}

/// Calls `copy(text)` and `sequence(text)` in turn for what `text` consists of.
template <typename Copy, typename Sequence>
void for_each_piece(std::string_view text, const Copy& copy, const Sequence& sequence) {
  while (true) {
    const std::size_t run = copied_run(text);
    copy(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty()) return;
    const std::size_t size = utf8_sequence_size(text);
    sequence(text.substr(0, size));
    text.remove_prefix(size == 0 ? utf8_bad_size(text) : size);
  }
}

// OPTIMIZATION: by themselves, so that the way of nearly every text needs no more registers than it has. Both write the
// quote behind the text.

[[gnu::noinline]] char* write_pieces(char* to, std::string_view text) noexcept {
  for_each_piece(
      text, [&](std::string_view run) { to = write_text(to, run); },
      [&](std::string_view sequence) { to = write_sequence(to, sequence); });
  *to++ = '"';
  return to;
}

[[gnu::noinline]] char* write_long(char* to, std::string_view text) noexcept {
  if (!copy_long_if_all_copied(to, text)) return write_pieces(to, text);
  to += text.size();
  *to++ = '"';
  return to;
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
  for_each_piece(
      text, [&](std::string_view run) { out.append(run); },
      [&](std::string_view sequence) {
        char piece[max_json_bytes_of_one];
        out.append(piece, write_sequence(piece, sequence));
      });
  out += '"';
}

char* write_json_string(char* to, std::string_view text) noexcept {
  *to++ = '"';
  if (text.size() > sizeof(block)) return write_long(to, text);
  if (!copy_short_if_all_copied(to, text)) return write_pieces(to, text);
  to += text.size();
  *to++ = '"';
  return to;
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
