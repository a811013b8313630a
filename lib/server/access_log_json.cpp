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
  void verb(const log_record& r) noexcept {
    if (r.numbers.verb == method::unknown) {
      literal(R"(","method":)");
      return string(r.method);
    }
    literal(R"(","method":")");
    text(to_string(r.numbers.verb));
    *at++ = '"';
  }
  void level(const record_numbers& n) noexcept {
    if (n.why == reason::none && !n.aborted && n.status < 500) return literal(R"(","level":"info)");
    literal(R"(","level":")");
    text(level_of(n));
  }
  void number(std::uint64_t value) noexcept {
    if (value < 10) {  // most of a line's numbers
      *at++ = static_cast<char>('0' + value);
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
  constexpr std::size_t all_else = 680;
  return all_else + r.trace.size() + r.certificate.size() + r.id.size() +
         max_json_bytes_of_one *
             (r.method.size() + r.path.size() + r.route.size() + r.host.size() + r.origin.size() + r.denied.size()) +
         (max_json_bytes_of_one + 3) * r.query_keys.size();
}

// OPTIMIZATION: this line is written for every request. It goes to a space that holds the longest, with no question of
// room and no call for what is short.
char* write_json_line(char* space, const log_record& r, logged_client client, line_clock& clock) noexcept {
  const record_numbers& n = r.numbers;
  cursor to(space);
  to.literal(R"({"time":")");
  to.at = clock.write(to.at, n.began_us);
  to.level(n);
  to.literal(R"(","event":"request","id":")");
  to.id(r.id);
  if (!r.trace.empty()) {
    to.literal(R"(","trace":")");
    to.text(r.trace);
  }
  if (client != logged_client::none) {
    to.literal(R"(","client":")");
    to.at += logged_address(n.client, client).write(to.at);
  }
  if (client == logged_client::full && !r.certificate.empty()) {  // it says as exactly who it is
    to.literal(R"(","client_certificate":")");
    to.text(r.certificate);
  }
  to.verb(r);
  to.literal(R"(,"path":)");
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
  if (!r.route.empty()) {
    to.literal(R"(,"route":)");
    to.string(r.route);
  }
  if (n.aborted) {
    to.literal(",\"aborted\":true}\n");
  } else {
    to.literal(",\"aborted\":false}\n");
  }
  return to.at;
}

void json_lines::append_time(std::string& out, std::int64_t at_us) {
  out.append(R"({"time":")");
  clock_.append(out, at_us);
}

void json_lines::append(std::string& out, const log_record& r) {
  const std::size_t before = out.size();
  out.resize(before + json_line_bound(r));
  char* const end = write_json_line(out.data() + before, r, client_, clock_);
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
