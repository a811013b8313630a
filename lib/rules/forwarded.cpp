#include "forwarded.hpp"

#include <algorithm>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>

namespace gatehouse::detail::rules {
namespace {

constexpr auto npos = std::string_view::npos;

/// Whether the character at `at` is escaped: an odd number of backslashes stands before it.
bool is_escaped(std::string_view text, std::size_t at) noexcept {
  std::size_t backslashes = 0;
  while (backslashes < at && text[at - backslashes - 1] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

/// Where the last comma outside of quoted strings stands. Read backwards on purpose: an unbalanced quote in an
/// attacker's element then spoils that element only. In well-formed text both directions agree: backslashes and quotes
/// occur in quoted strings only, so an unescaped quote always is an end of one.
std::size_t last_comma(std::string_view text) noexcept {
  bool quoted = false;
  for (std::size_t i = text.size(); i-- > 0;) {
    if (text[i] == '"' && !is_escaped(text, i)) quoted = !quoted;
    if (text[i] == ',' && !quoted) return i;
  }
  return npos;
}

/// Cuts the text up to the first `;` outside of quoted strings.
std::string_view cut_pair(std::string_view& rest, bool& more) noexcept {
  bool quoted = false;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (quoted && rest[i] == '\\') {
      ++i;
    } else if (rest[i] == '"') {
      quoted = !quoted;
    } else if (rest[i] == ';' && !quoted) {
      const std::string_view pair = rest.substr(0, i);
      rest.remove_prefix(i + 1);
      return pair;
    }
  }
  more = false;
  return rest;
}

/// A token, or what is between the quotes. DEVIATION: a quoted string with a backslash is refused, which RFC 9110
/// section 5.6.4 allows: neither an address nor a scheme needs one, and unescaping would need memory.
std::optional<std::string_view> parse_value(std::string_view text) noexcept {
  if (grammar::is_token(text)) return text;
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  const std::string_view inside = text.substr(1, text.size() - 2);
  if (inside.find_first_of("\"\\") != npos) return std::nullopt;
  return inside;
}

/// node-port of RFC 7239 section 6: 1 to 5 digits, or "_" and letters, digits, ".", "_", "-".
bool is_node_port(std::string_view text) noexcept {
  if (text.starts_with('_')) {
    return text.size() > 1 &&
           std::ranges::all_of(text, [](char c) { return ascii::is_alnum(c) || c == '.' || c == '_' || c == '-'; });
  }
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, ascii::is_digit);
}

// https://www.rfc-editor.org/rfc/rfc7239#section-6 : IPv4, or IPv6 in brackets (and then in quotes), each with an
// optional port. "unknown" and "_hidden" are no addresses: the walk stops there.
std::optional<ip_address> parse_node(std::string_view text) noexcept {
  const bool bracketed = text.starts_with('[');
  const std::size_t close = bracketed ? text.find(']') : 0;
  if (close == npos) return std::nullopt;
  const std::size_t colon = bracketed ? close + 1 : std::min(text.find(':'), text.size());
  const std::string_view port = text.substr(colon);
  if (!port.empty() && (port.front() != ':' || !is_node_port(port.substr(1)))) return std::nullopt;
  const std::string_view name = bracketed ? text.substr(1, close - 1) : text.substr(0, colon);
  // Brackets hold IPv6 only; without them there is IPv4 only, since the first colon ended the name.
  if (bracketed != (name.find(':') != npos)) return std::nullopt;
  return ip_address::parse(name);
}

}  // namespace

std::optional<std::string_view> elements_backwards::next() noexcept {
  while (!inside_) {
    if (line_ == begin_) return std::nullopt;
    --line_;
    if (line_->id != id_) continue;
    rest_ = line_->value;
    inside_ = true;
  }
  const std::size_t comma = quoting_ == quoting::none ? rest_.rfind(',') : last_comma(rest_);
  inside_ = comma != npos;
  const std::string_view element = inside_ ? rest_.substr(comma + 1) : rest_;
  if (inside_) rest_ = rest_.substr(0, comma);
  return ascii::trim(element);
}

// https://www.rfc-editor.org/rfc/rfc7239#section-4 : pairs separated by ";", names in any case, each at most once.
// DEVIATION: spaces around ";" are accepted; the grammar has none, the RFC's own examples do, and so do proxies.
std::optional<forwarded_element> parse_forwarded(std::string_view text) noexcept {
  forwarded_element out{};
  bool has_for = false, has_proto = false, has_by = false, has_host = false;
  for (bool more = true; more;) {
    const std::string_view pair = ascii::trim(cut_pair(text, more));
    if (pair.empty()) continue;  // forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )
    const std::size_t equals = pair.find('=');
    if (equals == npos || !grammar::is_token(pair.substr(0, equals))) return std::nullopt;
    const auto value = parse_value(pair.substr(equals + 1));
    if (!value) return std::nullopt;
    const auto is = [name = pair.substr(0, equals)](std::string_view known) {
      return ascii::equal_ignoring_case(name, known);
    };
    bool* const seen = is("for")     ? &has_for
                       : is("proto") ? &has_proto
                       : is("by")    ? &has_by
                       : is("host")  ? &has_host
                                     : nullptr;
    if (seen == nullptr) continue;  // an extension (section 5.5)
    // "for=1.2.3.4;for=5.6.7.8": section 4, "Each parameter MUST NOT occur more than once per field-value". Whom to
    // believe?
    if (std::exchange(*seen, true)) return std::nullopt;
    if (seen == &has_for) out.node = parse_node(*value);
    if (seen == &has_proto) out.https = is_secure_scheme(*value);
  }
  return out;
}

bool is_secure_scheme(std::string_view text) noexcept {
  return ascii::equal_ignoring_case(text, "https") || ascii::equal_ignoring_case(text, "wss");
}

}  // namespace gatehouse::detail::rules
