#include <gatehouse/server/user_handler.hpp>

#include <ctime>
#include <exception>

#include "handler_context.hpp"
#include "send_response.hpp"

namespace gatehouse::detail::server {
namespace {

constexpr std::int64_t held_too_long_ms = 100;

/// OPTIMIZATION: the coarse clock (a tick of 1 to 4 ms) costs a few nanoseconds, and this is asked twice a request.
std::int64_t coarse_ms() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

content_need user_handler::wants(const exchange&) const noexcept {
  if (!shape_.takes_body) return {};
  return {.what = content_need::kind::buffered, .limit = shape_.max_bytes};
}

void user_handler::handle(call& c) const noexcept {
  const std::int64_t began = coarse_ms();
  // run() answers last, and answering does not throw: an exception means that nothing was answered yet.
  const auto failed = [&](std::string_view message) {
    context_->report({.what = handler_failure::kind::exception,
                      .route = pattern_,
                      .request_id = c.context().id,
                      .message = message});
    c.fail(reason::server_handler_failed);
  };
  try {
    run(c);
  } catch (const std::exception& e) {
    failed(e.what());
  } catch (...) {
    failed("something that is no std::exception");
  }
  // The call is gone.
  const std::int64_t held = coarse_ms() - began;
  if (held > held_too_long_ms && !held_loop_reported_.exchange(true)) {
    context_->report({.what = handler_failure::kind::held_loop,
                      .route = pattern_,
                      .request_id = {},
                      .message = std::to_string(held) + " ms"});
  }
}

void direct_answer::text(std::string_view content) { send_content(*call_, content, plain_text_type); }
void direct_answer::json(std::string_view content) { send_content(*call_, content, json_type); }
void direct_answer::nothing() { send_no_content(*call_); }
void direct_answer::failed(error e) { call_->fail(e.why); }

void direct_answer::whole(response&& r) {
  if (r.mistake().empty()) return send_response(*call_, r);
  handler_->context().report({.what = handler_failure::kind::invalid_response,
                              .route = handler_->pattern(),
                              .request_id = call_->context().id,
                              .message = r.mistake()});
  call_->fail(reason::server_handler_failed);
}

}  // namespace gatehouse::detail::server
