#include <gatehouse/rules/refusal.hpp>

#include <string>

#include <gatehouse/http/json_writer.hpp>
#include <gatehouse/http/problem.hpp>
#include <gatehouse/rules/policy.hpp>
#include <gatehouse/rules/request_id.hpp>

namespace gatehouse {
namespace {

// A message of user code may be as long as it likes; the document has to fit into the exchange's memory.
constexpr std::size_t longest_said = 512;

/// "server.handler-failed: vector::at", as it stands between the quotes of JSON.
std::string detail_of(reason why, std::string_view said) {
  std::string text{code(why)};
  if (!said.empty()) text.append(": ").append(said.substr(0, longest_said));
  std::string quoted;
  json_writer{quoted}.value(std::string_view{text});
  return quoted.substr(1, quoted.size() - 2);
}

/// The switch alone does not do: who listens checks the address at the start, and this once more for each connection.
bool shows_details(const exchange& e) noexcept {
  return e.rules != nullptr && e.rules->shows_details() && e.connection.loopback_listener;
}

}  // namespace

std::string_view refuse_with_problem(exchange& e, reason why, response_head& head, std::string_view said) noexcept {
  e.why = why;
  e.source = response_source::gatehouse;
  head.clear();
  head.status(status_of(why));
  // RFC 9111 section 4.2.2 lets a cache keep a 404, 405, 414 or 501 by its own guess. The same text as the profile's,
  // and said here too so that no configured Cache-Control makes refusals cacheable. An empty head has room: neither set
  // can fail.
  (void)head.set(field::cache_control, "no-store, max-age=0");
  const std::string_view document = shows_details(e)
                                        ? write_problem(e.memory, why, head.status(), ensure_request_id(e),
                                                        detail_of(why, said))
                                        : write_problem(e.memory, why, head.status(), ensure_request_id(e));
  if (!document.empty()) (void)head.set(field::content_type, problem_media_type);
  return document;
}

}  // namespace gatehouse
