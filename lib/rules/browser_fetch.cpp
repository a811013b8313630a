#include <algorithm>
#include <utility>

#include <gatehouse/rules/browser.hpp>

#include "browser_fetch_state.hpp"

namespace gatehouse {

std::string_view to_string(fetch_result r) noexcept {
  switch (r) {
    case fetch_result::basic: return "basic";
    case fetch_result::cors: return "cors";
    case fetch_result::opaque: return "opaque";
    case fetch_result::opaque_redirect: return "opaqueredirect";
    case fetch_result::error: return "error";
    case fetch_result::type_error: break;
  }
  return "type-error";
}

std::string fetch_outcome::explanation() const {
  std::string out;
  for (const browser_step& s : steps) {
    out.append(sentence(s.why));
    if (!s.detail.empty()) out.append(": ").append(s.detail);
    out.append(" [").append(word(s.why)).append(", ").append(clause(s.why)).append("]\n");
  }
  return out;
}

browser_fetch::browser_fetch(fetch asked, preflight_cache* cache, preflight_cache::time now, same_site_hosts same_site)
    : state_(std::make_unique<state>()) {
  state_->asked = std::move(asked);
  state_->cache = cache;
  state_->now = now;
  state_->same_site = std::move(same_site);
  state_->begin();
}
browser_fetch::browser_fetch(browser_fetch&&) noexcept = default;
browser_fetch& browser_fetch::operator=(browser_fetch&&) noexcept = default;
browser_fetch::~browser_fetch() = default;

const browser_request* browser_fetch::sends() const noexcept { return state_->waiting ? &state_->pending : nullptr; }

void browser_fetch::receives(const browser_response& r, preflight_cache::time now) {
  state_->now = std::max(state_->now, now);
  state_->receive(r);
}

std::size_t browser_fetch::redirects() const noexcept { return state_->urls.empty() ? 0 : state_->urls.size() - 1; }

const fetch_outcome& browser_fetch::outcome() const noexcept { return state_->out; }

}  // namespace gatehouse
