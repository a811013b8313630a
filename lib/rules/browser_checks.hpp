#pragma once
// The judgements of the Fetch standard about an answer. Pure.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/rules/browser.hpp>

namespace gatehouse::detail::rules {

/// Who asks for what: what the checks compare answers with.
struct browser_question {
  std::string origin{};  ///< https://fetch.spec.whatwg.org/#serializing-a-request-origin
  std::string method{};
  std::vector<std::string> unsafe_names{};  ///< sorted, lower case
  bool include = false;                     ///< credentials mode "include"
};

/// https://fetch.spec.whatwg.org/#concept-cors-check
[[nodiscard]] browser_step cors_check(const browser_question& q, const browser_response& r);

/// https://fetch.spec.whatwg.org/#cors-preflight-fetch from step 7 on. `last` is preflight_passed, or why not.
struct preflight_verdict {
  std::vector<browser_step> steps{};
  std::vector<std::string> methods{};
  std::vector<std::string> headers{};
  std::optional<std::chrono::seconds> max_age{};
};
[[nodiscard]] preflight_verdict preflight_check(const browser_question& q, const browser_response& r);

/// https://fetch.spec.whatwg.org/#concept-tao-check ; `basic`: nothing was tainted.
[[nodiscard]] bool timing_check(std::string_view origin, bool basic, const browser_response& r);

/// https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check : whether a page without a policy of its own may
/// have an opaque answer.
[[nodiscard]] bool resource_policy_allows(const web_origin& page, const web_origin& from, const browser_response& r,
                                          const same_site_hosts& same_site);

/// https://html.spec.whatwg.org/#same-site , schemes left out.
[[nodiscard]] bool is_same_site_host(const web_origin& a, const web_origin& b, const same_site_hosts& same_site);

/// https://fetch.spec.whatwg.org/#extract-header-list-values of a list of tokens. Nothing: not such a list.
struct token_list {
  bool present = false;
  std::vector<std::string> values{};
};
[[nodiscard]] std::optional<token_list> extract_tokens(const header_list& fields, std::string_view name);

/// The headers of `r` that a page may read: https://fetch.spec.whatwg.org/#concept-filtered-response-basic and -cors.
[[nodiscard]] header_list readable_headers(const browser_response& r, fetch_result type, bool include);

/// https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header
[[nodiscard]] std::string_view fetch_site(const web_origin& page, const std::vector<web_url>& urls,
                                          const same_site_hosts& same_site);

}  // namespace gatehouse::detail::rules
