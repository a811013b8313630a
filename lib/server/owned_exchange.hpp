#pragma once
// The streaming side of a response that is made after its handler returned.

#include <memory>
#include <utility>

#include <gatehouse/net/loop.hpp>
#include <gatehouse/server/call.hpp>

namespace gatehouse::detail::server {

/// Owns itself from begin() until the call ends; made by std::make_shared. Does not read the request's content.
class owned_exchange : public call_events, public std::enable_shared_from_this<owned_exchange> {
 public:
  explicit owned_exchange(call& c) noexcept : call_(&c) {}
  owned_exchange(const owned_exchange&) = delete;
  owned_exchange& operator=(const owned_exchange&) = delete;
  virtual ~owned_exchange() = default;

  /// After call::send_head().
  void begin() {
    self_ = shared_from_this();
    call_->events(*this);
    start();
  }

  void on_content(std::string_view, bool) noexcept final {}
  void on_drained() noexcept final { go_on(); }
  void on_abort(reason) noexcept final { finish(); }

 protected:
  virtual void start() = 0;
  /// Writes what there is until write() says to wait.
  virtual void go_on() noexcept = 0;
  /// The call is about to end.
  virtual void ended() noexcept {}

  /// Null once the call ended.
  [[nodiscard]] call* current() const noexcept { return call_; }
  /// The response is whole, or nobody is there to read it. This object may be gone when it returns.
  void finish() noexcept {
    const auto keep = std::move(self_);
    ended();
    std::exchange(call_, nullptr)->finish();
  }
  /// It will never be whole. As finish().
  void cut(reason why) noexcept {
    const auto keep = std::move(self_);
    ended();
    std::exchange(call_, nullptr)->fail(why);
  }
  /// go_on() again, when others had their turn. Not while write() said to wait.
  void go_on_later() noexcept {
    if (!call_->flush()) return;
    call_->on_loop()->post([self = shared_from_this()] {
      if (self->call_ != nullptr) self->go_on();
    });
  }

 private:
  call* call_;
  std::shared_ptr<owned_exchange> self_;
};

}  // namespace gatehouse::detail::server
