#include "upstream_counts.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::detail::proxy {

upstream_tally& upstream_counts::of(const void* loop, std::shared_ptr<const pool_counts> pool) {
  const std::scoped_lock lock(mutex_);
  auto at = std::ranges::find_if(entries_, [&](const auto& e) { return e->loop == loop; });
  if (at == entries_.end()) {
    entries_.push_back(std::make_unique<entry>());
    at = std::prev(entries_.end());
    (*at)->loop = loop;
  }
  (*at)->pool = std::move(pool);
  return (*at)->tally;
}

upstream_counts::sums upstream_counts::all() const {
  const std::scoped_lock lock(mutex_);
  sums out;
  for (const auto& e : entries_) {
    out.requests += e->tally.requests.get();
    out.failures += e->tally.failures.get();
    const std::uint64_t open = e->pool->open.get();
    out.open += open;
    out.idle += std::min(e->pool->idle.get(), open);  // the two are not read at one moment
  }
  return out;
}

}  // namespace gatehouse::detail::proxy
