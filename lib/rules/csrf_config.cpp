// From configuration to guard: everything that is wrong with it, at once.
#include <algorithm>
#include <iterator>
#include <utility>

#include <gatehouse/http/grammar.hpp>
#include <gatehouse/http/origin.hpp>
#include <gatehouse/http/received_cookie.hpp>
#include <gatehouse/http/target.hpp>
#include <gatehouse/rules/browser_classify.hpp>
#include <gatehouse/rules/csrf.hpp>

#include "origin_pattern.hpp"
#include "pending.hpp"
#include "suggest.hpp"

namespace gatehouse {
namespace {

using namespace detail::rules;

std::string element(std::string_view list, std::size_t i) { return std::string{list} + '[' + std::to_string(i) + ']'; }

config_error mistake(std::string key, std::string_view value, std::string_view code, std::string message,
                     std::string suggestion = {}) {
  return {.key = std::move(key),
          .value = std::string{value},
          .code = std::string{code},
          .message = std::move(message),
          .suggestion = std::move(suggestion)};
}

/// Exact origins, serialised as browsers do.
std::vector<std::string> exact_origins(const std::vector<std::string>& all, std::string_view list,
                                       std::string_view what_one_is, config_errors& errors) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string key = element(list, i);
    if (all[i] == "*" || all[i] == null_origin) {
      errors.push_back(mistake(key, all[i], "any-origin", "Everybody can make such a page: " + std::string{what_one_is},
                               "each origin by its own name, such as https://app.example.com"));
      continue;
    }
    auto parsed = parse_origin_pattern(all[i]);
    if (!parsed) {
      config_error e = std::move(parsed).error();
      e.key = key;
      errors.push_back(std::move(e));
    } else if (!parsed->is_exact()) {
      errors.push_back(mistake(key, all[i], "wildcard-place", std::string{what_one_is}));
    } else {
      for (std::string& one : parsed->serialised()) out.push_back(std::move(one));
    }
  }
  return out;
}

/// "POST /path" of `text`, or why it is none.
result<std::pair<method, std::string_view>, config_error> parse_exemption(const std::string& text) {
  const std::string_view all = text;
  const std::size_t space = all.find(' ');
  const std::string_view verb = all.substr(0, space);
  const std::string_view path = space == std::string_view::npos ? std::string_view{} : all.substr(space + 1);
  const auto wrong = [&](std::string_view code, std::string message, std::string suggestion = {}) {
    return failure{mistake({}, text, code, std::move(message), std::move(suggestion))};
  };
  if (path.empty() || path.front() != '/') {
    return wrong("not-an-exemption", "An exemption is a method, a space and a whole path.",
                 all.starts_with('/') ? "POST " + text : "POST /webhooks/pay");
  }
  const method m = parse_method(verb);
  if (m == method::unknown || m == method::connect || m == method::trace || m == method::options) {
    return wrong("unknown-method", "No request with this method is judged: methods are written in capitals.",
                 "POST " + std::string{path});
  }
  if (path.find_first_of("*?#:{") != std::string_view::npos) {
    return wrong("pattern-in-exemption",
                 "Exemptions are exact: a pattern would also exempt paths that nobody has thought of.",
                 "each path by itself");
  }
  if (!origin_form::parse(path))
    return wrong("not-a-path", "Requests with this path are refused before they are judged.");
  return std::pair{m, path};
}

/// Of the keys that mean something only where there are tokens, and of what tokens take the place of.
void judge_token_keys(const csrf_config& c, config_errors& errors) {
  constexpr std::string_view better = "token_keys = [\"${CSRF_KEY}\"] in [csrf]";
  if (c.token_keys.empty()) {
    if (c.require_token) {
      errors.push_back(mistake("csrf.require_token", "true", "needs-keys", "No key: nobody could have a token.",
                               std::string{better}));
    }
    if (!c.session_cookie.empty()) {
      errors.push_back(mistake("csrf.session_cookie", c.session_cookie, "needs-keys",
                               "Without keys there are no tokens that a session could have.", std::string{better}));
    }
    return;
  }
  if (!c.strict_header.empty()) {
    errors.push_back(mistake("csrf.strict_header", c.strict_header, "token-instead",
                             "With token_keys only a token lets such a request pass: nothing would ask for this field.",
                             "leave it out"));
  }
  if (!c.session_cookie.empty() && !grammar::is_token(c.session_cookie)) {
    errors.push_back(mistake("csrf.session_cookie", c.session_cookie, "not-a-cookie", "No cookie has such a name."));
  }
}

}  // namespace

result<std::unique_ptr<const csrf_policy>, config_errors> csrf_policy::make(const csrf_config& c) {
  config_errors errors;
  std::unique_ptr<csrf_policy> made(new csrf_policy);
  made->config_ = c;
  made->own_ = exact_origins(c.public_origins, "public_origin", "This is what clients see of us: one origin, exactly.",
                             errors);
  made->trusted_ = exact_origins(c.trusted_origins, "csrf.trusted_origins",
                                 "Pages of a trusted origin act as your users: each is named exactly.", errors);
  for (std::size_t i = 0; i < c.exempt.size(); ++i) {
    auto parsed = parse_exemption(made->config_.exempt[i]);
    if (parsed) {
      made->exempt_.push_back({.verb = parsed->first, .path = parsed->second});
    } else {
      parsed.error().key = element("csrf.exempt", i);
      errors.push_back(std::move(parsed).error());
    }
  }
  if (!c.strict_header.empty()) {
    const bool anybody = is_cors_safelisted_request_header(c.strict_header, "") ||
                         is_forbidden_request_header(lower_case(c.strict_header), "");
    if (!grammar::is_token(c.strict_header) || anybody) {
      errors.push_back(
          mistake("csrf.strict_header", c.strict_header, anybody ? "forgeable-header" : "not-a-header",
                  anybody ? "Every page sends this field anywhere, or none can." : "This is no field name.",
                  "X-Requested-With"));
    } else if (!c.strict && c.token_keys.empty()) {
      errors.push_back(mistake("csrf.strict_header", c.strict_header, "needs-strict",
                               "Without strict nothing asks for this field.", "strict = true"));
    }
  }
  judge_token_keys(c, errors);
  if (!c.token_keys.empty()) {
    auto keys = csrf_keyring::make(c.token_keys);
    if (keys) {
      made->keys_ = *std::move(keys);
    } else {
      std::ranges::move(keys.error(), std::back_inserter(errors));
    }
    made->config_.token_keys.clear();  // they are in one place
    made->secure_session_cookie_ = (c.session_cookie_is_mapped ? std::string{host_prefix} : std::string{}) +
                                   c.session_cookie;
  }
  if (!errors.empty()) return failure<config_errors>{std::move(errors)};
  return std::unique_ptr<const csrf_policy>(std::move(made));
}

pending_rule csrf_guard(csrf_config c) { return pending<csrf_policy>(rule_order::csrf, std::move(c)); }

}  // namespace gatehouse
