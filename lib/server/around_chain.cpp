#include "around_chain.hpp"

#include <exception>

#include "handler_context.hpp"
#include "head_editor.hpp"
#include "hold_watch.hpp"

namespace gatehouse {
namespace detail::server {

around_chain::around_chain(const std::vector<around_registration>& all, handler_context& context, config_errors& errors)
    : context_(&context) {
  for (const around_registration& one : all) {
    auto made = std::make_unique<stage>();
    made->name = one.prefix.empty() ? "use" : "use " + one.prefix;
    if (!one.function.get()) {
      const config_errors& wrong = one.function.get().error();
      errors.insert(errors.end(), wrong.begin(), wrong.end());
      continue;
    }
    made->function = *one.function.get();
    made->prefix = path_prefix(one.prefix, errors);
    stages_.push_back(std::move(made));
  }
}

void around_chain::go_on(call& c, std::size_t at) const noexcept {
  for (; at < stages_.size(); ++at) {
    const stage& s = *stages_[at];
    if (!s.prefix.covers(c.head().path)) continue;
    std::optional<answer_or_next> result;
    const std::int64_t began = coarse_ms();
    try {
      result = s.function->run(c, next{c.attached()}, around_turn{*this, at + 1});
    } catch (...) {
      failed(c, at + 1, std::current_exception());
      return report_held_loop(began, *context_, s.name, s.held_loop_reported);
    }
    report_held_loop(began, *context_, s.name, s.held_loop_reported);
    if (!result || !take(c, at + 1, *result)) return;
  }
  c.pass_on();
}

bool around_chain::take(call& c, std::size_t at, answer_or_next& result) const noexcept {
  const stage& s = *stages_[at - 1];
  if (stored_answer* const answer = result.answer(); answer != nullptr) {
    answer->give_to(c, *context_, s.name);
    return false;
  }
  if (result.edit()) c.edit_response(std::make_unique<head_editor>(std::move(result.edit()), *context_, s.name));
  return true;
}

void around_chain::failed(call& c, std::size_t at, const std::exception_ptr& thrown) const noexcept {
  context_->fail_thrown(c, stages_[at - 1]->name, thrown);
}

void around_turn::done(call& c, answer_or_next result) const noexcept {
  if (chain_->take(c, at_, result)) chain_->go_on(c, at_);
}

void around_turn::failed(call& c, const std::exception_ptr& thrown) const noexcept { chain_->failed(c, at_, thrown); }

}  // namespace detail::server
}  // namespace gatehouse
