#include <gatehouse/rules/refusal.hpp>

#include <gatehouse/http/problem.hpp>
#include <gatehouse/rules/request_id.hpp>

namespace gatehouse {

std::string_view refuse_with_problem(exchange& e, reason why, response_head& head) noexcept {
  e.why = why;
  e.source = response_source::gatehouse;
  head.clear();
  head.status(status_of(why));
  // RFC 9111 section 4.2.2 lets a cache keep a 404, 405, 414 or 501 by its own guess. The same text as the profile's,
  // and said here too so that no configured Cache-Control makes refusals cacheable. An empty head has room: neither set
  // can fail.
  (void)head.set(field::cache_control, "no-store, max-age=0");
  const std::string_view document = write_problem(e.memory, why, head.status(), ensure_request_id(e));
  if (!document.empty()) (void)head.set(field::content_type, problem_media_type);
  return document;
}

}  // namespace gatehouse
