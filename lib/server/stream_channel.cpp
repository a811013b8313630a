#include "stream_channel.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <gatehouse/base/internal_limits.hpp>

namespace gatehouse::detail::server {
namespace {

constexpr std::size_t room = stream_channel_room;

}  // namespace

// One notice at a time is on its way, however much is pushed meanwhile. Posting happens under the lock: the loop is
// there as long as the channel is open.
void stream_channel::notify() {
  if (told_ || home_ == nullptr) return;
  told_ = true;
  home_->post([self = shared_from_this()] {
    channel_reader* reader = nullptr;
    {
      const std::scoped_lock lock(self->mutex_);
      self->told_ = false;
      reader = self->reader_;
    }
    // close() runs on this loop, so the reader is there if it was there a moment ago.
    if (reader != nullptr) reader->on_pushed();
  });
}

wrote stream_channel::write(std::string_view piece) {
  const std::scoped_lock lock(mutex_);
  if (home_ == nullptr || ending_ != ending::none) return wrote::closed;
  if (piece.empty()) return wrote::ok;
  if (!waiting_.empty() && piece.size() > room - std::min(room, waiting_.size())) return wrote::full;
  waiting_.append(piece);
  notify();
  return wrote::ok;
}

void stream_channel::end(ending how) {
  const std::scoped_lock lock(mutex_);
  if (home_ == nullptr || ending_ != ending::none) return;
  ending_ = how;
  notify();
}

bool stream_channel::closed() const noexcept {
  const std::scoped_lock lock(mutex_);
  return home_ == nullptr || ending_ != ending::none;
}

// What is replaced is destroyed without the lock: it may own the last writer, whose end locks, too.
void stream_channel::on_room(std::function<void()> call) {
  std::function<void()> guarded = guard(std::move(call));
  const std::scoped_lock lock(mutex_);
  if (home_ == nullptr) return;
  if (waiting_.size() <= room / 2) return home_->post(std::move(guarded));
  on_room_.swap(guarded);
}

void stream_channel::on_close(std::function<void()> call) {
  std::function<void()> guarded = guard(std::move(call));
  {
    const std::scoped_lock lock(mutex_);
    if (home_ != nullptr) return on_close_.swap(guarded);
  }
  guarded();
}

std::function<void()> stream_channel::guard(std::function<void()> call) const {
  return [call = std::move(call), context = context_, name = pattern_] {
    try {
      call();
    } catch (...) {
      context->report_thrown(name, {}, std::current_exception());
    }
  };
}

stream_channel::ending stream_channel::take(std::string& out) {
  const std::scoped_lock lock(mutex_);
  out.swap(waiting_);
  if (on_room_ && home_ != nullptr) home_->post(std::exchange(on_room_, nullptr));
  return ending_;
}

void stream_channel::close() noexcept {
  std::function<void()> dropped;  // without the lock, as above
  {
    const std::scoped_lock lock(mutex_);
    if (home_ == nullptr) return;
    // From the loop, but not from inside of the call that ends: what is told may do anything.
    if (on_close_) home_->post(std::exchange(on_close_, nullptr));
    dropped = std::exchange(on_room_, nullptr);
    home_ = nullptr;
    reader_ = nullptr;
    waiting_ = std::string{};
  }
}

}  // namespace gatehouse::detail::server
