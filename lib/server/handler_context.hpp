#pragma once
// What the handlers of one app share.

#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>

#include <gatehouse/server/user_handler.hpp>

#include "blocking_pool.hpp"

namespace gatehouse::detail::server {

struct pool_size {
  unsigned threads = 16;
  std::size_t queue = 256;
};

class handler_context {
 public:
  /// Who is told of failures; before the first request. Without one they go to stderr, a line each.
  void report_to(std::function<void(const handler_failure&)> told) { told_ = std::move(told); }
  /// From any thread.
  void report(const handler_failure& f) const noexcept;
  void report_thrown(std::string_view route, std::string_view request_id,
                     const std::exception_ptr& thrown) const noexcept;
  void report_invalid(std::string_view route, std::string_view request_id, std::string_view why) const noexcept;

  // What every failure of user code leads to: a report, and the end of the call by call::fail. `route` is who failed.
  void fail_thrown(call& c, std::string_view route, const std::exception_ptr& thrown) const noexcept;
  /// It answered what must not be sent.
  void fail_invalid(call& c, std::string_view route, std::string_view why) const noexcept;

  void size(const pool_size& s) noexcept { size_ = s; }
  /// From any thread. False when the pool is full or stopping.
  [[nodiscard]] bool run_blocking(std::function<void()> work);
  [[nodiscard]] bool stop_blocking(std::chrono::milliseconds wait);

 private:
  std::function<void(const handler_failure&)> told_;
  pool_size size_;
  std::mutex mutex_;
  std::optional<blocking_pool> pool_;  // last: its threads use the rest
};

}  // namespace gatehouse::detail::server
