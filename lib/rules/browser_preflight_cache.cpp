#include <gatehouse/rules/browser_preflight_cache.hpp>

#include <algorithm>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/rules/browser_classify.hpp>

namespace gatehouse {

/// "there is a cache entry match": an entry of a request with credentials serves one without, not the other way.
bool preflight_cache::matches(const entry& e, const key& k) noexcept {
  return e.origin == k.origin && e.url == k.url && (e.credentials || !k.credentials);
}

bool preflight_cache::allows_method(const key& k, std::string_view method, time now) const noexcept {
  return std::ranges::any_of(entries_, [&](const entry& e) {
    return e.is_method && e.ends > now && matches(e, k) && (e.name == method || e.name == "*");
  });
}

bool preflight_cache::allows_header(const key& k, std::string_view name, time now) const noexcept {
  return std::ranges::any_of(entries_, [&](const entry& e) {
    if (e.is_method || e.ends <= now || !matches(e, k)) return false;
    return ascii::equal_ignoring_case(e.name, name) ||
           (e.name == "*" && !is_cors_non_wildcard_request_header_name(name));
  });
}

void preflight_cache::store(const key& k, const std::vector<std::string>& methods,
                            const std::vector<std::string>& headers, std::optional<std::chrono::seconds> max_age,
                            time now) {
  std::erase_if(entries_, [&](const entry& e) { return e.ends <= now; });
  const time ends = now + std::min(max_age.value_or(settings_.default_max_age), settings_.max_max_age);
  for (const std::string& method : methods) keep(k, true, method, ends);
  for (const std::string& name : headers) keep(k, false, name, ends);
}

void preflight_cache::keep(const key& k, bool is_method, std::string_view name, time ends) {
  // An entry that the standard calls a match gets the new age; "*" matches any method, as it does when it is asked.
  bool found = false;
  for (entry& e : entries_) {
    if (e.is_method != is_method || !matches(e, k)) continue;
    const bool same = is_method ? e.name == name || e.name == "*"
                                : ascii::equal_ignoring_case(e.name, name) ||
                                      (e.name == "*" && !is_cors_non_wildcard_request_header_name(name));
    if (!same) continue;
    e.ends = ends;
    found = true;
  }
  if (found || settings_.max_cached == 0) return;
  if (entries_.size() >= settings_.max_cached) entries_.erase(entries_.begin());
  std::string kept{name};
  if (!is_method) std::ranges::transform(kept, kept.begin(), ascii::to_lower);
  entries_.push_back({.origin = std::string{k.origin},
                      .url = std::string{k.url},
                      .credentials = k.credentials,
                      .is_method = is_method,
                      .name = std::move(kept),
                      .ends = ends});
}

void preflight_cache::clear(std::string_view origin, std::string_view url) {
  std::erase_if(entries_, [&](const entry& e) { return e.origin == origin && e.url == url; });
}

}  // namespace gatehouse
