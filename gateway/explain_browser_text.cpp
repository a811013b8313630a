// An explanation for people, and for machines.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/config/report.hpp>
#include <gatehouse/http/json_writer.hpp>
#include <gatehouse/http/problem.hpp>

#include "explain_browser.hpp"

namespace gatehouse::program {
namespace {

/// Control bytes of what was given on the command line, or came from an answer, never reach a terminal.
std::string shown(std::string_view text) {
  std::string out{text};
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return out;
}

std::string_view credentials_text(fetch_credentials c) noexcept {
  switch (c) {
    case fetch_credentials::include: return "include";
    case fetch_credentials::omit: return "omit";
    case fetch_credentials::same_origin: break;
  }
  return "same-origin";
}

bool is_cors_field(std::string_view name) {
  constexpr std::string_view begin = "access-control-";
  return ascii::equal_ignoring_case(name.substr(0, begin.size()), begin) || ascii::equal_ignoring_case(name, "vary") ||
         ascii::equal_ignoring_case(name, "timing-allow-origin");
}

std::string status_text(const browser_exchange& x) {
  if (x.answer.forwarded && x.request.is_preflight) return "goes to the API; what it would answer is not known here";
  if (x.answer.forwarded) return "goes to the API";
  return "answered with " + std::to_string(x.answer.response.status);
}

void append_steps(std::string& out, const browser_explanation& e) {
  out += "\n  in the browser\n";
  for (const browser_step& s : e.outcome.steps) {
    out.append(is_end(s.why) ? "  ✗ " : "  · ").append(sentence(s.why));
    if (!s.detail.empty()) out.append(": ").append(shown(s.detail));
    out.append("\n      ").append(word(s.why)).append("  ").append(clause(s.why)).append("\n");
  }
}

void append_exchange(std::string& out, const browser_exchange& x) {
  out.append("  ").append(shown(x.request.method)).append(" ").append(shown(x.request.url.target)).append("  ");
  out.append(status_text(x)).append("\n");
  for (const decision_step& s : x.answer.decided.steps) {
    if (s.what == decision_trace::verdict::pass) continue;
    out.append("      ").append(shown(s.rule)).append(" ").append(code(s.what));
    if (s.why != reason::none) out.append("  ").append(code(s.why));
    out += '\n';
  }
  if (x.answer.decided.unreadable) out.append("      cors  ").append(code(x.answer.decided.why)).append("\n");
  for (const auto& [name, value] : x.answer.response.headers) {
    if (is_cors_field(name)) out.append("      ").append(name).append(": ").append(shown(value)).append("\n");
  }
}

std::string verdict_text(const browser_explanation& e) {
  if (e.readable && e.is_socket) return "the page has its WebSocket";
  if (e.readable && e.refused != reason::none) return "the page can read the answer, which is a refusal";
  if (e.readable) return "the page can read the answer";
  if (e.outcome.type == fetch_result::opaque) return "the page can not read the answer";
  return e.is_socket ? "the page gets no WebSocket" : "the page gets an error: Failed to fetch";
}

void append_change(std::string& out, const browser_explanation& e) {
  if (e.readable) return;
  if (e.changes.empty()) {
    out.append("\n  no change of the policy would allow it: ").append(shown(e.hopeless)).append("\n");
    return;
  }
  out += "\n  the smallest change that would allow it\n";
  std::string flags;
  bool all_flags = true;
  for (const policy_change& c : e.changes) {
    out.append("      ").append(c.key).append(" = ").append(c.value).append("\n");
    all_flags = all_flags && !c.flag.empty();
    flags.append(flags.empty() ? "" : " ").append(c.flag);
  }
  if (all_flags) out.append("  or, of gatehouse run\n      ").append(flags).append("\n");
  if (e.findings.empty()) return;
  out += "  of which gatehouse check would say\n";
  for (const config_problem& p : e.findings) {
    out.append("      ").append(p.what.code).append("  ").append(shown(p.what.message)).append("\n");
  }
}

void write_headers(json_writer& to, const header_list& headers) {
  to.begin_array();
  for (const auto& [name, value] : headers) to.begin_array().value(name).value(value).end_array();
  to.end_array();
}

void write_exchange(json_writer& to, const browser_exchange& x) {
  to.begin_object();
  to.key("method").value(x.request.method).key("url").value(x.request.url.text());
  to.key("preflight").value(x.request.is_preflight).key("credentials").value(x.request.has_credentials);
  write_headers(to.key("headers"), x.request.headers);
  to.key("forwarded").value(x.answer.forwarded);
  if (!x.answer.forwarded) to.key("status").value(x.answer.response.status);
  if (x.answer.decided.why != reason::none) to.key("reason").value(code(x.answer.decided.why));
  write_headers(to.key("answer"), x.answer.response.headers);
  to.end_object();
}

void write_change(json_writer& to, const browser_explanation& e) {
  to.key("changes").begin_array();
  for (const policy_change& c : e.changes) {
    to.begin_object().key("key").value(c.key).key("value").value(c.value);
    if (!c.flag.empty()) to.key("flag").value(c.flag);
    to.end_object();
  }
  to.end_array();
  if (!e.hopeless.empty()) to.key("hopeless").value(e.hopeless);
  to.key("findings").begin_array();
  for (const config_problem& p : e.findings) {
    constexpr std::string_view words[] = {"error", "warning", "info"};
    to.begin_object().key("severity").value(words[static_cast<std::size_t>(p.how_bad)]);
    to.key("code").value(p.what.code).key("message").value(p.what.message).end_object();
  }
  to.end_array();
}

}  // namespace

std::string to_words(const browser_explanation& e) {
  std::string out = shown(e.asked.method) + ' ' + shown(e.asked.url) + " by a page of " + shown(e.asked.page);
  if (!e.is_socket) out.append(", credentials: ").append(credentials_text(e.asked.credentials));
  out.append("\n  ").append(verdict_text(e)).append("\n");
  append_steps(out, e);
  if (!e.exchanges.empty()) out += "\n  at the gateway\n";
  for (const browser_exchange& x : e.exchanges) append_exchange(out, x);
  if (e.refused != reason::none) {
    out.append("\n  reason  ").append(code(e.refused)).append(": ").append(public_title(e.refused)).append("\n");
    // No change of the policy is needed, but of the page.
    const std::string_view fix = e.exchanges.empty() ? std::string_view{} : e.exchanges.back().answer.decided.fix;
    if (e.readable && !fix.empty()) out.append("  fix     ").append(shown(fix)).append("\n");
  }
  append_change(out, e);
  return out;
}

std::string to_json(const browser_explanation& e) {
  std::string out;
  json_writer to(out);
  to.begin_object();
  to.key("page").value(e.asked.page).key("method").value(e.asked.method).key("url").value(e.asked.url);
  to.key("credentials").value(credentials_text(e.asked.credentials));
  to.key("readable").value(e.readable);
  if (!e.is_socket) {
    to.key("type").value(to_string(e.outcome.type)).key("status").value(e.outcome.status);
    write_headers(to.key("headers"), e.outcome.headers);
    to.key("timing").value(e.outcome.timing_allowed);
  }
  to.key("why").value(word(e.outcome.why));
  if (e.refused != reason::none) to.key("reason").value(code(e.refused));
  to.key("steps").begin_array();
  for (const browser_step& s : e.outcome.steps) {
    to.begin_object().key("step").value(word(s.why)).key("clause").value(clause(s.why));
    to.key("sentence").value(sentence(s.why));
    if (!s.detail.empty()) to.key("detail").value(s.detail);
    to.end_object();
  }
  to.end_array();
  to.key("requests").begin_array();
  for (const browser_exchange& x : e.exchanges) write_exchange(to, x);
  to.end_array();
  write_change(to, e);
  to.end_object();
  return out;
}

}  // namespace gatehouse::program
