#include <charconv>
#include <cstring>

#include <gatehouse/http/json_writer.hpp>

#include "access_log_lines.hpp"

namespace gatehouse::detail::server {
namespace {

std::string_view name(log_level l) noexcept {
  switch (l) {
    case log_level::info: return "info";
    case log_level::warning: return "warning";
    case log_level::error: return "error";
  }
  return {};
}

std::string_view level_of(const record_numbers& n) noexcept {
  if (n.status >= 500) return "error";
  return n.why != reason::none || n.aborted ? "warning" : "info";
}

// `key` is with all that stands around it, as it goes out: `,"path":`.

void append_text(std::string& out, std::string_view key, std::string_view value) {
  out.append(key);
  append_json_string(out, value);
}

/// A text of our own, which needs no escapes.
void append_word(std::string& out, std::string_view key, std::string_view value) {
  out.append(key).append("\"").append(value).append("\"");
}

void append_number(std::string& out, std::string_view key, std::uint64_t value) {
  std::array<char, 20> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(key).append(text.data(), end);
}

/// Where the next byte of a line goes; there is room for it.
struct cursor {
  explicit cursor(char* from) noexcept : at(from) {}

  template <std::size_t Size>
  void literal(const char (&words)[Size]) noexcept {
    std::memcpy(at, words, Size - 1);
    at += Size - 1;
  }
  /// A text of our own, which needs no escapes.
  void text(std::string_view words) noexcept {
    std::memcpy(at, words.data(), words.size());
    at += words.size();
  }
  /// With quotes, and escapes where they are needed.
  void string(std::string_view words) noexcept { at = write_json_string(at, words); }
  /// What the rule request_id lets pass needs no escapes; nearly always it is a UUID.
  void id(std::string_view words) noexcept {
    constexpr std::size_t uuid_size = 36;
    if (words.size() != uuid_size) return text(words);
    std::memcpy(at, words.data(), uuid_size);
    at += uuid_size;
  }
  void client(const ip_address& address, logged_client how) noexcept {
    if (how == logged_client::none) return;
    literal(R"(","client":")");
    at += logged_address(address, how).write(at);
  }
  void verb(method m, std::string_view sent) noexcept {
    if (m == method::unknown) {
      literal(R"(","method":)");
      string(sent);
    } else {
      literal(R"(","method":")");
      text(to_string(m));
      *at++ = '"';
    }
    literal(R"(,"path":)");
  }
  void asker(const log_record& r, logged_client how, line_pieces& pieces) noexcept {
    const bool shown = how == logged_client::full && !r.certificate.empty();  // it says as exactly who it is
    if (!shown && r.numbers.verb != method::unknown) {
      at = pieces.asker(r.numbers, how).write(at);
      return;
    }
    client(r.numbers.client, how);
    if (shown) {
      literal(R"(","client_certificate":")");
      text(r.certificate);
    }
    verb(r.numbers.verb, r.method);
  }
  void ending(std::string_view route, bool aborted) noexcept {
    if (!route.empty()) {
      literal(R"(,"route":)");
      string(route);
    }
    if (aborted) {
      literal(",\"aborted\":true}\n");
    } else {
      literal(",\"aborted\":false}\n");
    }
  }
  void level(const record_numbers& n) noexcept {
    if (n.why == reason::none && !n.aborted && n.status < 500) return literal(R"(","level":"info)");
    literal(R"(","level":")");
    text(level_of(n));
  }
  void number(std::uint64_t value) noexcept {
    if (value < 1000) {  // most of a line's numbers
      at = write_small_number(at, static_cast<unsigned>(value));
    } else {
      at = std::to_chars(at, at + max_digits, value).ptr;
    }
  }
  void status(std::uint16_t value) noexcept {
    if (value < 100 || value > 999) return number(value);  // 0: nothing was answered
    at = write_three_digits(at, value);
  }
  /// In milliseconds, with three digits of their fraction.
  void duration(std::uint64_t microseconds) noexcept {
    number(microseconds / 1000);
    *at++ = '.';
    at = write_three_digits(at, static_cast<unsigned>(microseconds % 1000));
  }
  void why(const record_numbers& n) noexcept {
    if (n.would_refuse) {
      literal(R"(,"would_refuse":")");
    } else if (n.unreadable) {
      literal(R"(,"unreadable":")");
    } else {
      literal(R"(,"reason":")");
    }
    text(code(n.why));
    *at++ = '"';
    if (n.next == cors_change::none) return;
    literal(R"(,"cors_next":")");
    text(to_string(n.next));
    *at++ = '"';
  }
  void query(std::string_view keys) noexcept {
    literal(R"(,"query":[)");
    while (true) {
      const std::string_view key = keys.substr(0, keys.find('&'));
      at = write_json_string(at, key);
      if (key.size() == keys.size()) break;
      *at++ = ',';
      keys.remove_prefix(key.size() + 1);
    }
    *at++ = ']';
  }

