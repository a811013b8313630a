#include "leak_context.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse::detail::rules::leak_context {
namespace {

constexpr bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr bool is_word(char c) noexcept { return ascii::is_alnum(c) || c == '_'; }
constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// How many characters at the beginning, or at the end, are of this kind.
template <typename Kind>
std::size_t leading(std::string_view text, Kind kind) noexcept {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, kind) - text.begin());
}
template <typename Kind>
std::size_t trailing(std::string_view text, Kind kind) noexcept {
  std::size_t n = 0;
  while (n < text.size() && kind(text[text.size() - 1 - n])) ++n;
  return n;
}

/// Takes a number of at most `most` digits off the front; false: there is none.
bool take_number(std::string_view& text, std::size_t most = 10) noexcept {
  const std::size_t n = leading(text, ascii::is_digit);
  if (n == 0 || n > most) return false;
  text.remove_prefix(n);
  return true;
}
bool take(std::string_view& text, std::string_view what) noexcept {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

bool take_octet(std::string_view& text) noexcept {
  const std::string_view digits = text.substr(0, leading(text, ascii::is_digit));
  if (digits.size() > 3) return false;
  const auto value = ascii::parse_decimal(digits);
  text.remove_prefix(digits.size());
  return value && *value <= 255;
}
/// ":5432". One digit is no port that anything listens on.
bool is_port(std::string_view text) noexcept {
  if (!take(text, ":")) return false;
  const std::size_t n = leading(text, ascii::is_digit);
  return n >= 2 && n <= 5;
}
bool octets_and_port(std::string_view before, std::string_view after, int octets) noexcept {
  const bool inside = !before.empty() && (is_word(before.back()) || before.back() == '.' || before.back() == '-');
  if (inside) return false;
  for (int i = 0; i < octets; ++i) {
    if ((i > 0 && !take(after, ".")) || !take_octet(after)) return false;
  }
  return is_port(after);
}

/// "java.lang.Runtime" of "...: java.lang.RuntimeException": what belongs to a dotted name that goes on.
std::string_view dotted_name_before(std::string_view before) noexcept {
  const auto of_name = [](char c) { return is_word(c) || c == '.' || c == '$'; };
  return before.substr(before.size() - trailing(before, of_name));
}
std::size_t dots_of(std::string_view name) noexcept { return static_cast<std::size_t>(std::ranges::count(name, '.')); }
/// Whether its last segment begins like a class: "java.lang.Runtime".
bool ends_with_class(std::string_view name) noexcept {
  const auto dot = name.rfind('.');
  return dot != std::string_view::npos && dot + 1 < name.size() && is_upper(name[dot + 1]);
}
bool begins_well(std::string_view name) noexcept {
  return ascii::is_alpha(name.front()) && name.find("..") == std::string_view::npos;
}

/// '"', "'" and "`" as they are, or as JSON and HTML write them.
bool begins_with_quote(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 9> quotes{"\"",    "'",     "`",      "\\\"", "&quot;",
                                                   "&#34;", "&#39;", "&#x27;", "\\u00"};
  return std::ranges::any_of(quotes, [&](std::string_view q) { return text.starts_with(q); });
}
bool quoted_then(std::string_view after, std::string_view sentence) noexcept {
  return begins_with_quote(after) && after.find(sentence) != std::string_view::npos;
}

/// A path begins here: it is no part of a URL, of a longer path, or the whole of an attribute.
bool path_begins(std::string_view before) noexcept {
  if (before.empty()) return true;
  const char last = before.back();
  if (is_word(last) || last == '/' || last == '.' || last == '-' || last == '~' || last == '%') return false;
  return !before.ends_with("=\"") && !before.ends_with("='") && !before.ends_with("=\\\"");
}
constexpr bool is_of_path(char c) noexcept {
  return is_word(c) || c == '/' || c == '.' || c == '-' || c == '@' || c == '+';
}
// Nothing of the kind is fetched by a page, so that a path to one is a path of the machine.
constexpr std::array<std::string_view, 40> unserved{
    "py",     "pyc", "rb",  "erb", "php", "java", "class", "jar",  "war",    "kt",   "scala", "go",  "rs",  "cs",
    "cshtml", "vb",  "dll", "so",  "ex",  "exs",  "pl",    "pm",   "cpp",    "hpp",  "conf",  "cnf", "ini", "env",
    "log",    "db",  "sql", "pem", "key", "crt",  "yml",   "yaml", "sqlite", "sock", "lock",  "bak"};

/// "com.acme.Shop.pay(": two dots at least, and something that begins with a capital letter.
bool is_qualified_call(std::string_view text) noexcept {
  const auto of_name = [](char c) {
    return is_word(c) || c == '.' || c == '$' || c == '<' || c == '>' || c == '+' || c == '/';
  };
  const std::string_view name = text.substr(0, leading(text, of_name));
  if (name.empty() || !ascii::is_alpha(name.front()) || dots_of(name) < 2) return false;
  return text.substr(name.size()).starts_with('(') && std::ranges::any_of(name, is_upper);
}

/// Already hidden by who wrote it: "***", "xxxxx", "[redacted]", "<password>".
bool is_masked(std::string_view password) noexcept {
  if (password.empty() || password.front() == '*' || password.front() == '[' || password.front() == '<') return true;
  return std::ranges::all_of(password, [&](char c) { return c == password.front(); });
}

}  // namespace

