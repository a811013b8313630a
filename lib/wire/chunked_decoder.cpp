#include <gatehouse/wire/chunked_decoder.hpp>

#include <algorithm>
#include <iterator>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>

// https://www.rfc-editor.org/rfc/rfc9112#section-7.1 , one byte a step except in content. Every byte that the grammar
// has no place for is refused: a parser that skips it sees another end of the message.

namespace gatehouse {
namespace {

constexpr std::uint32_t max_size_digits = 15;  // 60 bits: no arithmetic here can overflow

constexpr auto bad_chunk = reason::http_invalid_chunk;
constexpr auto bad_trailer = reason::http_invalid_trailer;

/// RFC 9110 section 6.5.1: never in a trailer. All trailers are dropped; these are refused as well, because whoever
/// reads them as fields sees another message (Node refuses the first two).
constexpr std::string_view forbidden_trailers[] = {"content-length", "transfer-encoding", "host"};
constexpr std::uint8_t all_forbidden = 0b111;
static_assert(std::size(forbidden_trailers) == 3);

}  // namespace

chunked_decoder::piece chunked_decoder::next(std::string_view input) noexcept {
  using kind = piece::kind;
  std::size_t i = 0;
  while (i < input.size()) {
    if (at_ == at::data) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size() - i));
      left_ -= size;
      if (left_ == 0) at_ = at::data_cr;
      return {.what = kind::more, .consumed = i + size, .content = input.substr(i, size)};
    }
    if (const reason why = step(input[i]); why != reason::none) {
      return {.what = kind::refused, .why = why, .consumed = i};
    }
    ++i;
    if (done_) return {.what = kind::done, .consumed = i};
  }
  return {.what = kind::more, .consumed = i};
}

reason chunked_decoder::step(char c) noexcept {
  switch (at_) {
    case at::size_start:
    case at::size: return size_byte(c);
    case at::size_lf:
      if (c != '\n') return bad_chunk;
      end_of_size_line();
      return reason::none;
    case at::data_cr: at_ = at::data_lf; return c == '\r' ? reason::none : bad_chunk;
    case at::data_lf: at_ = at::size_start; return c == '\n' ? reason::none : bad_chunk;
    case at::data: return bad_chunk;  // never: next() takes content in one piece
    case at::trailer_start:
    case at::trailer_name:
    case at::trailer_value:
    case at::trailer_lf:
    case at::last_lf: return trailer_byte(c);
    default: return extension_byte(c);
  }
}

/// chunk-size: 1*HEXDIG. No sign, "0x", "_" or space; so nothing that strtoul and a careful parser read differently.
reason chunked_decoder::size_byte(char c) noexcept {
  if (const int digit = ascii::hex_value(c); digit >= 0) {
    if (counted_ == max_size_digits) return bad_chunk;
    ++counted_;
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
    at_ = at::size;
    return reason::none;
  }
  if (at_ == at::size_start) return bad_chunk;
  counted_ = 0;  // from here on: bytes of extensions
  return after_extension(c);
}

/// What may follow the size or a whole extension.
reason chunked_decoder::after_extension(char c) noexcept {
  if (c == '\r') {
    at_ = at::size_lf;
  } else if (c == ';') {
    at_ = at::extension_name_start;
  } else {
    return bad_chunk;
  }
  return reason::none;
}

/// chunk-ext: *( ";" token [ "=" ( token / quoted-string ) ] ). Read to be sure where it ends, then dropped: extensions
/// have no use, and a lax reading of them has smuggled requests. CHOICE: no "bad" whitespace around ";" and "="
/// (section 7.1.1 lets it be parsed).
reason chunked_decoder::extension_byte(char c) noexcept {
  if (++counted_ > limits_->chunk_extension_bytes) return bad_chunk;
  const bool in_token = grammar::is_token_char(c);
  switch (at_) {
    case at::extension_name_start: at_ = at::extension_name; return in_token ? reason::none : bad_chunk;
    case at::extension_name:
      if (in_token) return reason::none;
      if (c != '=') return after_extension(c);
      at_ = at::extension_value_start;
      return reason::none;
    case at::extension_value_start:
      at_ = c == '"' ? at::extension_quoted : at::extension_value;
      return in_token || c == '"' ? reason::none : bad_chunk;
    case at::extension_value: return in_token ? reason::none : after_extension(c);
    case at::extension_quoted:
      if (c == '"') at_ = at::extension_quoted_end;
      if (c == '\\') at_ = at::extension_escaped;
      return grammar::is_field_value_char(c) ? reason::none : bad_chunk;
    case at::extension_escaped:
      at_ = at::extension_quoted;
      return grammar::is_field_value_char(c) ? reason::none : bad_chunk;
    default: return after_extension(c);  // extension_quoted_end
  }
}

void chunked_decoder::end_of_size_line() noexcept {
  counted_ = 0;  // from here on: digits of the next size, or bytes of trailers
  at_ = left_ == 0 ? at::trailer_start : at::data;
}

reason chunked_decoder::trailer_name_byte(char c) noexcept {
  const bool ends = c == ':';
  if (!ends && !grammar::is_token_char(c)) return bad_trailer;
  for (std::size_t i = 0; i < std::size(forbidden_trailers) && forbidden_ != 0; ++i) {
    const auto bit = static_cast<std::uint8_t>(1U << i);
    const std::string_view name = forbidden_trailers[i];
    const bool still = ends ? name.size() == name_size_
                            : name_size_ < name.size() && name[name_size_] == ascii::to_lower(c);
    if (!still) forbidden_ = static_cast<std::uint8_t>(forbidden_ & ~bit);
  }
  if (forbidden_ != 0) ++name_size_;
  if (!ends) return reason::none;
  at_ = at::trailer_value;
  return forbidden_ != 0 ? bad_trailer : reason::none;
}

/// trailer-section: *( field-line CRLF ) CRLF. Checked like fields and dropped, never merged (RFC 9110 section 6.5.1).
reason chunked_decoder::trailer_byte(char c) noexcept {
  if (at_ == at::last_lf) {
    done_ = true;
    return c == '\n' ? reason::none : bad_trailer;
  }
  if (at_ == at::trailer_start && c == '\r') {
    at_ = at::last_lf;
    return reason::none;
  }
  if (++counted_ > limits_->trailer_bytes) return bad_trailer;
  switch (at_) {
    case at::trailer_start:
      at_ = at::trailer_name;
      name_size_ = 0;
      forbidden_ = all_forbidden;
      return grammar::is_token_char(c) ? trailer_name_byte(c) : bad_trailer;
    case at::trailer_name: return trailer_name_byte(c);
    case at::trailer_value:
      if (c == '\r') at_ = at::trailer_lf;
      return c == '\r' || grammar::is_field_value_char(c) ? reason::none : bad_trailer;
    default:  // trailer_lf
      at_ = at::trailer_start;
      return c == '\n' ? reason::none : bad_trailer;
  }
}

}  // namespace gatehouse
