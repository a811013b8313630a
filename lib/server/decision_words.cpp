// A decision in words, for `gatehouse explain`.
#include <algorithm>

#include <gatehouse/http/problem.hpp>
#include <gatehouse/server/decision_log.hpp>

#include "access_log_lines.hpp"
#include "decision_time.hpp"

namespace gatehouse {
namespace {

using detail::server::append_printable;
using detail::server::append_time;
using verdict = decision_trace::verdict;

constexpr std::size_t rule_column = 18;
constexpr std::size_t label_column = 6;

std::string printable(std::string_view text) {
  std::string out;
  append_printable(out, text);
  return out;
}

/// "GET /notes?page=…"
std::string request_text(const decision& d) {
  if (d.method.empty() && d.path.empty()) return "(unreadable request)";
  std::string out = printable(d.method) + ' ' + (d.path.empty() ? "(unreadable path)" : printable(d.path));
  std::string_view keys = d.query_keys;
  for (char mark = '?'; !keys.empty(); mark = '&') {
    const auto end = keys.find('&');
    out.append(1, mark).append(printable(keys.substr(0, end))).append("=…");
    keys = end == std::string_view::npos ? std::string_view{} : keys.substr(end + 1);
  }
  return out;
}

/// Who said so: what no rule refused and no step replaced came from behind.
bool is_of_the_rules(const decision& d) {
  return std::ranges::any_of(d.steps, [](const decision_step& s) {
    return s.what == verdict::refuse || s.what == verdict::replace || s.what == verdict::answer;
  });
}

std::string outcome_text(const decision& d) {
  const std::string answered = std::to_string(d.status);
  if (d.status == 0 && d.why == reason::none && !d.aborted) return "passes: it goes to what stands behind the route";
  if (d.of_next) {
    return (d.status == 0 ? "passes" : "passed (" + answered + ')') + "; the policy in [cors_next] would deny it";
  }
  if (d.would_refuse && d.status == 0) return "passes; without report_only it would be refused";
  if (d.would_refuse) return "passed (" + answered + "); without report_only it would have been refused";
  if (d.unreadable && d.status == 0) return "passes; no page of " + printable(d.origin) + " can read the answer";
  std::string out;
  if (d.unreadable) return "answered with " + answered + ", which no page of " + printable(d.origin) + " can read";
  if (d.why == reason::none) {
    out = is_of_the_rules(d) ? "answered with " + answered : "passed every rule; the " + answered + " is the API's own";
  } else {
    out = "answered with " + answered;
  }
  return out + (d.aborted ? "; the answer did not reach its end" : "");
}

std::string_view verdict_text(verdict v) noexcept {
  switch (v) {
    case verdict::pass: return "passed";
    case verdict::answer: return "answered it";
    case verdict::refuse: return "REFUSED";
    case verdict::would_refuse: return "would refuse (report_only)";
    case verdict::ask: return "asked the store";
    case verdict::need_body: return "wanted to see the body";
    case verdict::replace: return "replaced the answer";
  }
  return {};
}

/// "  label     ", what follows begins at `column`.
void append_label(std::string& out, std::string_view label, std::size_t column) {
  out.append("  ").append(label).append(column > label.size() ? column - label.size() : 1, ' ');
}

void append_step(std::string& out, const decision_step& s) {
  append_label(out, printable(s.rule), rule_column);
  // What is only tried has no report_only.
  out.append(s.rule == cors_next_rule ? "would deny it" : verdict_text(s.what));
  if (s.why != reason::none) out.append("  ").append(code(s.why));
  out += '\n';
}

void append_labelled(std::string& out, std::string_view label, std::string_view text) {
  if (text.empty()) return;
  append_label(out, label, label_column);
  out.append(text).append("\n");
}

/// "1.5 ms, 0 bytes in, 233 bytes out"; nothing of what took no time at all.
std::string took_text(const decision& d) {
  const auto tenths = d.took.count() / 100;
  if (d.took.count() == 0) return {};
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " ms, " + std::to_string(d.bytes_in) +
         " bytes in, " + std::to_string(d.bytes_out) + " bytes out";
}

}  // namespace

std::string to_words(const decision& d) {
  std::string out = request_text(d) + " from " + d.client.to_string();
  if (!d.origin.empty()) out.append(", by a page of ").append(printable(d.origin));
  out += '\n';
  if (d.began != system_time{}) {
    out.append("  ");
    append_time(out, d.began);
    out.append("  id ").append(printable(d.id)).append("\n");
  }
  out.append("  ").append(outcome_text(d)).append("\n\n");
  for (const decision_step& s : d.steps) append_step(out, s);
  if (d.dropped_steps != 0) out.append("  and ").append(std::to_string(d.dropped_steps)).append(" more\n");
  out += '\n';
  if (d.why != reason::none) {
    append_labelled(out, "what", std::string{code(d.why)} + ": " + std::string{public_title(d.why)});
  }
  append_labelled(out, "", d.particulars);
  append_labelled(out, "why", d.because);
  append_labelled(out, "fix", d.fix);
  append_labelled(out, "route", printable(d.route));
  append_labelled(out, "client",
                  d.client_certificate.empty() ? std::string{} : "certificate " + printable(d.client_certificate));
  append_labelled(out, "took", took_text(d));
  return out;
}

}  // namespace gatehouse