bool number_after(std::string_view, std::string_view after) noexcept { return take_number(after); }

bool line_and_column_after(std::string_view, std::string_view after) noexcept {
  return take_number(after) && take(after, ":") && take_number(after);
}

bool number_and_colon_after(std::string_view, std::string_view after) noexcept {
  return take_number(after) && take(after, ":");
}

bool line_of_ruby_after(std::string_view, std::string_view after) noexcept {
  return take_number(after) && take(after, ":in ");
}

bool goroutine_after(std::string_view, std::string_view after) noexcept {
  return take_number(after) && take(after, " [");
}

bool five_digits_after(std::string_view before, std::string_view after) noexcept {
  return no_word_before(before, after) && leading(after, ascii::is_digit) == 5;
}

bool capital_after(std::string_view, std::string_view after) noexcept { return !after.empty() && is_upper(after[0]); }

bool quote_after(std::string_view, std::string_view after) noexcept { return begins_with_quote(after); }

bool call_after(std::string_view before, std::string_view after) noexcept {
  const bool begins = before.empty() || is_space(before.back()) || before.back() == '>' || before.back() == ';' ||
                      before.ends_with("\\n") || before.ends_with("\\t");
  return begins && is_qualified_call(after);
}

bool filled_after(std::string_view, std::string_view after) noexcept {
  after.remove_prefix(leading(after, is_space));
  if (!take(after, ":")) return false;
  after.remove_prefix(leading(after, is_space));
  if (take(after, "\"")) return !after.empty() && after[0] != '"';
  if (!take(after, "[")) return false;
  after.remove_prefix(leading(after, is_space));
  return !after.empty() && after[0] != ']';
}

bool assigned_after(std::string_view, std::string_view after) noexcept {
  if (!after.empty() && (after[0] == '=' || after[0] == ':')) return true;
  return begins_with_quote(after);
}

bool missing_name_after(std::string_view, std::string_view after) noexcept {
  return quoted_then(after, " does not exist");
}

bool missing_table_after(std::string_view, std::string_view after) noexcept { return quoted_then(after, "t exist"); }

bool key_after(std::string_view, std::string_view after) noexcept { return quoted_then(after, " for key "); }

bool clause_after(std::string_view, std::string_view after) noexcept {
  return quoted_then(after, "clause") || quoted_then(after, "field list");
}

bool jdbc_after(std::string_view before, std::string_view after) noexcept {
  if (!no_word_before(before, after)) return false;
  const std::size_t driver = leading(after, is_word);
  return driver > 0 && after.substr(driver).starts_with(':');
}

bool application_after(std::string_view, std::string_view after) noexcept { return quoted_then(after, " Application"); }

bool number_before(std::string_view before, std::string_view) noexcept {
  return !before.empty() && ascii::is_digit(before.back());
}

bool no_word_before(std::string_view before, std::string_view) noexcept {
  return before.empty() || !is_word(before.back());
}

bool near_before(std::string_view before, std::string_view) noexcept {
  return before.find("near ") != std::string_view::npos;
}

