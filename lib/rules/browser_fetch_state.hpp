#pragma once
// One fetch on its way: main fetch, HTTP fetch, CORS-preflight fetch and HTTP-redirect fetch, cut where they wait for
// an answer.

#include <string>
#include <vector>

#include <gatehouse/rules/browser.hpp>

#include "browser_checks.hpp"

namespace gatehouse {

struct browser_fetch::state {
  enum class tainting : std::uint8_t { basic, cors, opaque };

  fetch asked{};
  preflight_cache* cache = nullptr;
  same_site_hosts same_site{};
  preflight_cache::time now{};

  web_origin page{};
  std::string method{};
  header_list headers{};
  std::vector<web_url> urls{};  // https://fetch.spec.whatwg.org/#concept-request-url-list ; never empty once it began
  tainting taint = tainting::basic;
  bool has_body = false;
  bool timing_failed = false;
  bool asked_first = false;  // the current URL is reached with a preflight, or with a cached one
  std::vector<std::string> unsafe_names{};

  bool waiting = false;
  browser_request pending{};
  fetch_outcome out{};

  void begin();
  void receive(const browser_response& r);

 private:
  // Making the request.
  bool make_request();
  bool add_headers();
  bool add_header(const std::string& name, const std::string& value);
  // Main fetch.
  void main_fetch();
  void cors_fetch();
  void send_preflight();
  void send_request();
  void send(browser_request r);
  // Answers.
  void receive_preflight(const browser_response& r);
  void receive_answer(const browser_response& r);
  void redirect(const browser_response& r);
  bool may_redirect_to(const web_url& to);
  void rewrite_for(const browser_response& r, const web_url& to);
  void finish(const browser_response& r);
  void judge_timing(const browser_response& r);

  [[nodiscard]] const web_url& url() const noexcept { return urls.back(); }
  [[nodiscard]] bool include() const noexcept { return asked.credentials == fetch_credentials::include; }
  [[nodiscard]] bool is_tainted() const;
  [[nodiscard]] std::string origin() const { return is_tainted() ? "null" : page.text(); }
  [[nodiscard]] detail::rules::browser_question question() const;
  void add_origin(browser_request& r) const;
  void step(browser_why w, std::string detail = {});
  void end(browser_why w, std::string detail = {}, fetch_result type = fetch_result::error);
};

}  // namespace gatehouse
