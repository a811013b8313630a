#pragma once
// The error handlers of an app: what answers a request that would be refused.

#include <atomic>
#include <utility>
#include <vector>

#include <gatehouse/server/error_handler.hpp>

#include "handler_context.hpp"

namespace gatehouse::detail::server {

/// Asks them in order of registration; the first answer counts. Immutable.
class error_chain {
 public:
  error_chain(std::vector<error_function> all, handler_context& context) : all_(std::move(all)), context_(&context) {}

  /// As dispatcher::answer_refusal.
  [[nodiscard]] bool answer(call& c, reason why, const failure_detail& detail) const noexcept;

 private:
  std::vector<error_function> all_;
  handler_context* context_;
  mutable std::atomic<bool> held_loop_reported_{false};
};

}  // namespace gatehouse::detail::server
