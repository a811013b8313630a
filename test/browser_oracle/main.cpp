// The model's half of end_to_end/browser_matrix.slow.test.mjs: reads one JSON object a line, what a page asks for and
// what the server answers at each hop, and writes one line each: what the model of rules/browser sends and sees.
#include <chrono>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <gatehouse/rules/browser.hpp>

namespace gh = gatehouse;
using nlohmann::json;

namespace {

gh::header_list headers_of(const json& pairs) {
  gh::header_list out;
  for (const auto& pair : pairs) out.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
  return out;
}

json pairs_of(const gh::header_list& headers) {
  json out = json::array();
  for (const auto& [name, value] : headers) out.push_back({name, value});
  return out;
}

gh::fetch fetch_of(const json& c) {
  gh::fetch f{.page = c.at("page"), .url = c.at("url")};
  f.method = c.value("method", "GET");
  f.headers = headers_of(c.value("headers", json::array()));
  const std::string credentials = c.value("credentials", "same-origin");
  f.credentials = credentials == "include" ? gh::fetch_credentials::include
                  : credentials == "omit"  ? gh::fetch_credentials::omit
                                           : gh::fetch_credentials::same_origin;
  const std::string mode = c.value("mode", "cors");
  f.mode = mode == "no-cors"       ? gh::fetch_mode::no_cors
           : mode == "same-origin" ? gh::fetch_mode::same_origin
                                   : gh::fetch_mode::cors;
  const std::string redirect = c.value("redirect", "follow");
  f.redirect = redirect == "error"    ? gh::fetch_redirect::error
               : redirect == "manual" ? gh::fetch_redirect::manual
                                      : gh::fetch_redirect::follow;
  if (c.contains("body") && c["body"].is_string()) f.body = c["body"].get<std::string>();
  return f;
}

/// As a browser's parser hands them on: without whitespace around the values.
gh::browser_response answer_of(const json& answer) {
  gh::browser_response out{.status = answer.value("status", 0),
                           .headers = headers_of(answer.value("headers", json::array()))};
  for (auto& [name, value] : out.headers) value = std::string{gh::normalize_header_value(value)};
  return out;
}

json sent(const gh::browser_request& r) {
  return {{"method", r.method},
          {"url", r.url.text()},
          {"headers", pairs_of(r.headers)},
          {"preflight", r.is_preflight},
          {"credentials", r.has_credentials}};
}

json words_of(const std::vector<gh::browser_step>& steps) {
  json out = json::array();
  for (const auto& s : steps) out.push_back(std::string{word(s.why)});
  return out;
}

json run_socket(const json& c) {
  gh::browser_websocket w(
      {.page = c.at("page"), .url = c.at("url"), .protocols = c.value("protocols", std::vector<std::string>{})});
  json all = json::array();
  if (w.sends() != nullptr) {
    all.push_back(sent(*w.sends()));
    w.receives(answer_of(c.at("answers").at(0).at("answer")));
  }
  return {{"open", w.is_open()}, {"why", std::string{word(w.why())}}, {"steps", words_of(w.steps())}, {"sent", all}};
}

json outcome_of(const gh::fetch_outcome& out) {
  return {{"type", std::string{to_string(out.type)}},
          {"why", std::string{word(out.why)}},
          {"status", out.status},
          {"headers", pairs_of(out.headers)},
          {"redirected", out.redirected},
          {"timing", out.timing_allowed},
          {"steps", words_of(out.steps)}};
}

json run_fetch(const json& c, gh::preflight_cache* cache) {
  const auto now = std::chrono::milliseconds{c.value("at", 0)};
  gh::browser_fetch f(fetch_of(c), cache, now);
  json all = json::array();
  while (const gh::browser_request* const r = f.sends()) {
    all.push_back(sent(*r));
    const json& hop = c.at("answers").at(f.redirects());
    f.receives(answer_of(hop.at(r->is_preflight ? "preflight" : "answer")), now);
  }
  json out = outcome_of(f.outcome());
  out["sent"] = all;
  return out;
}

/// A fetch whose answers come from elsewhere.
json next_of(const gh::browser_fetch& f) {
  if (f.sends() != nullptr) return {{"send", sent(*f.sends())}};
  return {{"outcome", outcome_of(f.outcome())}};
}

}  // namespace

int main() {
  std::map<std::string, gh::preflight_cache> caches;
  std::map<std::string, gh::browser_fetch> waiting;
  for (std::string line; std::getline(std::cin, line);) {
    const json c = json::parse(line);
    const std::string id = c.at("id");
    json out;
    if (c.contains("begin")) {
      out = next_of(waiting.insert_or_assign(id, gh::browser_fetch{fetch_of(c["begin"])}).first->second);
    } else if (c.contains("answer")) {
      waiting.at(id).receives(answer_of(c["answer"]));
      out = next_of(waiting.at(id));
    } else if (c.value("websocket", false)) {
      out = run_socket(c);
    } else {
      out = run_fetch(c, c.contains("cache") ? &caches[c["cache"].get<std::string>()] : nullptr);
    }
    if (out.contains("outcome")) waiting.erase(id);
    out["id"] = id;
    std::cout << out.dump() << '\n' << std::flush;
  }
  return 0;
}
