#pragma once
// Readers of what http/encode writes, made from the specifications of who reads it, and for each encoder what its
// output may consist of. Independent of the encoders: they share no table and no decoder of UTF-8 with them.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <gatehouse/http/encode.hpp>

namespace gatehouse::test {

inline void append_utf8(std::string& to, char32_t point) {
  const auto add = [&](char32_t byte) { to += static_cast<char>(byte); };
  if (point < 0x80) return add(point);
  if (point < 0x800) return add(0xc0 | point >> 6U), add(0x80 | (point & 0x3fU));
  if (point < 0x10000) return add(0xe0 | point >> 12U), add(0x80 | (point >> 6U & 0x3fU)), add(0x80 | (point & 0x3fU));
  add(0xf0 | point >> 18U), add(0x80 | (point >> 12U & 0x3fU)), add(0x80 | (point >> 6U & 0x3fU)),
      add(0x80 | (point & 0x3fU));
}

/// https://encoding.spec.whatwg.org/#utf-8-decoder , step by step.
inline std::u32string decode_utf8(std::string_view bytes) {
  std::u32string out;
  char32_t point = 0;
  unsigned needed = 0;
  unsigned seen = 0;
  unsigned lower = 0x80;
  unsigned upper = 0xbf;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    if (needed == 0) {
      if (byte <= 0x7f) {
        out += byte;
      } else if (byte >= 0xc2 && byte <= 0xdf) {
        needed = 1, point = byte & 0x1fU;
      } else if (byte >= 0xe0 && byte <= 0xef) {
        if (byte == 0xe0) lower = 0xa0;
        if (byte == 0xed) upper = 0x9f;
        needed = 2, point = byte & 0xfU;
      } else if (byte >= 0xf0 && byte <= 0xf4) {
        if (byte == 0xf0) lower = 0x90;
        if (byte == 0xf4) upper = 0x8f;
        needed = 3, point = byte & 0x7U;
      } else {
        out += U'\xfffd';
      }
      continue;
    }
    const bool fits = byte >= lower && byte <= upper;
    lower = 0x80, upper = 0xbf;
    if (!fits) {
      point = 0, needed = seen = 0;
      out += U'\xfffd';
      --at;  // "restore byte to ioQueue"
      continue;
    }
    point = point << 6U | (byte & 0x3fU);
    if (++seen == needed) out += point, point = 0, needed = seen = 0;
  }
  if (needed != 0) out += U'\xfffd';
  return out;
}

inline std::string to_utf8(std::u32string_view points) {
  std::string out;
  for (const char32_t point : points) append_utf8(out, point);
  return out;
}

/// The text that a reader without errors sees: invalid UTF-8 replaced.
inline std::string as_valid(std::string_view bytes) { return to_utf8(decode_utf8(bytes)); }

// --- Readers: nullopt for what the encoder must not have written ---------------------------------------------------

inline std::optional<std::string> read_html(std::string_view text, std::string_view forbidden) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (forbidden.find(text[at]) != std::string_view::npos) return std::nullopt;
    if (text[at] != '&') {
      out += text[at];
      continue;
    }
    const std::size_t end = text.find(';', at);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string name{text.substr(at + 1, end - at - 1)};
    if (name == "amp") {
      out += '&';
    } else if (name == "lt") {
      out += '<';
    } else if (name == "gt") {
      out += '>';
    } else {
      if (name.size() < 2 || name[0] != '#' || name.find_first_not_of("0123456789", 1) != std::string::npos) return {};
      const unsigned long point = std::stoul(name.substr(1));
      if (point == 0 || point > 0x7f) return std::nullopt;  // 0 is U+FFFD to browsers, 128 to 159 something else
      append_utf8(out, static_cast<char32_t>(point));
    }
    at = end;
  }
  return out;
}

inline constexpr std::string_view controls_of_xml = {
    "\0\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e"
    "\x1f",
    29};

inline bool has_html_in(std::string_view text) { return text.find_first_of("<>&\"'`") != std::string_view::npos; }

inline std::optional<std::string> read_html_text(std::string_view text) {
  return read_html(text, std::string{"<>\"'\r"} + std::string{controls_of_xml});
}

inline std::optional<std::string> read_html_unquoted(std::string_view text) {
  if (text == "\"\"") return "";
  return read_html(text, std::string{"<>\"'\r\n\t =`/"} + std::string{controls_of_xml});
}

inline std::optional<char32_t> read_hex(std::string_view digits) {
  char32_t value = 0;
  for (const char c : digits) {
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) return std::nullopt;
    value = value * 16 + static_cast<char32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return value;
}

