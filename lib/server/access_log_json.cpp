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

void append_time(std::string& out, std::int64_t at_us) {
  out.append("{\"time\":\"");
  append_utc(out, at_us);
  out.append("\"");
}

void append_member(std::string& out, std::string_view key, std::string_view value) {
  out.append(",\"").append(key).append("\":");
  append_json_string(out, value);
}

void append_member(std::string& out, std::string_view key, std::uint64_t value) {
  std::array<char, 20> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(",\"").append(key).append("\":").append(text.data(), end);
}

void append_duration(std::string& out, std::uint64_t microseconds) {
  append_member(out, "duration_ms", microseconds / 1000);
  std::array<char, 4> fraction{'.', static_cast<char>('0' + microseconds / 100 % 10),
                               static_cast<char>('0' + microseconds / 10 % 10),
                               static_cast<char>('0' + microseconds % 10)};
  out.append(fraction.data(), fraction.size());
}

void append_query(std::string& out, std::string_view keys) {
  out.append(",\"query\":[");
  for (bool first = true; !keys.empty(); first = false) {
    const auto end = keys.find('&');
    if (!first) out += ',';
    append_json_string(out, keys.substr(0, end));
    keys = end == std::string_view::npos ? std::string_view{} : keys.substr(end + 1);
  }
  out += ']';
}

}  // namespace

void json_lines::append(std::string& out, const log_record& r) {
  const record_numbers& n = r.numbers;
  std::array<char, ip_address::max_text> client{};
  append_time(out, n.began_us);
  append_member(out, "level", level_of(n));
  append_member(out, "event", "request");
  append_member(out, "id", r.id);
  append_member(out, "client", std::string_view{client.data(), n.client.write(client.data())});
  append_member(out, "method", r.method);
  append_member(out, "path", r.path);
  if (!r.query_keys.empty()) append_query(out, r.query_keys);
  append_member(out, "status", std::uint64_t{n.status});
  if (n.why != reason::none) append_member(out, n.would_refuse ? "would_refuse" : "reason", code(n.why));
  append_duration(out, n.duration_us);
  append_member(out, "bytes_in", n.bytes_in);
  append_member(out, "bytes_out", n.bytes_out);
  if (n.why == reason::limit_body_too_large && n.declared != 0) append_member(out, "declared_bytes", n.declared);
  if (!r.host.empty()) append_member(out, "host", r.host);
  if (!r.route.empty()) append_member(out, "route", r.route);
  out.append(n.aborted ? ",\"aborted\":true}\n" : ",\"aborted\":false}\n");
}

void json_lines::append(std::string& out, const log_note& n) {
  if (n.verbatim) return;
  append_time(out, n.at_us);
  append_member(out, "level", name(n.level));
  append_member(out, "event", n.event);
  if (!n.id.empty()) append_member(out, "id", n.id);
  append_member(out, "text", n.text);
  out.append("}\n");
}

}  // namespace gatehouse::detail::server
