#include "send_response.hpp"

#include <string>

#include <gatehouse/http/json_writer.hpp>
#include <gatehouse/http/problem.hpp>

namespace gatehouse::detail::server {
namespace {

/// RFC 9457 with "about:blank": the title is the status's phrase, the detail the author's.
std::string problem_document(const response& r, std::string_view request_id) {
  std::string out;
  json_writer w{out};
  w.begin_object();
  w.key("type").value("about:blank");
  w.key("title").value(phrase(r.status()));
  w.key("status").value(static_cast<std::int64_t>(number(r.status())));
  if (!r.body().empty()) w.key("detail").value(std::string_view{r.body()});
  if (is_uuid(request_id)) w.key("instance").value(std::string{problem_instance_prefix} + std::string{request_id});
  w.end_object();
  return out;
}

std::string_view media_type_of(const response& r) noexcept {
  if (!r.type().empty()) return r.type();
  if (r.is_problem()) return problem_media_type;
  return r.body().empty() || forbids_content(r.status()) ? std::string_view{} : plain_text_type;
}

}  // namespace

bool append_copy(call& c, response_head& head, std::string_view name, std::string_view value) noexcept {
  arena& memory = c.context().memory;
  const field id = find_field(name);
  const std::string_view value_copy = memory.copy(value);
  const std::string_view name_copy = id == field::other ? memory.copy(name) : gatehouse::name(id);
  if ((value_copy.empty() && !value.empty()) || name_copy.empty()) return false;
  return (id == field::other ? head.append(name_copy, value_copy) : head.append(id, value_copy)).has_value();
}

bool fill_head(call& c, const response& r) noexcept {
  c.response().status(r.status());
  const std::string_view type = media_type_of(r);
  bool fits = type.empty() || c.response().set_copy(c.context().memory, field::content_type, type).has_value();
  for (const auto& [name, value] : r.headers()) fits = fits && append_copy(c, c.response(), name, value);
  return fits;
}

void send_response(call& c, const response& r) {
  std::string document;
  if (r.is_problem()) document = problem_document(r, c.context().id);
  if (!fill_head(c, r)) return c.fail(reason::limit_exchange_memory);
  const std::string_view content = r.is_problem() ? document : r.body();
  c.respond(forbids_content(r.status()) ? std::string_view{} : content);
}

void send_content(call& c, std::string_view content, std::string_view media_type) noexcept {
  if (!c.response().set(field::content_type, media_type)) return c.fail(reason::server_handler_failed);
  c.respond(content);
}

void send_no_content(call& c) noexcept {
  c.response().status(status::no_content);
  c.respond({});
}

}  // namespace gatehouse::detail::server
