#include "upstream_pool.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::detail::proxy {

milliseconds idle_time(milliseconds at_most, std::optional<seconds> upstream_says) noexcept {
  if (!upstream_says) return at_most;
  return std::clamp<milliseconds>(*upstream_says - seconds{1}, milliseconds{0}, at_most);
}

upstream_connection* upstream_pool::take(stream_owner& user) noexcept {
  upstream_connection* const c = newest_;
  if (c == nullptr) return nullptr;
  unlink(*c);
  c->use(user);
  return c;
}

bool upstream_pool::reserve(std::uint32_t at_most) noexcept {
  if (open_ >= at_most) return false;
  ++open_;
  pulse_.opened();
  return true;
}

void upstream_pool::give_up() noexcept {
  --open_;
  pulse_.closed();
}

upstream_connection& upstream_pool::add(stream_ptr s, stream_owner& user) {
  if (unused_.empty()) {
    all_.push_back(std::make_unique<upstream_connection>(*this));
    unused_.reserve(all_.capacity());  // so that drop() never allocates
    unused_.push_back(all_.back().get());
  }
  upstream_connection& c = *unused_.back();
  unused_.pop_back();
  c.open(std::move(s), user);
  return c;
}

void upstream_pool::put_back(upstream_connection& c, const keep& k) noexcept {
  const milliseconds time = idle_time(k.at_most, k.upstream_says);
  if (time == milliseconds{0} || k.idle_at_most == 0) return drop(c);
  if (idle_ >= k.idle_at_most) drop(*oldest_);
  c.older_ = newest_;
  c.newer_ = nullptr;
  (newest_ != nullptr ? newest_->newer_ : oldest_) = &c;
  newest_ = &c;
  ++idle_;
  c.rest(loop_.timers(), loop_.now() + time);
}

void upstream_pool::drop(upstream_connection& c) noexcept {
  if (c.user_ == nullptr) unlink(c);
  c.close();
  unused_.push_back(&c);
  give_up();
}

void upstream_pool::unlink(upstream_connection& c) noexcept {
  (c.newer_ != nullptr ? c.newer_->older_ : newest_) = c.older_;
  (c.older_ != nullptr ? c.older_->newer_ : oldest_) = c.newer_;
  c.newer_ = c.older_ = nullptr;
  --idle_;
}

void upstream_pool::close_idle() noexcept {
  while (newest_ != nullptr) drop(*newest_);
}

void upstream_pool::forget_all() noexcept {
  for (const auto& c : all_) c->forget();
  newest_ = oldest_ = nullptr;
  idle_ = 0;
}

}  // namespace gatehouse::detail::proxy
