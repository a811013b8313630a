#pragma once

#include <gatehouse/net/loop.hpp>
#include <gatehouse/net/timer_wheel.hpp>

#include "reactor.hpp"
#include "socket.hpp"

namespace gatehouse::detail::net {

/// Accepts in batches, and pauses when the process has no descriptors left.
class tcp_listener final : public listener, private descriptor_owner {
 public:
  /// Errors: errno.
  [[nodiscard]] static result<std::unique_ptr<listener>, int> make(reactor& r, timer_wheel& timers, const endpoint& at,
                                                                   bool share_port);
  void start(acceptor_owner& owner) override;
  void close() noexcept override;
  void finish() noexcept override;
  [[nodiscard]] endpoint local() const noexcept override { return local_; }
  ~tcp_listener() override;

 private:
  /// The end of a pause.
  class pause final : public deadline {
   public:
    explicit pause(tcp_listener& l) noexcept : listener_(l) {}

   private:
    void expired() noexcept override { listener_.socket_->again(); }
    tcp_listener& listener_;
  };

  tcp_listener(descriptor_ptr socket, timer_wheel& timers);
  void on_ready(std::uint32_t events) noexcept override;
  /// False when there is nothing more to accept now, or this object is gone.
  [[nodiscard]] bool accept_one() noexcept;
  void report_failure(int error_number) noexcept;

  descriptor_ptr socket_;
  timer_wheel& timers_;
  acceptor_owner* owner_ = nullptr;
  bool* gone_ = nullptr;  // set while on_ready runs: where to note that this object is closed or no more
  endpoint local_;
  pause pause_{*this};
};

}  // namespace gatehouse::detail::net
