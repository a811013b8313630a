#include <gatehouse/server/blocking.hpp>

#include <exception>

#include <gatehouse/net/loop.hpp>

#include "handler_context.hpp"

namespace gatehouse::detail::server {

std::string_view request_copy::keep(std::string_view text) {
  const std::size_t at = text_.size();
  text_.append(text);  // within the capacity that take() reserved: earlier views stay valid
  return std::string_view{text_}.substr(at);
}

void request_copy::take(const request_source& from, bool whole) {
  content_ = from.content;
  source_ = from;
  source_.content = content_;
  if (!whole) return;

  const request_head& head = *from.head;
  std::size_t size = head.method_text.size() + head.target.size() + head.authority.text.size() + from.id.size() +
                     from.trace_id.size();
  for (const field_line& line : head.fields) size += line.name.size() + line.value.size();
  for (std::size_t i = 0; i < from.parameters->count; ++i) size += from.parameters->all[i].value.size();
  text_.reserve(size);

  head_ = std::make_unique<request_head>();
  head_->verb = head.verb;
  head_->version = head.version;
  head_->method_text = keep(head.method_text);
  head_->target = keep(head.target);
  head_->path = head_->target.substr(0, head.path.size());
  head_->query = head_->target.substr(head_->target.size() - head.query.size());
  head_->authority = head.authority.moved_to(keep(head.authority.text));
  for (const field_line& line : head.fields) {
    static_cast<void>(head_->fields.append(line.id, keep(line.name), keep(line.value)));  // as many as fitted before
  }
  head_->framing = head.framing;
  for (std::size_t i = 0; i < from.parameters->count; ++i) {
    const auto& parameter = from.parameters->all[i];
    parameters_.all[parameters_.count++] = {.name = parameter.name, .value = keep(parameter.value)};
  }
  // The connection may end before the handler does.
  if (from.certificate != nullptr) certificate_ = std::make_unique<client_certificate>(*from.certificate);
  source_.certificate = certificate_.get();
  source_.head = head_.get();
  source_.parameters = &parameters_;
  if (from.attached != nullptr) attached_ = *from.attached;
  source_.attached = &attached_;
  source_.id = keep(from.id);
  source_.trace_id = keep(from.trace_id);
}

void blocking_work::start(const std::shared_ptr<blocking_work>& work, call& c) {
  work->call_ = &c;
  loop* const home = c.on_loop();
  handler_context& context = work->handler_->context();
  // The call lives until it is answered, and only its loop touches it: the pool sees the copy.
  const bool taken = context.run_blocking([work, home] {
    work->run();
    home->post([work] { work->answer(); });
  });
  if (!taken) c.fail(reason::server_overloaded);
}

void blocking_work::run() noexcept {
  try {
    work(answer_);
  } catch (...) {
    thrown_ = std::current_exception();
  }
}

void blocking_work::answer() noexcept {
  if (thrown_ != nullptr) return handler_->failed(*call_, thrown_);
  answer_.give_to(*call_, handler_->context(), handler_->pattern());
}

}  // namespace gatehouse::detail::server
