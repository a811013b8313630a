#include "upstream_health.hpp"

#include <algorithm>

namespace gatehouse::detail::proxy {

bool upstream_health::out_is_over(steady_time now, bool nothing_else) const noexcept {
  return phase_ == phase::out && (nothing_else || now >= out_until_);
}

bool upstream_health::might_admit(steady_time now, bool nothing_else) const noexcept {
  if (undisturbed_.load(std::memory_order_relaxed)) return true;
  const std::scoped_lock lock(mutex_);
  return !down_ && (phase_ == phase::in || out_is_over(now, nothing_else));
}

upstream_health::admission upstream_health::admit(steady_time now, bool nothing_else) noexcept {
  if (undisturbed_.load(std::memory_order_relaxed)) return admission::in;
  const std::scoped_lock lock(mutex_);
  if (down_) return admission::out;
  if (phase_ == phase::in) return admission::in;
  if (!out_is_over(now, nothing_else)) return admission::out;
  phase_ = phase::probing;
  return admission::probe;
}

bool upstream_health::answered(bool was_probe, steady_time now) noexcept {
  if (undisturbed_.load(std::memory_order_relaxed)) return false;
  const std::scoped_lock lock(mutex_);
  const bool came_back = was_probe && phase_ == phase::probing;
  if (came_back) {
    phase_ = phase::in;
    came_back_ = now;
  }
  // One that was sent before the upstream went out says nothing about it now.
  if (phase_ == phase::in) failures_ = 0;
  note();
  return came_back && !down_;
}

bool upstream_health::failed(bool was_probe, steady_time now, const passive_health_options& o) noexcept {
  const std::scoped_lock lock(mutex_);
  if (was_probe && phase_ == phase::probing) {
    go_out(now, o);
    return false;
  }
  if (o.failures == 0 || phase_ != phase::in || ++failures_ < o.failures) {
    note();
    return false;
  }
  go_out(now, o);
  return !down_;
}

void upstream_health::go_out(steady_time now, const passive_health_options& o) noexcept {
  // One that flaps stays out longer each time; one that was well for as long as it may be out at most starts anew.
  const bool again = has_been_out_ && (phase_ == phase::probing || now - came_back_ < o.out_at_most);
  out_for_ = std::min(again ? out_for_ * 2 : o.out_for, o.out_at_most);
  out_until_ = now + out_for_;
  has_been_out_ = true;
  phase_ = phase::out;
  failures_ = 0;
  note();
}

void upstream_health::abandoned() noexcept {
  const std::scoped_lock lock(mutex_);
  if (phase_ == phase::probing) phase_ = phase::out;  // its time is over: the next request probes
}

bool upstream_health::checked(bool well, const active_health_options& o) noexcept {
  const std::scoped_lock lock(mutex_);
  if (well != down_) {
    checks_ = 0;
    note();
    return false;
  }
  const bool changed = ++checks_ >= (down_ ? o.healthy : o.unhealthy);
  if (changed) {
    down_ = !down_;
    checks_ = 0;
  }
  note();
  return changed && phase_ == phase::in;
}

bool upstream_health::in_use() const noexcept {
  if (undisturbed_.load(std::memory_order_relaxed)) return true;
  const std::scoped_lock lock(mutex_);
  return !down_ && phase_ == phase::in;
}

bool upstream_health::is_down() const noexcept {
  if (undisturbed_.load(std::memory_order_relaxed)) return false;
  const std::scoped_lock lock(mutex_);
  return down_;
}

milliseconds upstream_health::out_for() const noexcept {
  const std::scoped_lock lock(mutex_);
  return out_for_;
}

void upstream_health::note() noexcept {
  undisturbed_.store(phase_ == phase::in && failures_ == 0 && !down_, std::memory_order_relaxed);
}

}  // namespace gatehouse::detail::proxy
