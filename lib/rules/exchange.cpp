#include <gatehouse/rules/exchange.hpp>

namespace gatehouse {
namespace {

void clear_head(request_head& head) noexcept {
  head.verb = method::unknown;
  head.version = http_version::http_1_1;
  head.method_text = head.target = head.path = head.query = {};
  head.authority = {};
  head.fields.clear();
  head.framing = {};
  head.keep_alive = true;
  head.expects_continue = head.upgrade_websocket = false;
}

}  // namespace

// OPTIMIZATION: only what an exchange can have written; the bytes of slots, trace and id are dead without their counts.
void exchange::clear() noexcept {
  clear_head(request);
  head_refused = false;
  memory.reset();
  began = {};
  began_at = {};
  route = nullptr;
  body_limit = 0;
  rules = nullptr;

  client = connection.peer;
  client_secure = peer_trusted = untrusted_forwarding = false;
  id = trace_id = traceparent = csp_nonce = {};
  trace_from = trace_origin::unjudged;
  source = response_source::gatehouse;
  has_content = was_untyped = false;
  leaked = leak::none;
  why = would_refuse = reason::none;
  denied = {};
  next_cors = cors_change::none;  // next_denied says nothing then
  cookies.clear();
  standing = origin_standing::unlisted;
  remedy = csrf_remedy::none;

  trace.clear();
  for (std::size_t i = 0; i < slots_touched; ++i) slots[i].clear();
  slots_touched = inspecting = 0;
  begun = 0;
}

}  // namespace gatehouse
