#include "loop_state.hpp"

#include <algorithm>

#include <gatehouse/server/block_pool.hpp>

#include "proxy_exchange.hpp"

namespace gatehouse::detail::proxy {
namespace {

constexpr std::size_t known_at_most = 64;  // proxies of one policy; forgotten ones are found again by their URL

struct thread_states {
  // The blocks that exchanges hold go back to the thread's pool, which must therefore be made first and end last.
  thread_states() { (void)blocks_of_this_thread(); }
  std::vector<std::unique_ptr<loop_state>> all{};
};

thread_states& this_thread() {
  thread_local thread_states states;
  return states;
}

}  // namespace

loop_state::~loop_state() {
  if (pulse_.loop_is_gone()) forget_all();
}

void loop_state::forget_all() noexcept {
  for (const auto& e : exchanges_) e->forget();
  for (const auto& p : pools_) p->forget_all();
}

loop_state& loop_state::of(loop& l) {
  auto& all = this_thread().all;
  // A loop that ended without a word, and a new one at its address.
  std::erase_if(all, [](const auto& s) { return s->pulse_.loop_is_gone(); });
  for (const auto& s : all) {
    if (&s->loop_ == &l) return *s;
  }
  all.push_back(std::make_unique<loop_state>(l));
  return *all.back();
}

void loop_state::close_idle(const loop& l) noexcept {
  auto& all = this_thread().all;
  const auto at = std::ranges::find_if(all, [&](const auto& s) { return &s->loop_ == &l; });
  if (at == all.end()) return;
  loop_state& state = **at;
  for (const auto& p : state.pools_) p->close_idle();
  if (state.unused_.size() == state.exchanges_.size()) all.erase(at);
}

upstream_pool& loop_state::pool_of(const settings& s) {
  for (const known_pool& k : known_) {
    if (k.settings_id == s.id) return *k.pool;
  }
  if (known_.size() == known_at_most) known_.clear();
  auto at = std::ranges::find_if(pools_, [&](const auto& p) { return p->url() == s.url; });
  if (at == pools_.end()) at = pools_.insert(at, std::make_unique<upstream_pool>(loop_, pulse_, s.url));
  upstream_pool& pool = **at;
  known_.push_back({.settings_id = s.id, .pool = &pool});
  return pool;
}

proxy_exchange& loop_state::take_exchange() {
  if (unused_.empty()) {
    exchanges_.push_back(std::make_unique<proxy_exchange>(*this));
    unused_.reserve(exchanges_.capacity());  // so that give_back() never allocates
    return *exchanges_.back();
  }
  proxy_exchange& e = *unused_.back();
  unused_.pop_back();
  return e;
}

}  // namespace gatehouse::detail::proxy
