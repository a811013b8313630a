#include "field_line.hpp"

#include <array>
#include <cstdint>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>

#include "scan.hpp"

namespace gatehouse::detail::wire {
namespace {

enum char_kind : std::uint8_t { other_char, token_char, underscore };

constexpr auto kinds = [] {
  std::array<char_kind, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    const auto c = static_cast<char>(static_cast<unsigned char>(i));
    table[i] = c == '_' ? underscore : grammar::is_token_char(c) ? token_char : other_char;
  }
  return table;
}();

constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\t'; }

/// RFC 9112 section 5.1: no whitespace between name and colon ("MUST reject"): proxies that trim it see another name.
reason refusal_of_name(std::string_view name) noexcept {
  const std::string_view trimmed = ascii::trim(name);
  return trimmed.size() != name.size() && grammar::is_token(trimmed) ? reason::http_space_before_colon
                                                                     : reason::http_invalid_field_name;
}

reason check_unknown_name(std::string_view name, underscores allowed) noexcept {
  bool has_underscore = false;
  for (const char c : name) {
    const char_kind kind = kinds[static_cast<unsigned char>(c)];
    if (kind == other_char) return refusal_of_name(name);
    has_underscore |= kind == underscore;
  }
  if (name.empty()) return reason::http_invalid_field_name;
  // CGI and WSGI turn "-" into "_": behind them X_Forwarded_For would pass for X-Forwarded-For.
  if (has_underscore && allowed == underscores::refused) return reason::http_underscore_in_field_name;
  return reason::none;
}

/// OWS at both ends is no part of a value (RFC 9110 section 5.5). DEVIATION: a TAB beside a transfer coding stays, so
/// that framing refuses it: Node does not skip it there, and "chunked" with something around it has only smugglers for
/// senders.
std::string_view trim_value(field id, std::string_view raw) noexcept {
  if (id != field::transfer_encoding) return ascii::trim(raw);
  while (raw.starts_with(' ')) raw.remove_prefix(1);
  while (raw.ends_with(' ')) raw.remove_suffix(1);
  return raw;
}

}  // namespace

reason read_field_line(std::string_view line, bool first, underscores names, field_line& out) noexcept {
  const char* const begin = line.data();
  const char* const end = begin + line.size();
  // RFC 9112 sections 2.2 and 5.2: refused, not unfolded: parsers disagree whether it continues the line before.
  if (is_space(line.front())) return first ? reason::http_invalid_field_line : reason::http_obsolete_line_folding;
  const char* const colon = scan_best::colon(begin, end);
  if (colon == end) return reason::http_invalid_field_line;

  out.name = {begin, static_cast<std::size_t>(colon - begin)};
  out.id = find_field(out.name);
  // OPTIMIZATION: a known name is a token without underscore; only the others are looked at byte by byte.
  if (out.id == field::other) {
    if (const reason why = check_unknown_name(out.name, names); why != reason::none) return why;
  }
  out.value = trim_value(out.id, {colon + 1, static_cast<std::size_t>(end - colon - 1)});
  return reason::none;
}

reason refusal_of_control_byte(std::string_view line_before_it) noexcept {
  return line_before_it.find(':') == std::string_view::npos ? reason::http_invalid_field_name
                                                            : reason::http_invalid_field_value;
}

}  // namespace gatehouse::detail::wire
