#include "head_editor.hpp"

#include <exception>

#include <gatehouse/base/ascii.hpp>

#include "send_response.hpp"

namespace gatehouse {

namespace detail::server {

void head_editor::edit(call& c, response_head& head) noexcept {
  std::string mistake;
  try {
    outgoing out{c, head, mistake};
    edit_(out);
  } catch (...) {
    return context_->report_thrown(name_, c.context().id, std::current_exception());
  }
  if (!mistake.empty()) context_->report_invalid(name_, c.context().id, mistake);
}

}  // namespace detail::server

using detail::server::append_copy;
using detail::server::response_field_mistake;

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