/// ASCII without quotes, "<", ">", "&", "`", "$" and line ends; of escapes only \uXXXX, in pairs where they must be.
inline std::optional<std::string> read_js(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c < ' ' || c > '~' || has_html_in({&c, 1}) || c == '$' || c == '/' || c == '-') return std::nullopt;
    if (c != '\\') {
      out += c;
      continue;
    }
    const auto unit_at = [&](std::size_t i) -> std::optional<char32_t> {
      if (text.size() < i + 6 || text.substr(i, 2) != "\\u") return std::nullopt;
      return read_hex(text.substr(i + 2, 4));
    };
    const auto unit = unit_at(at);
    if (!unit || (*unit >= 0xdc00 && *unit < 0xe000)) return std::nullopt;
    at += 5;
    if (*unit < 0xd800 || *unit >= 0xe000) {
      append_utf8(out, *unit);
      continue;
    }
    const auto low = unit_at(at + 1);
    if (!low || *low < 0xdc00 || *low >= 0xe000) return std::nullopt;
    append_utf8(out, 0x10000 + ((*unit - 0xd800) << 10U) + (*low - 0xdc00));
    at += 6;
  }
  return out;
}

/// https://www.w3.org/TR/css-syntax-3/#consume-escaped-code-point
inline std::optional<std::string> read_css(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      out += c;
      continue;
    }
    const std::size_t end = text.find(' ', at);
    if (c != '\\' || end == std::string_view::npos || end - at < 2 || end - at > 7) return std::nullopt;
    const auto point = read_hex(text.substr(at + 1, end - at - 1));
    if (!point || *point == 0 || *point > 0x10ffff || (*point >= 0xd800 && *point < 0xe000)) return std::nullopt;
    append_utf8(out, *point);
    at = end;
  }
  return out;
}

/// `plain`: what may stand there beside letters, digits and escapes.
inline std::optional<std::string> read_percent(std::string_view text, std::string_view plain) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '%') {
      const auto byte = text.size() - at < 3 ? std::nullopt : read_hex(text.substr(at + 1, 2));
      if (!byte) return std::nullopt;
      out += static_cast<char>(*byte);
      at += 2;
    } else if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      return std::nullopt;
    }
  }
  return out;
}
inline std::optional<std::string> read_uri_component(std::string_view text) { return read_percent(text, "-._~"); }

inline std::optional<std::string> read_json_in_html(std::string_view text) {
  if (text.find_first_of("<>&") != std::string_view::npos || text.find("\xe2\x80\xa8") != std::string_view::npos ||
      text.find("\xe2\x80\xa9") != std::string_view::npos) {
    return std::nullopt;
  }
  std::string out;
  while (!text.empty()) {
    std::size_t size = 1;
    const std::string_view escape = text.substr(0, 6);
    if (escape == "\\u003c" || escape == "\\u003e" || escape == "\\u0026" || escape == "\\u2028" ||
        escape == "\\u2029") {
      append_utf8(out, *read_hex(escape.substr(2)));
      size = 6;
    } else {
      out += text.front();
    }
    text.remove_prefix(size);
  }
  return out;
}

// --- What each encoder keeps of a text
// --------------------------------------------------------------------------------

/// HTML and XML have no controls but TAB, LF and CR, and no U+FFFE and U+FFFF.
inline std::string kept_by_html(std::string_view bytes) {
  std::u32string points = decode_utf8(bytes);
  for (char32_t& point : points) {
    const bool control = point < 0x20 && point != '\t' && point != '\n' && point != '\r';
    if (control || point == 0xfffe || point == 0xffff) point = 0xfffd;
  }
  return to_utf8(points);
}
inline std::string kept_by_css(std::string_view bytes) {
  std::u32string points = decode_utf8(bytes);
  for (char32_t& point : points) {
    if (point == 0) point = 0xfffd;
  }
  return to_utf8(points);
}

struct encoder_contract {
  const char* name;
  std::string (*encode)(std::string_view);
  void (*append)(std::string&, std::string_view);
  std::optional<std::string> (*read)(std::string_view);
  std::string (*kept)(std::string_view);
};
/// All that take every text.
inline constexpr encoder_contract encoders[] = {
    {"html", encode::html, encode::append_html, read_html_text, kept_by_html},
    {"html_attribute_unquoted", encode::html_attribute_unquoted, encode::append_html_attribute_unquoted,
     read_html_unquoted, kept_by_html},
    {"js_string", encode::js_string, encode::append_js_string, read_js, as_valid},
    {"json_in_html", encode::json_in_html, encode::append_json_in_html, read_json_in_html, as_valid},
    {"css_string", encode::css_string, encode::append_css_string, read_css, kept_by_css},
    {"uri_component", encode::uri_component, encode::append_uri_component, read_uri_component, as_valid},
};

/// Empty when `e` keeps its contract for `text`; else what is wrong.
inline std::string broken_contract(const encoder_contract& e, std::string_view text) {
  const std::string encoded = e.encode(text);
  const std::string said = std::string{e.name} + " made \"" + encoded + "\"";
  if (encoded.size() > encode::max_bytes_of_one * text.size() + 2) return said + ", too long";
  const auto read = e.read(encoded);
  if (!read) return said + ", which has what must not be there";
  // JSON that has such an escape already keeps it, and cannot be told from one that got it.
  const bool is_told = e.encode != encode::json_in_html || text.find('\\') == std::string_view::npos;
  if (is_told && *read != e.kept(text)) return said + ", which is read as another text";
  std::string appended = "before";
  e.append(appended, text);
  return appended == "before" + encoded ? std::string{} : said + ", and appends something else";
}

}  // namespace gatehouse::test
