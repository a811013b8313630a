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

void put_client(line_cursor& to, const ip_address& address, logged_client how) noexcept {
  if (how == logged_client::none) return;
  to.literal(R"(","client":")");
  to.at += logged_address(address, how).write(to.at);
}

void put_verb(line_cursor& to, method m, std::string_view sent) noexcept {
  to.literal(R"(","method":)");
  if (m == method::unknown) {
    to.string(sent);
  } else {
    *to.at++ = '"';
    to.text(to_string(m));
    *to.at++ = '"';
  }
  to.literal(R"(,"path":)");
}

}  // namespace

char* line_cursor::write_number(char* to, std::uint64_t value) noexcept {
  constexpr std::size_t max_digits = 20;
  return std::to_chars(to, to + max_digits, value).ptr;
}

char* write_asker(char* to, line_asker who, logged_client how) noexcept {
  line_cursor line(to);
  put_client(line, who.client, how);
  // It says as exactly who it is as an address.
  if (how == logged_client::full && !who.certificate.empty()) {
    line.literal(R"(","client_certificate":")");
    line.text(who.certificate);
  }
  put_verb(line, who.verb, who.method_text);
  return line.at;
}

char* write_query(char* to, std::string_view keys) noexcept {
  line_cursor line(to);
  line.literal(R"(,"query":[)");
  while (true) {
    const std::string_view key = keys.substr(0, keys.find('&'));
    line.string(key);
    if (key.size() == keys.size()) break;
    *line.at++ = ',';
    keys.remove_prefix(key.size() + 1);
  }
  *line.at++ = ']';
  return line.at;
}

char* write_reason(char* to, const record_numbers& n) noexcept {
  line_cursor line(to);
  if (n.would_refuse) {
    line.literal(R"(,"would_refuse":")");
  } else if (n.unreadable) {
    line.literal(R"(,"unreadable":")");
  } else {
    line.literal(R"(,"reason":")");
  }
  line.text(code(n.why));
  *line.at++ = '"';
  if (n.next == cors_change::none) return line.at;
  line.literal(R"(,"cors_next":")");
  line.text(to_string(n.next));
  *line.at++ = '"';
  return line.at;
}

char* write_particulars(char* to, const log_record& r) noexcept {
  line_cursor line(to);
  if (r.numbers.why == reason::limit_body_too_large && r.numbers.declared != 0) {
    line.literal(R"(,"declared_bytes":)");
    line.number(r.numbers.declared);
  }
  if (!r.host.empty()) {
    line.literal(R"(,"host":)");
    line.string(r.host);
  }
  if (!r.origin.empty()) {
    line.literal(R"(,"origin":)");
    line.string(r.origin);
  }
  if (!r.denied.empty()) {
    line.literal(R"(,"denied":)");
    line.string(r.denied);
  }
  return line.at;
}

char* write_ending(char* to, std::string_view route, bool aborted) noexcept {
  line_cursor line(to);
  if (!route.empty()) {
    line.literal(R"(,"route":)");
    line.string(route);
  }
  if (aborted) {
    line.literal(",\"aborted\":true}\n");
  } else {
    line.literal(",\"aborted\":false}\n");
  }
  return line.at;
}

void line_pieces::render(known_asker& known, ip_address client, method verb, logged_client how) noexcept {
  // The names, the longest address and method, and quotes.
  static_assert(longest > sizeof(R"(","client":"","method":"","path":)") + ip_address::max_text + max_logged_method);
  known.client = client;
  known.verb = verb;
  line_cursor to(known.line.text.data());
  put_client(to, client, how);
  put_verb(to, verb, {});
  known.line.size = static_cast<std::size_t>(to.at - known.line.text.data());
}

void line_pieces::render(known_ending& known, std::string_view route) noexcept {
  std::array<char, longest * max_json_bytes_of_one> escaped;
  const auto size = static_cast<std::size_t>(write_ending(escaped.data(), route, false) - escaped.data());
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
  out.resize(before + json_line_bound<json_line::any>(r));
  char* const end = write_json_line<json_line::any>(out.data() + before, r, client_, pieces_);
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
