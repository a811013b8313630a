// From configuration to rule: everything that is wrong with it, at once.
#include <algorithm>
#include <utility>

#include <gatehouse/http/grammar.hpp>
#include <gatehouse/rules/cookies.hpp>

#include "pending.hpp"

namespace gatehouse {
namespace {

class judge {
 public:
  explicit judge(config_errors& to) noexcept : errors_(&to) {}

  void names(const std::vector<std::string>& all, std::string_view list) {
    if (all.size() > max_listed_cookies) {
      add(std::string{list}, std::to_string(all.size()), "too-many", "Every cookie is looked up in this list.",
          "at most " + std::to_string(max_listed_cookies) + " names");
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string key = std::string{list} + '[' + std::to_string(i) + ']';
      one(all[i], key);
      if (std::find(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), all[i]) !=
          all.begin() + static_cast<std::ptrdiff_t>(i)) {
        add(key, all[i], "duplicate", "This name is there already.");
      }
    }
  }

  void mapped(const std::vector<std::string>& all) {
    names(all, "cookies.map_to_host_prefix");
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (prefix_of(all[i]) == cookie_prefix::none) continue;
      add("cookies.map_to_host_prefix[" + std::to_string(i) + ']', all[i], "has-prefix",
          "Mapping puts the prefix before a plain name; this one has one already.",
          all[i].starts_with(host_prefix) ? all[i].substr(host_prefix.size()) : std::string{});
    }
  }

  void off(const cookies_config& c) {
    if (!c.dangerously_off) return;
    if (c.readable_by_scripts.empty() && c.cross_site.empty() && c.map_to_host_prefix.empty()) return;
    add("cookies.dangerously_off", "true", "contradiction",
        "Cookies pass as they are, so no other key of [cookies] does anything.", "dangerously_off = false");
  }

 private:
  void add(std::string key, std::string value, std::string_view code, std::string message,
           std::string suggestion = {}) {
    errors_->push_back({.key = std::move(key),
                        .value = std::move(value),
                        .code = std::string{code},
                        .message = std::move(message),
                        .suggestion = std::move(suggestion)});
  }

  void one(const std::string& name, const std::string& key) {
    if (name.find('*') != std::string::npos) {
      return add(key, name, "pattern", "Cookies are named exactly: a pattern would also be for those of tomorrow.",
                 "each name by itself");
    }
    if (!grammar::is_token(name)) {
      add(key, name, "not-a-cookie-name", "A cookie's name is a token, without its value.",
          name.substr(0, name.find_first_of("=; ")));
    }
  }

  config_errors* errors_;
};

}  // namespace

result<std::unique_ptr<const cookies_policy>, config_errors> cookies_policy::make(const cookies_config& c) {
  config_errors errors;
  judge j{errors};
  j.names(c.readable_by_scripts, "cookies.readable_by_scripts");
  j.names(c.cross_site, "cookies.cross_site");
  j.mapped(c.map_to_host_prefix);
  j.off(c);
  if (!errors.empty()) return failure<config_errors>{std::move(errors)};
  std::unique_ptr<cookies_policy> made(new cookies_policy);
  made->config_ = c;
  return std::unique_ptr<const cookies_policy>(std::move(made));
}

pending_rule cookies(cookies_config c) {
  // OPTIMIZATION: a request has something to do here only where names are mapped.
  const rule_phases phases{.request = !c.map_to_host_prefix.empty(), .response = true, .finish = false};
  const auto whole = detail::rules::pending<cookies_policy>(rule_order::cookies, std::move(c));
  return {rule_order::cookies, [whole](state_registry& states) { return whole.make(states); }, phases};
}

}  // namespace gatehouse
