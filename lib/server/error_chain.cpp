#include "error_chain.hpp"

#include <exception>
#include <memory>
#include <optional>

#include <gatehouse/http/problem.hpp>
#include <gatehouse/rules/request_id.hpp>

#include "head_editor.hpp"
#include "hold_watch.hpp"

namespace gatehouse::detail::server {
namespace {

constexpr std::string_view reported_as = "on_error";

/// What the usual answer has, too, unless the handler said otherwise.
class refusal_head final : public response_editor {
 public:
  explicit refusal_head(reason why) noexcept : why_(why) {}
  void edit(call& c, response_head& head) noexcept override {
    // An error is of this moment: see refuse_with_problem.
    if (!head.has(field::cache_control)) (void)head.set(field::cache_control, "no-store, max-age=0");
    // RFC 9110 section 15.5.6: a 405 MUST say what is allowed.
    if (why_ == reason::http_method_not_allowed && head.status() == status::method_not_allowed &&
        !head.has(field::allow)) {
      (void)head.set_copy(c.context().memory, field::allow, c.context().route->methods.to_string());
    }
  }

 private:
  reason why_;
};

}  // namespace

bool error_chain::answer(call& c, reason why, const failure_detail& detail) const noexcept {
  (void)ensure_request_id(c.context());
  const request_error error{
      .why = why, .status = status_of(why), .exception = detail.exception, .message = detail.message};
  for (const error_function& f : all_) {
    std::optional<answer_or_next> result;
    const std::int64_t began = coarse_ms();
    try {
      result = f(error, request{source_of(c)}, next{c.attached()});
    } catch (...) {
      context_->fail_thrown(c, reported_as, std::current_exception());  // not asked twice: ends in the usual 500
      return true;
    }
    report_held_loop(began, *context_, reported_as, held_loop_reported_);
    if (stored_answer* const chosen = result->answer(); chosen != nullptr) {
      c.edit_response(std::make_unique<refusal_head>(why));
      chosen->give_to(c, *context_, reported_as);
      return true;
    }
    if (result->edit())
      c.edit_response(std::make_unique<head_editor>(std::move(result->edit()), *context_, reported_as));
  }
  return false;
}

}  // namespace gatehouse::detail::server