  static constexpr std::size_t max_digits = 20;
  char* at;
};

}  // namespace

// Every byte of a text may become an escape; each key of a query has two quotes and a comma, and had an '&'. Names,
// numbers and the address are far below the rest.
std::size_t json_line_bound(const log_record& r) noexcept {
  constexpr std::size_t all_else = 720 + 2 * line_pieces::longest;
  return all_else + r.trace.size() + r.certificate.size() + r.id.size() +
         max_json_bytes_of_one *
             (r.method.size() + r.path.size() + r.route.size() + r.host.size() + r.origin.size() + r.denied.size()) +
         (max_json_bytes_of_one + 3) * r.query_keys.size();
}

// OPTIMIZATION: this line is written for every request. It goes to a space that holds the longest, with no question of
// room and no call for what is short.
char* write_json_line(char* space, const log_record& r, logged_client client, line_pieces& pieces) noexcept {
  const record_numbers& n = r.numbers;
  cursor to(space);
  to.literal(R"({"time":")");
  to.at = pieces.clock.write(to.at, n.began_us);
  to.level(n);
  to.literal(R"(","event":"request","id":")");
  to.id(r.id);
  if (!r.trace.empty()) {
    to.literal(R"(","trace":")");
    to.text(r.trace);
  }
  to.asker(r, client, pieces);
  to.string(r.path);
  if (!r.query_keys.empty()) to.query(r.query_keys);
  to.literal(R"(,"status":)");
  to.status(n.status);
  if (n.why != reason::none) to.why(n);
  to.literal(R"(,"duration_ms":)");
  to.duration(n.duration_us);
  to.literal(R"(,"bytes_in":)");
  to.number(n.bytes_in);
  to.literal(R"(,"bytes_out":)");
  to.number(n.bytes_out);
  if (n.why == reason::limit_body_too_large && n.declared != 0) {
    to.literal(R"(,"declared_bytes":)");
    to.number(n.declared);
  }
  if (!r.host.empty()) {
    to.literal(R"(,"host":)");
    to.string(r.host);
  }
  if (!r.origin.empty()) {
    to.literal(R"(,"origin":)");
    to.string(r.origin);
  }
  if (!r.denied.empty()) {
    to.literal(R"(,"denied":)");
    to.string(r.denied);
  }
  const line_pieces::piece* const usual = n.aborted ? nullptr : pieces.ending(r.route);
  if (usual != nullptr) return usual->write(to.at);
  to.ending(r.route, n.aborted);
  return to.at;
}

void line_pieces::render(known_asker& known, const record_numbers& n, logged_client how) noexcept {
  // The names, the longest address and method, and quotes.
  static_assert(longest > sizeof(R"(","client":"","method":"","path":)") + ip_address::max_text + max_logged_method);
  known.client = n.client;
  known.verb = n.verb;
  cursor to(known.line.text.data());
  to.client(n.client, how);
  to.verb(n.verb, {});
  known.line.size = static_cast<std::size_t>(to.at - known.line.text.data());
}

void line_pieces::render(known_ending& known, std::string_view route) noexcept {
  std::array<char, longest * max_json_bytes_of_one> escaped;
  cursor to(escaped.data());
  to.ending(route, false);
  const auto size = static_cast<std::size_t>(to.at - escaped.data());
  known.route_size = route.copy(known.route.data(), route.size());
  known.line.size = size <= longest ? size : 0;
  std::memcpy(known.line.text.data(), escaped.data(), known.line.size);
}

void json_lines::append_time(std::string& out, std::int64_t at_us) {
  out.append(R"({"time":")");
  pieces_.clock.append(out, at_us);
}

void json_lines::append(std::string& out, const log_record& r) {
  const std::size_t before = out.size();
  out.resize(before + json_line_bound(r));
  char* const end = write_json_line(out.data() + before, r, client_, pieces_);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

void json_lines::append(std::string& out, const log_repeats& r) {
  append_time(out, r.at_us);
  append_word(out, R"(","level":)", r.status >= 500 ? "error" : "warning");
  append_number(out, R"(,"event":"repeated","count":)", r.count);
  append_number(out, R"(,"status":)", r.status);
  append_word(out, r.would_refuse ? R"(,"would_refuse":)" : R"(,"reason":)", code(r.why));
  if (!r.route.empty()) append_text(out, R"(,"route":)", r.route);
  out.append("}\n");
}

void json_lines::append(std::string& out, const log_note& n) {
  if (n.verbatim) return;
  append_time(out, n.at_us);
  append_word(out, R"(","level":)", name(n.level));
  append_text(out, R"(,"event":)", n.event);
  if (!n.id.empty()) append_text(out, R"(,"id":)", n.id);
  append_text(out, R"(,"text":)", n.text);
  out.append("}\n");
}

}  // namespace gatehouse::detail::server
