#include <algorithm>
#include <charconv>
#include <cstddef>
#include <functional>

#include <gatehouse/http/problem.hpp>

#include "access_log_advice.hpp"
#include "access_log_lines.hpp"

namespace gatehouse::detail::server {
namespace {

constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::string_view grey = "\x1b[90m";
constexpr std::string_view green = "\x1b[32m";

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

void append_duration(std::string& out, std::uint64_t microseconds) {
  constexpr std::uint64_t second = 1'000'000;
  const bool long_one = microseconds >= 10 * second;
  const std::uint64_t tenths = microseconds / (long_one ? second / 10 : 100);
  append_number(out, tenths / 10);
  out += '.';
  append_number(out, tenths % 10);
  out.append(long_one ? " s" : " ms");
}

/// "GET /notes?page=…&sort=…"
void append_request(std::string& out, const log_record& r) {
  if (r.method.empty() && r.path.empty()) {
    out.append("(unreadable request)");
    return;
  }
  append_printable(out, r.method);
  out += ' ';
  if (r.path.empty()) out.append("(unreadable path)");
  append_printable(out, r.path);
  std::string_view keys = r.query_keys;
  for (char mark = '?'; !keys.empty(); mark = '&') {
    const auto end = keys.find('&');
    out += mark;
    append_printable(out, keys.substr(0, end));
    out.append("=…");
    keys = end == std::string_view::npos ? std::string_view{} : keys.substr(end + 1);
  }
}

/// Takes back what was put before it when `f` adds nothing.
template <typename F>
void append_with(std::string& out, std::string_view before, const F& f) {
  const std::size_t begin = out.size();
  out.append(before);
  f();
  if (out.size() == begin + before.size()) out.resize(begin);
}

/// As much of it as finds the request again: of a random one a few digits.
std::string_view short_id(std::string_view id) noexcept {
  constexpr std::size_t enough = 6;
  return is_uuid(id) ? id.substr(0, enough) : id;
}

/// Who would have refused it, and only watches.
std::string_view watcher_of(bool would_refuse, bool of_next) noexcept {
  if (!would_refuse) return {};
  return of_next ? " (cors_next)" : " (report_only)";
}

/// `command`: who tells more, or empty.
void append_explanation(std::string& out, const log_record& r, std::string_view command) {
  append_with(out, "  ", [&] { append_particulars(out, r); });
  append_with(out, "  fix: ", [&] { append_fix(out, r); });
  if (command.empty() || r.id.empty()) {
    return append_with(out, "  why: ", [&] { out.append(advice_for(r.numbers.why).why); });
  }
  out.append("  why: ").append(command).append(" ");
  append_printable(out, short_id(r.id));
}

}  // namespace

namespace {

/// Two that are the same by accident cost an explanation, nothing more.
std::size_t origin_mark(const log_record& r) noexcept {
  const std::hash<std::string_view> hashed;
  return hashed(r.origin) * 31 + hashed(r.route) * 7 + static_cast<std::size_t>(r.numbers.why);
}

}  // namespace

void terminal_lines::begin_colour(std::string& out, std::string_view sequence) const {
  if (colour_) out.append(sequence);
}
void terminal_lines::end_colour(std::string& out) const {
  if (colour_) out.append("\x1b[0m");
}

void terminal_lines::append_client(std::string& out, std::string_view before, const ip_address& client) const {
  if (client_ == logged_client::none) return;
  std::array<char, ip_address::max_text> text{};
  out.append(before).append(text.data(), logged_address(client, client_).write(text.data()));
}

void terminal_lines::append(std::string& out, const log_record& r) {
  const record_numbers& n = r.numbers;
  begin_colour(out, grey);
  clock_.append(out, n.began_us);
  end_colour(out);
  out.append("  ");
  begin_colour(out, n.status >= 500 ? red : n.status >= 400 ? yellow : green);
  append_number(out, n.status);
  if (n.why != reason::none) {
    out.append(watcher_of(n.would_refuse, n.of_next)).append(n.unreadable ? " (unreadable) " : " ");
    out.append(code(n.why));
    if (n.next == cors_change::would_allow) out.append(" (cors_next allows it)");
  }
  end_colour(out);
  out.append("  ");
  append_request(out, r);
  if (n.why != reason::none) {
    append_refusal(out, r);
  } else {
    out.append("  ");
    append_duration(out, n.duration_us);
    out.append("  ");
    append_size(out, n.bytes_out);
    append_client(out, "  ", n.client);
  }
  if (n.aborted) out.append("  (cut off)");
  out += '\n';
}

void terminal_lines::append_refusal(std::string& out, const log_record& r) {
  if (r.origin.empty()) {
    append_client(out, " from ", r.numbers.client);
  } else {
    out.append(" from ");
    append_printable(out, r.origin);
  }
  std::uint64_t& seen = seen_[static_cast<std::size_t>(r.numbers.why)];
  ++seen;
  if (seen == 1 || is_new_origin(r)) {
    remember_origin(r);
    append_explanation(out, r, explained_by_);
    return;
  }
  out.append("  ×");
  append_number(out, seen);
}

/// Of cross-origin requests each origin is another story on each route, up to a number that nobody can make us exceed.
bool terminal_lines::is_new_origin(const log_record& r) const {
  if (r.origin.empty() || origins_ == origins_seen_.size()) return false;
  return std::find(origins_seen_.begin(), origins_seen_.begin() + static_cast<std::ptrdiff_t>(origins_),
                   origin_mark(r)) == origins_seen_.begin() + static_cast<std::ptrdiff_t>(origins_);
}

void terminal_lines::remember_origin(const log_record& r) {
  if (!r.origin.empty() && origins_ < origins_seen_.size()) origins_seen_[origins_++] = origin_mark(r);
}

void terminal_lines::append(std::string& out, const log_repeats& r) {
  seen_[static_cast<std::size_t>(r.why)] += r.count;
  begin_colour(out, grey);
  clock_.append(out, r.at_us);
  end_colour(out);
  out.append("  ");
  begin_colour(out, r.status >= 500 ? red : yellow);
  append_number(out, r.status);
  out.append(watcher_of(r.would_refuse, r.of_next)).append(" ").append(code(r.why));
  end_colour(out);
  out.append("  ");
  append_number(out, r.count);
  out.append(" more within a second");
  if (!r.route.empty()) out.append(" on ");
  append_printable(out, r.route);
  out += '\n';
}

void terminal_lines::append(std::string& out, const log_note& n) {
  if (n.verbatim) {
    out.append(n.text);
    return;
  }
  begin_colour(out, grey);
  clock_.append(out, n.at_us);
  end_colour(out);
  out.append("  ");
  begin_colour(out, n.level == log_level::error ? red : n.level == log_level::warning ? yellow : grey);
  out.append(n.level == log_level::error ? "error  " : n.level == log_level::warning ? "note   " : "");
  end_colour(out);
  append_printable(out, n.text);
  if (!n.id.empty()) {
    out.append("  id ");
    append_printable(out, n.id);
  }
  out += '\n';
}

}  // namespace gatehouse::detail::server