bool exception_class_before(std::string_view before, std::string_view) noexcept {
  const std::string_view name = dotted_name_before(before);
  if (name.empty() || !begins_well(name) || !ends_with_class(name)) return false;
  return dots_of(name) >= 2 || name.starts_with("System.") || name.starts_with("Microsoft.");
}

bool error_class_before(std::string_view before, std::string_view) noexcept {
  const std::string_view name = dotted_name_before(before);
  return !name.empty() && begins_well(name) && ends_with_class(name) && dots_of(name) >= 2;
}

bool path_after(std::string_view before, std::string_view after) noexcept {
  return path_begins(before) && !after.empty() && is_word(after[0]);
}

bool file_after(std::string_view before, std::string_view after) noexcept {
  if (!path_begins(before)) return false;
  std::string_view path = after.substr(0, leading(after, is_of_path));
  while (path.ends_with('.')) path.remove_suffix(1);  // the end of a sentence
  const auto dot = path.rfind('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view extension = path.substr(dot + 1);
  return std::ranges::find(unserved, extension) != unserved.end();
}

// In JSON each backslash is two, and a single one begins an escape: "C:\n" is a line end behind "C:".
bool drive_around(std::string_view before, std::string_view after) noexcept {
  if (before.empty() || !ascii::is_alpha(before.back())) return false;
  if (before.size() > 1 && is_word(before[before.size() - 2])) return false;
  if (!take(after, "\\") && !after.empty() && std::string_view{"bfnrtu"}.find(after[0]) != std::string_view::npos) {
    return false;
  }
  const auto of_name = [](char c) { return is_word(c) || c == ' ' || c == '.' || c == '-' || c == '(' || c == ')'; };
  const std::size_t name = leading(after, of_name);
  return name > 0 && after.substr(name).starts_with('\\');
}

bool three_octets_and_port(std::string_view before, std::string_view after) noexcept {
  return octets_and_port(before, after, 3);
}

bool two_octets_and_port(std::string_view before, std::string_view after) noexcept {
  return octets_and_port(before, after, 2);
}

bool private_172_and_port(std::string_view before, std::string_view after) noexcept {
  const auto second = ascii::parse_decimal(after.substr(0, std::min<std::size_t>(2, leading(after, ascii::is_digit))));
  return second && *second >= 16 && *second <= 31 && octets_and_port(before, after, 3);
}

bool rest_of_ipv6_and_port(std::string_view, std::string_view after) noexcept {
  const auto of_address = [](char c) { return ascii::hex_value(c) >= 0 || c == ':' || c == '.'; };
  constexpr std::size_t longest = 45;
  const std::size_t n = leading(after, of_address);
  return n <= longest && after.substr(n).starts_with(']') && is_port(after.substr(n + 1));
}

bool password_after(std::string_view, std::string_view after) noexcept {
  const auto of_user = [](char c) { return is_word(c) || c == '.' || c == '-' || c == '%' || c == '+'; };
  const auto of_password = [](char c) { return c > ' ' && c != '/' && c != '@' && c != '"' && c != '\\' && c != '?'; };
  after.remove_prefix(leading(after, of_user));
  if (!take(after, ":")) return false;
  const std::string_view password = after.substr(0, leading(after, of_password));
  return after.substr(password.size()).starts_with('@') && !is_masked(password);
}

bool connection_string_around(std::string_view before, std::string_view after) noexcept {
  const auto of_password = [](char c) { return c > ' ' && c != ';' && c != '"' && c != '\\' && c != '&'; };
  if (is_masked(after.substr(0, leading(after, of_password)))) return false;
  constexpr std::array<std::string_view, 12> others{"Server=",  "server=", "Host=", "host=", "Data Source=", "User Id=",
                                                    "User ID=", "Uid=",    "uid=",  "user=", "Username=",    "dbname="};
  return std::ranges::any_of(others, [&](std::string_view key) {
    return before.find(key) != std::string_view::npos || after.find(key) != std::string_view::npos;
  });
}

bool access_key_after(std::string_view before, std::string_view after) noexcept {
  const auto of_key = [](char c) { return is_upper(c) || ascii::is_digit(c); };
  return no_word_before(before, after) && leading(after, of_key) == 16;
}

}  // namespace gatehouse::detail::rules::leak_context
