#include <charconv>

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

void append_duration(std::string& out, std::uint64_t microseconds) {
  append_number(out, R"(,"duration_ms":)", microseconds / 1000);
  std::array<char, 4> fraction{'.', static_cast<char>('0' + microseconds / 100 % 10),
                               static_cast<char>('0' + microseconds / 10 % 10),
                               static_cast<char>('0' + microseconds % 10)};
  out.append(fraction.data(), fraction.size());
}

void append_query(std::string& out, std::string_view keys) {
  out.append(R"(,"query":[)");
  for (bool first = true; !keys.empty(); first = false) {
    const auto end = keys.find('&');
    append_text(out, first ? "" : ",", keys.substr(0, end));
    keys = end == std::string_view::npos ? std::string_view{} : keys.substr(end + 1);
  }
  out += ']';
}

}  // namespace

void json_lines::append_time(std::string& out, std::int64_t at_us) {
  out.append(R"({"time":")");
  clock_.append(out, at_us);
}

void json_lines::append(std::string& out, const log_record& r) {
  const record_numbers& n = r.numbers;
  std::array<char, ip_address::max_text> client{};
  append_time(out, n.began_us);
  append_word(out, R"(","level":)", level_of(n));
  append_text(out, R"(,"event":"request","id":)", r.id);
  if (!r.trace.empty()) append_word(out, R"(,"trace":)", r.trace);
  if (client_ != logged_client::none) {
    append_word(out, R"(,"client":)", {client.data(), logged_address(n.client, client_).write(client.data())});
  }
  append_text(out, R"(,"method":)", r.method);
  append_text(out, R"(,"path":)", r.path);
  if (!r.query_keys.empty()) append_query(out, r.query_keys);
  append_number(out, R"(,"status":)", n.status);
  if (n.why != reason::none) {
    append_word(out,
                n.would_refuse ? R"(,"would_refuse":)"
                : n.unreadable ? R"(,"unreadable":)"
                               : R"(,"reason":)",
                code(n.why));
  }
  append_duration(out, n.duration_us);
  append_number(out, R"(,"bytes_in":)", n.bytes_in);
  append_number(out, R"(,"bytes_out":)", n.bytes_out);
  if (n.why == reason::limit_body_too_large && n.declared != 0) {
    append_number(out, R"(,"declared_bytes":)", n.declared);
  }
  if (!r.host.empty()) append_text(out, R"(,"host":)", r.host);
  if (!r.origin.empty()) append_text(out, R"(,"origin":)", r.origin);
  if (!r.denied.empty()) append_text(out, R"(,"denied":)", r.denied);
  if (!r.route.empty()) append_text(out, R"(,"route":)", r.route);
  out.append(n.aborted ? ",\"aborted\":true}\n" : ",\"aborted\":false}\n");
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
