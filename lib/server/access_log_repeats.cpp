#include "access_log_repeats.hpp"

#include <algorithm>
#include <cstring>

namespace gatehouse::detail::server {

repeat_counter::kind& repeat_counter::kind_of(const log_record& r, std::int64_t now_us) noexcept {
  const record_numbers& n = r.numbers;
  kind* free = nullptr;
  for (kind& k : kinds_) {
    const bool in_use = k.seen > 0 && (k.told.count > 0 || !is_over(k, now_us));
    if (!in_use) {
      if (free == nullptr) free = &k;
    } else if (k.told.why == n.why && k.told.would_refuse == n.would_refuse && k.told.of_next == n.of_next &&
               k.route_text() == r.route) {
      return k;
    }
  }
  if (free == nullptr) {
    kind& k = together_[static_cast<std::size_t>(n.why)];
    k.told.why = n.why;
    k.told.would_refuse = n.would_refuse;
    k.told.of_next = n.of_next;
    return k;
  }
  free->seen = 0;
  free->told = {.why = n.why, .would_refuse = n.would_refuse, .of_next = n.of_next};
  free->route_size = static_cast<std::uint16_t>(std::min(r.route.size(), free->route.size()));
  if (free->route_size > 0) std::memcpy(free->route.data(), r.route.data(), free->route_size);
  return *free;
}

bool repeat_counter::passes(const log_record& r, std::int64_t now_us) noexcept {
  if (per_second_ == 0 || r.numbers.why == reason::none) return true;
  kind& k = kind_of(r, now_us);
  // A second begins with its first record. What the last one counted is told by settle(), before or after.
  if (k.seen == 0 || (k.told.count == 0 && is_over(k, now_us))) {
    k.seen = 0;
    k.told.at_us = now_us;
  }
  ++k.seen;
  if (k.seen <= per_second_) return true;
  if (k.told.count++ == 0) ++waiting_;
  k.told.status = r.numbers.status;
  return false;
}

}  // namespace gatehouse::detail::server
