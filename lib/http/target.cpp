#include <gatehouse/http/target.hpp>

#include <array>
#include <cstdint>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/utf8.hpp>

namespace gatehouse {
namespace {

// https://www.rfc-editor.org/rfc/rfc3986#section-3.3 : pchar and "/", "%" looked at apart.
constexpr bool is_path_char(char c) noexcept {
  return ascii::is_alnum(c) || std::string_view{"/-._~!$&'()*+,;=:@%"}.find(c) != std::string_view::npos;
}

// DEVIATION: RFC 3986 section 3.4 has none of \ | ^ ` { } [ ] " in a query; browsers send them (first_day.md). A "%"
// without its digits is sent as well ("?q=100%") and splits nothing. "<" and ">" nobody sends: refused.
constexpr bool is_query_char(char c) noexcept { return c > ' ' && c <= '~' && c != '#' && c != '<' && c != '>'; }

enum char_kind : std::uint8_t { in_path = 1, in_query = 2, plain_in_path = 4 };

/// `plain_in_path`: an ordinary byte that begins no segment, dot or escape, so that most paths cost one look a byte.
constexpr auto kinds = [] {
  std::array<std::uint8_t, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    const auto c = static_cast<char>(static_cast<unsigned char>(i));
    unsigned kind = 0;
    if (is_path_char(c)) kind |= in_path;
    if (is_query_char(c)) kind |= in_query;
    if (is_path_char(c) && c != '/' && c != '%') kind |= plain_in_path;
    table[i] = static_cast<std::uint8_t>(kind);
  }
  return table;
}();

bool is(char_kind kind, char c) noexcept { return (kinds[static_cast<unsigned char>(c)] & kind) != 0; }

/// The byte that "%xy" at the start of `text` stands for, or -1.
int decoded(std::string_view text) noexcept {
  if (text.size() < 3 || text[0] != '%') return -1;
  const int high = ascii::hex_value(text[1]);
  const int low = ascii::hex_value(text[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/// An encoded ASCII byte that changes what the path means once somebody decodes it: controls, "/", "\" and "." (dot
/// segments in disguise). "%25" stays: decoding once, as everyone should, gives a percent sign.
bool is_dangerous_when_decoded(int byte) noexcept {
  return byte < 0x20 || byte == 0x7f || byte == '/' || byte == '\\' || byte == '.';
}

/// How many bytes of `path` the escapes of one whole character take; 0 when they are not valid or not harmless.
std::size_t escaped_character(std::string_view path) noexcept {
  std::array<char, 4> bytes{};
  std::size_t count = 0;
  while (count < bytes.size()) {
    const int byte = decoded(path.substr(count * 3));
    if (byte < 0) break;
    if (count > 0 && byte < 0x80) break;  // the next character
    bytes[count++] = static_cast<char>(static_cast<unsigned char>(byte));
    if (byte < 0x80) break;
  }
  // Overlong forms hide a "/" or "." from who compares bytes; any other invalid UTF-8 is replaced by one decoder, kept
  // by another and an error in a third.
  const std::size_t size = utf8_sequence_size({bytes.data(), count});
  if (size == 1 && is_dangerous_when_decoded(static_cast<unsigned char>(bytes[0]))) return 0;
  return size * 3;
}

/// Empty, "." or "..", also before a ";" (some servers drop parameters before they resolve dots: "/..;/admin").
bool is_ambiguous_segment(std::string_view segment) noexcept {
  const std::string_view name = segment.substr(0, segment.find(';'));
  return name == "." || name == "..";
}

reason check_path(std::string_view path) noexcept {
  // CHOICE: refused, not resolved (RFC 3986 section 5.2.4): who resolves, forwards other bytes than were authorised.
  std::size_t segment = 1;  // behind the first "/"
  for (std::size_t i = 1; i < path.size();) {
    if (is(plain_in_path, path[i])) {
      ++i;
    } else if (path[i] == '/') {
      if (i == segment || is_ambiguous_segment(path.substr(segment, i - segment))) return reason::http_ambiguous_path;
      segment = ++i;
    } else if (path[i] == '%') {
      const std::size_t size = escaped_character(path.substr(i));
      if (size == 0) return reason::http_ambiguous_path;
      i += size;
    } else {
      return reason::http_invalid_target;
    }
  }
  return is_ambiguous_segment(path.substr(segment)) ? reason::http_ambiguous_path : reason::none;
}

reason check_query(std::string_view query) noexcept {
  for (const char c : query) {
    if (!is(in_query, c)) return reason::http_invalid_target;
  }
  return reason::none;
}

}  // namespace

result<origin_form> origin_form::parse(std::string_view target) noexcept {
  if (!target.starts_with('/')) return error{reason::http_invalid_target};
  const std::size_t mark = target.find('?');
  origin_form parts{.path = target.substr(0, mark), .query = {}};
  if (const reason why = check_path(parts.path); why != reason::none) return error{why};
  if (mark != std::string_view::npos) parts.query = target.substr(mark + 1);
  if (const reason why = check_query(parts.query); why != reason::none) return error{why};
  return parts;
}

}  // namespace gatehouse
