#include "upstream_pool.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::detail::proxy {

milliseconds idle_time(milliseconds at_most, std::optional<seconds> upstream_says) noexcept {
  if (!upstream_says) return at_most;
  return std::clamp<milliseconds>(*upstream_says - seconds{1}, milliseconds{0}, at_most);
}

void upstream_pool::look_up_again() noexcept {
  if (!looked_up_ || resolving_ != nullptr) return;
  const steady_time now = loop_.now();
  if (now < look_up_at_) return;
  look_up_at_ = now + resolved_names_hold;
  resolving_ = loop_.resolve(url_.host, *this);
}

/// What a look-up that failed says is nothing: what is open stays in use.
void upstream_pool::on_resolved(std::span<const ip_address> addresses) noexcept {
  resolving_.reset();
  if (addresses.empty()) return;
  addresses_.assign(addresses.begin(), addresses.end());
  for (upstream_connection* c = newest_; c != nullptr;) {
    upstream_connection* const older = c->older_;
    if (moved_away(*c)) drop(*c);
    c = older;
  }
}

bool upstream_pool::moved_away(const upstream_connection& c) const noexcept {
  return !addresses_.empty() && std::ranges::find(addresses_, c.address_) == addresses_.end();
}

upstream_connection* upstream_pool::take(stream_owner& user) noexcept {
  look_up_again();
  upstream_connection* const c = newest_;
  if (c == nullptr) return nullptr;
  unlink(*c);
  c->use(user);
  return c;
}

bool upstream_pool::reserve(std::uint32_t at_most) noexcept {
  if (open() >= at_most) return false;
  counts_->open.add();
  pulse_.opened();
  return true;
}

void upstream_pool::give_up() noexcept {
  counts_->open.subtract();
  pulse_.closed();
}

upstream_connection& upstream_pool::add(stream_ptr s, const ip_address& address, stream_owner& user) {
  if (unused_.empty()) {
    all_.push_back(std::make_unique<upstream_connection>(*this));
    unused_.reserve(all_.capacity());  // so that drop() never allocates
    unused_.push_back(all_.back().get());
  }
  upstream_connection& c = *unused_.back();
  unused_.pop_back();
  c.open(std::move(s), address, user);
  return c;
}

void upstream_pool::put_back(upstream_connection& c, const keep& k) noexcept {
  const milliseconds time = idle_time(k.at_most, k.upstream_says);
  if (time == milliseconds{0} || k.idle_at_most == 0 || moved_away(c)) return drop(c);
  if (idle() >= k.idle_at_most) drop(*oldest_);
  c.older_ = newest_;
  c.newer_ = nullptr;
  (newest_ != nullptr ? newest_->newer_ : oldest_) = &c;
  newest_ = &c;
  counts_->idle.add();
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
  counts_->idle.subtract();
}

void upstream_pool::close_idle() noexcept {
  while (newest_ != nullptr) drop(*newest_);
}

void upstream_pool::forget_all() noexcept {
  for (const auto& c : all_) c->forget();
  newest_ = oldest_ = nullptr;
  counts_->open.set(0);
  counts_->idle.set(0);
}

}  // namespace gatehouse::detail::proxy
