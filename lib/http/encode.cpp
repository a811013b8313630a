#include <gatehouse/http/encode.hpp>

#include <array>
#include <charconv>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>
#include <gatehouse/http/utf8.hpp>

#include "percent.hpp"

namespace gatehouse::encode {
namespace {

constexpr char32_t replacement = 0xfffd;

/// The ASCII that is copied; the rest of a text is visited by code points.
using ascii_set = std::array<bool, 128>;

constexpr ascii_set alnum_and(std::string_view others) {
  ascii_set set{};
  for (std::size_t c = 0; c < set.size(); ++c) set[c] = ascii::is_alnum(static_cast<char>(c));
  for (const char c : others) set[static_cast<unsigned char>(c)] = true;
  return set;
}

constexpr ascii_set visible_without(std::string_view others) {
  ascii_set set{};
  for (std::size_t c = 0x20; c < set.size(); ++c) set[c] = true;
  set['\t'] = set['\n'] = true;
  for (const char c : others) set[static_cast<unsigned char>(c)] = false;
  return set;
}

constexpr ascii_set html_copied = visible_without("&<>\"'");
constexpr ascii_set unquoted_copied = alnum_and("-._");
constexpr ascii_set js_copied = alnum_and(" ,._");
constexpr ascii_set css_copied = alnum_and("");
constexpr ascii_set json_copied = visible_without("&<>");
constexpr ascii_set uri_copied = alnum_and("-._~");

constexpr std::size_t copied_run(std::string_view text, const ascii_set& copied) noexcept {
  std::size_t run = 0;
  while (run < text.size() && static_cast<unsigned char>(text[run]) < copied.size() &&
         copied[static_cast<unsigned char>(text[run])]) {
    ++run;
  }
  return run;
}

/// Copies what is in `copied` and calls `escape(code_point, its UTF-8)` for all else.
template <typename Escape>
void append(std::string& to, std::string_view text, const ascii_set& copied, Escape escape) {
  to.reserve(to.size() + text.size());
  while (true) {
    const std::size_t run = copied_run(text, copied);
    to.append(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty()) return;
    const std::size_t size = utf8_sequence_size(text);
    if (size == 0) {
      escape(replacement, std::string_view{"\xef\xbf\xbd"});
      text.remove_prefix(utf8_bad_size(text));
    } else {
      escape(utf8_code_point(text.substr(0, size)), text.substr(0, size));
      text.remove_prefix(size);
    }
  }
}

void append_number(std::string& to, char32_t number, int base) {
  char digits[8];
  const auto end = std::to_chars(digits, digits + sizeof digits, static_cast<unsigned>(number), base);
  to.append(digits, end.ptr);
}

/// \uXXXX: a unit of UTF-16.
void append_unit(std::string& to, char32_t unit) {
  constexpr char digits[] = "0123456789abcdef";
  to += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) to += digits[unit >> shift & 0xfU];
}

/// https://www.w3.org/TR/xml/#charsets , of what is valid UTF-8 anyway.
constexpr bool is_xml_char(char32_t point) noexcept {
  if (point < 0x20) return point == '\t' || point == '\n' || point == '\r';
  return point != 0xfffe && point != 0xffff;
}

void append_reference(std::string& to, char32_t point) {
  switch (point) {
    case '&': to += "&amp;"; return;
    case '<': to += "&lt;"; return;
    case '>': to += "&gt;"; return;
    default: break;
  }
  to += "&#";
  append_number(to, point, 10);
  to += ';';
}

/// ASCII as references, all else as it is: browsers take numbers from 128 to 159 for other characters than they name,
/// and no white space beyond ASCII ends anything in HTML.
void append_html_character(std::string& to, char32_t point, std::string_view sequence) {
  if (!is_xml_char(point)) {
    to += "\xef\xbf\xbd";
  } else if (point < 0x80) {
    append_reference(to, point);
  } else {
    to += sequence;
  }
}

template <typename Append>
std::string made_by(Append append_to, std::string_view text) {
  std::string out;
  append_to(out, text);
  return out;
}

}  // namespace

// https://html.spec.whatwg.org/#preprocessing-the-input-stream : a CR that is no reference becomes LF.
void append_html(std::string& to, std::string_view text) {
  append(to, text, html_copied, [&](char32_t point, std::string_view s) { append_html_character(to, point, s); });
}
std::string html(std::string_view text) { return made_by(append_html, text); }

void append_html_attribute_unquoted(std::string& to, std::string_view text) {
  if (text.empty()) to += "\"\"";
  append(to, text, unquoted_copied, [&](char32_t point, std::string_view s) { append_html_character(to, point, s); });
}
std::string html_attribute_unquoted(std::string_view text) { return made_by(append_html_attribute_unquoted, text); }

void append_js_string(std::string& to, std::string_view text) {
  append(to, text, js_copied, [&](char32_t point, std::string_view) {
    if (point < 0x10000) return append_unit(to, point);
    append_unit(to, 0xd800 + ((point - 0x10000) >> 10U));
    append_unit(to, 0xdc00 + (point & 0x3ffU));
  });
}
std::string js_string(std::string_view text) { return made_by(append_js_string, text); }

void append_json_in_html(std::string& to, std::string_view json) {
  append(to, json, json_copied, [&](char32_t point, std::string_view sequence) {
    const bool is_escaped = point == '<' || point == '>' || point == '&' || point == 0x2028 || point == 0x2029;
    if (is_escaped) return append_unit(to, point);
    to += sequence;
  });
}
std::string json_in_html(std::string_view json) { return made_by(append_json_in_html, json); }

void append_css_string(std::string& to, std::string_view text) {
  append(to, text, css_copied, [&](char32_t point, std::string_view) {
    to += '\\';
    append_number(to, point == 0 ? replacement : point, 16);
    to += ' ';  // ends the escape, whatever follows
  });
}
std::string css_string(std::string_view text) { return made_by(append_css_string, text); }

void append_uri_component(std::string& to, std::string_view text) {
  append(to, text, uri_copied, [&](char32_t, std::string_view sequence) {
    for (const char c : sequence) detail::http::append_percent(to, c);
  });
}
std::string uri_component(std::string_view text) { return made_by(append_uri_component, text); }

bool append_header_value(std::string& to, std::string_view text) {
  text = ascii::trim(text);
  if (!grammar::is_field_value(text)) return false;
  constexpr ascii_set copied = visible_without("");
  append(to, text, copied, [&](char32_t, std::string_view sequence) { to += sequence; });
  return true;
}
std::optional<std::string> header_value(std::string_view text) {
  std::string out;
  if (!append_header_value(out, text)) return std::nullopt;
  return out;
}

}  // namespace gatehouse::encode
