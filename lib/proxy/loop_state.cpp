#include "loop_state.hpp"

#include <algorithm>
#include <atomic>

#include <gatehouse/base/internal_limits.hpp>
#include <gatehouse/server/block_pool.hpp>

#include "proxy_exchange.hpp"

namespace gatehouse::detail::proxy {
namespace {

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

loop_state::known_service& loop_state::known(const settings& s) {
  for (known_service& k : known_) {
    if (k.settings_id == s.id) return k;
  }
  if (known_.size() == max_known_services) known_.clear();
  drop_unused_pools();
  // Each loop begins with another one, so that their first requests do not all meet at the same upstream.
  static std::atomic<std::size_t> first{0};
  known_service made{.settings_id = s.id, .turn = first++ % s.all.size(), .pools = {}, .tallies = {}};
  made.pools.reserve(s.all.size());
  made.tallies.reserve(s.all.size());
  for (const upstream& u : s.all) {
    upstream_pool& pool = pool_of(u);
    made.pools.push_back(&pool);
    made.tallies.push_back(u.counts == nullptr ? nullptr : &u.counts->of(this, pool.counts()));
  }
  return known_.emplace_back(std::move(made));
}

upstream_pool& loop_state::pool_of(const upstream& u) {
  const auto at = std::ranges::find_if(pools_, [&](const auto& p) { return p->is_for(u.url, u.tls.get()); });
  if (at != pools_.end()) return **at;
  return *pools_.emplace_back(std::make_unique<upstream_pool>(loop_, pulse_, u.url, u.tls));
}

/// Those of configurations that are gone.
void loop_state::drop_unused_pools() noexcept {
  if (pools_.size() < max_upstream_pools) return;
  known_.clear();
  std::erase_if(pools_, [](const auto& p) { return p->open() == 0; });
}

choice loop_state::choose(const settings& s, std::uint64_t tried) {
  known_service& k = known(s);
  const std::size_t count = s.all.size();
  const bool alone = count == 1;
  const steady_time now = alone ? steady_time{} : loop_.now();
  // First those that are in use or whose time out is over; when there is none, whoever may be probed at once.
  for (const bool nothing_else : {false, true}) {
    std::uint64_t passed_over = tried;
    while (true) {
      std::size_t best = count;
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = (k.turn + i) % count;
        if ((passed_over >> at & 1U) != 0 || !s.all[at].health->might_admit(now, nothing_else)) continue;
        if (best == count || k.pools[at]->in_use() < k.pools[best]->in_use()) best = at;
        if (!s.least_loaded) break;
      }
      if (best == count) break;
      const auto admitted = s.all[best].health->admit(now, nothing_else);
      passed_over |= std::uint64_t{1} << best;  // another loop took the probe first: the next one
      if (admitted == upstream_health::admission::out) continue;
      k.turn = (best + 1) % count;
      return {.to = &s.all[best],
              .pool = k.pools[best],
              .tally = k.tallies[best],
              .index = best,
              .probe = admitted == upstream_health::admission::probe};
    }
  }
  return {};
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
