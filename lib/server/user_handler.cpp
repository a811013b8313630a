#include <gatehouse/server/user_handler.hpp>

#include <exception>

#include "begin_stream.hpp"
#include "handler_context.hpp"
#include "hold_watch.hpp"
#include "send_response.hpp"

namespace gatehouse::detail::server {

void user_handler::join(handler_context& context, method_set methods, std::string pattern) {
  context_ = &context;
  const std::string names = methods.to_string();
  const bool is_one = !names.empty() && names.find(',') == std::string::npos;
  watched_as_ = is_one ? names + ' ' + pattern : pattern;
  pattern_ = std::move(pattern);
}

content_need user_handler::wants(const exchange&) const noexcept {
  if (!shape_.takes_body) return {};
  return {.what = content_need::kind::buffered, .limit = shape_.max_bytes};
}

void user_handler::handle(call& c) const noexcept {
  const std::int64_t began = coarse_ms();
  // run() answers last, and answering does not throw: an exception means that nothing was answered yet.
  try {
    run(c);
  } catch (...) {
    failed(c, std::current_exception());
  }
  // The call is gone.
  report_held_loop(began, *context_, watched_as_, held_loop_reported_);
}

void user_handler::failed(call& c, const std::exception_ptr& thrown) const noexcept {
  context_->fail_thrown(c, pattern_, thrown);
}

void direct_answer::text(std::string_view content) { send_content(*call_, content, plain_text_type); }
void direct_answer::json(std::string_view content) { send_content(*call_, content, json_type); }
void direct_answer::nothing() { send_no_content(*call_); }
void direct_answer::failed(error e) { call_->fail(e.why); }
void direct_answer::stream(streamed&& s) { begin_stream(*call_, std::move(s), *context_, pattern_); }

void direct_answer::whole(response&& r) {
  if (r.mistake().empty()) return send_response(*call_, r);
  context_->fail_invalid(*call_, pattern_, r.mistake());
}

void stored_answer::give_to(call& c, handler_context& context, std::string_view pattern) {
  if (why_ != reason::none) return c.fail(why_);
  direct_answer to{c, context, pattern};
  if (stream_ != nullptr) return to.stream(std::move(*stream_));
  to.whole(std::move(whole_));
}

}  // namespace gatehouse::detail::server
