#pragma once
// Whether loops still turn: they are given something to do, and it is waited for.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/net/loop.hpp>

namespace gatehouse::detail::server {

/// Thread-safe. A loop that hangs is given one piece of work, however often it is asked.
class loop_pulse_check {
 public:
  /// Whether each of `loops` (always the same ones) answers within this time. One that did not in time before is not
  /// waited for again.
  template <typename Loops>
  [[nodiscard]] bool all_answer(const Loops& loops, milliseconds within) {
    const auto now = std::chrono::steady_clock::now();
    std::shared_ptr<question> asked;
    {
      const std::scoped_lock lock(mutex_);
      if (last_ == nullptr || last_->is_answered()) last_ = ask(loops, now);
      asked = last_;
    }
    return asked->wait_until(asked->asked_at + within);
  }

 private:
  class question {
   public:
    question(std::size_t loops, std::chrono::steady_clock::time_point at) : asked_at(at), missing_(loops) {}
    void answer() {
      const std::scoped_lock lock(mutex_);
      if (--missing_ == 0) answered_.notify_all();
    }
    [[nodiscard]] bool is_answered() {
      const std::scoped_lock lock(mutex_);
      return missing_ == 0;
    }
    [[nodiscard]] bool wait_until(std::chrono::steady_clock::time_point end) {
      std::unique_lock lock(mutex_);
      return answered_.wait_until(lock, end, [this] { return missing_ == 0; });
    }
    const std::chrono::steady_clock::time_point asked_at;

   private:
    std::mutex mutex_{};
    std::condition_variable answered_{};
    std::size_t missing_;
  };

  template <typename Loops>
  [[nodiscard]] static std::shared_ptr<question> ask(const Loops& loops, std::chrono::steady_clock::time_point now) {
    const auto asked = std::make_shared<question>(loops.size(), now);
    for (gatehouse::loop* const l : loops) l->post([asked] { asked->answer(); });
    return asked;
  }

  std::mutex mutex_{};
  std::shared_ptr<question> last_{};
};

}  // namespace gatehouse::detail::server
