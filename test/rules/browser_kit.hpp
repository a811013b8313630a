#pragma once
// A browser whose server is a list of answers.

#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/rules/browser.hpp>

namespace gatehouse::test {

/// What was sent, one line a request, with the fields that CORS is about.
inline std::string line_of(const browser_request& r) {
  std::string out = r.method + ' ' + r.url.text();
  std::string value;
  for (const char* name : {"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers", "Cookie",
                           "Authorization", "Content-Type"}) {
    if (get_combined(r.headers, name, value)) out.append(" | ").append(name).append(": ").append(value);
  }
  return out;
}

inline std::string words_of(const std::vector<browser_step>& steps) {
  std::string out;
  for (const browser_step& s : steps) out.append(out.empty() ? "" : " ").append(word(s.why));
  return out;
}

struct browser_run {
  fetch_outcome outcome{};
  std::vector<std::string> sent{};
  std::string words{};
};

/// Answers in the order of the requests; when they run out, nothing answers.
inline browser_run run_browser(const fetch& asked, const std::vector<browser_response>& answers,
                               preflight_cache* cache = nullptr, preflight_cache::time now = {}) {
  browser_run out;
  browser_fetch f(asked, cache, now);
  for (std::size_t i = 0; f.sends() != nullptr; ++i) {
    out.sent.push_back(line_of(*f.sends()));
    f.receives(i < answers.size() ? answers[i] : browser_response{}, now);
  }
  out.outcome = f.outcome();
  out.words = words_of(out.outcome.steps);
  return out;
}

}  // namespace gatehouse::test
