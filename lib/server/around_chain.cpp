#include "around_chain.hpp"

#include <exception>

#include <gatehouse/base/ascii.hpp>

#include "handler_context.hpp"
#include "hold_watch.hpp"
#include "route_pattern.hpp"
#include "send_response.hpp"
#include "url_text.hpp"

namespace gatehouse {
namespace {

using namespace detail::server;

/// What a middleware wants done to the head of the response.
class head_editor final : public response_editor {
 public:
  head_editor(std::function<void(outgoing&)> edit, const handler_context& context, std::string_view name)
      : edit_(std::move(edit)), context_(&context), name_(name) {}

  void edit(call& c, response_head& head) noexcept override {
    std::string mistake;
    try {
      outgoing out{c, head, mistake};
      edit_(out);
    } catch (const std::exception& e) {
      return report(c, handler_failure::kind::exception, e.what());
    } catch (...) {
      return report(c, handler_failure::kind::exception, "something that is no std::exception");
    }
    if (!mistake.empty()) report(c, handler_failure::kind::invalid_response, mistake);
  }

 private:
  void report(call& c, handler_failure::kind what, std::string_view message) const noexcept {
    context_->report({.what = what, .route = name_, .request_id = c.context().id, .message = message});
  }
  std::function<void(outgoing&)> edit_;
  const handler_context* context_;
  std::string_view name_;
};

std::string decoded_segment(std::string_view text) {
  std::string room(text.size(), '\0');
  arena memory{room};
  std::string_view out;
  // What is not valid UTF-8 matches nothing: the parser refuses such requests.
  return decode(text, encoding::path, memory, out) == decoded::ok ? std::string{out} : std::string{text};
}

}  // namespace

namespace detail::server {

around_chain::around_chain(const std::vector<around_registration>& all, handler_context& context, config_errors& errors)
    : context_(&context) {
  for (const around_registration& one : all) {
    auto made = std::make_unique<stage>();
    made->name = one.prefix.empty() ? "use" : "use " + one.prefix;
    made->function = one.function;
    if (!one.prefix.empty()) {
      const std::size_t before = errors.size();
      const pattern_segments segments = parse_pattern(one.prefix, true, errors);
      for (const pattern_segment& s : segments) {
        if (errors.size() != before || s.what == pattern_segment::kind::subtree) break;
        made->segments.push_back(s.what == pattern_segment::kind::literal ? decoded_segment(s.text) : std::string{});
      }
    }
    stages_.push_back(std::move(made));
  }
}

// Closed by default: "/%61dmin" is covered by "/admin", too. No route is found for it, but what is mounted at "/" may
// understand it.
bool around_chain::stage::covers(std::string_view path) const noexcept {
  path_cursor at{.left = path.substr(1)};
  for (const std::string& wanted : segments) {
    if (!at.more) return false;
    const std::string_view sent = at.next();
    if (wanted.empty() ? sent.empty() : !is_key(sent, wanted, encoding::path)) return false;
  }
  return true;
}

void around_chain::go_on(call& c, std::size_t at) const noexcept {
  for (; at < stages_.size(); ++at) {
    const stage& s = *stages_[at];
    if (!s.covers(c.head().path)) continue;
    std::optional<answer_or_next> result;
    const std::int64_t began = coarse_ms();
    try {
      result = s.function->run(c, next{c.attached()}, around_turn{*this, at + 1});
    } catch (const std::exception& e) {
      failed(c, at + 1, e.what());
      return report_held_loop(began, *context_, s.name, s.held_loop_reported);
    } catch (...) {
      failed(c, at + 1, "something that is no std::exception");
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

void around_chain::failed(call& c, std::size_t at, std::string_view message) const noexcept {
  context_->report({.what = handler_failure::kind::exception,
                    .route = stages_[at - 1]->name,
                    .request_id = c.context().id,
                    .message = message});
  c.fail(reason::server_handler_failed);
}

void around_turn::done(call& c, answer_or_next result) const noexcept {
  if (chain_->take(c, at_, result)) chain_->go_on(c, at_);
}

void around_turn::failed(call& c, std::string_view message) const noexcept { chain_->failed(c, at_, message); }

}  // namespace detail::server

void outgoing::header(std::string_view name, std::string_view value) const {
  if (std::string wrong = response_field_mistake(name, value); !wrong.empty())
    return void(*mistake_ = std::move(wrong));
  remove(name);
  append(name, value);
}

void outgoing::append(std::string_view name, std::string_view value) const {
  if (std::string wrong = response_field_mistake(name, value); !wrong.empty())
    return void(*mistake_ = std::move(wrong));
  if (!append_copy(*call_, *head_, name, value)) *mistake_ = std::string{name} + ", for which there is no memory left";
}

void outgoing::remove(std::string_view name) const {
  head_->remove_if([&](const field_line& line) { return ascii::equal_ignoring_case(line.name, name); });
}

}  // namespace gatehouse
