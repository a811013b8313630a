// Answers that are not simply forwarded: a switch to WebSocket, and an error whose content the rules replaced.
#include <algorithm>

#include "hop_headers.hpp"
#include "proxy_exchange.hpp"
#include "timings.hpp"
#include "websocket_accept.hpp"

namespace gatehouse::detail::proxy {

void proxy_exchange::answer_upgrade(const received_response& r, std::size_t head_size) noexcept {
  const request_head& request = call_->head();
  // RFC 9110 section 7.8: a server may switch only to what was asked for.
  if (!request.upgrade_websocket) return broken(reason::upstream_invalid_response);
  if (!is_verified_upgrade(request.fields, r.fields)) return broken(reason::upstream_invalid_upgrade);
  response_head& head = call_->response();
  head.clear();
  head.status(r.status);
  if (!forward_response_fields(r.fields, head)) return broken(reason::upstream_invalid_response);
  clear();
  judge(true);
  phase_ = phase::tunnel;
  call_->upgrade();
  call_->response().remove_if([](const field_line&) { return true; });
  call_->read();
  tunnel_to_client(std::string_view{in_.data(), have_}.substr(head_size));
}

void proxy_exchange::tunnel_to_client(std::string_view bytes) noexcept {
  if (!bytes.empty() && !call_->write(bytes)) paused_ = true;
  call_->flush();
  have_ = 0;
  in_.release();
  if (!paused_) connection_->stream().receive();
  if (client_ended_ && !send_lost_) expire_in(half_closed_tunnel_timeout);
}

void proxy_exchange::on_tunnel(std::string_view bytes) noexcept {
  if (stopped_sending_) return;
  if (bytes.empty()) {
    client_ended_ = true;
    connection_->stream().finish_sending();
    return expire_in(half_closed_tunnel_timeout);
  }
  outgoing_.add(bytes);
  const outgoing_bytes::state s = outgoing_.send(connection_->stream());
  if (s == outgoing_bytes::state::blocked) {
    // The bytes are the server's during this call only; what is left is at most one of its blocks.
    tunnel_rest_.clear();
    outgoing_.for_each_left([this](std::string_view left) { tunnel_rest_.append(left); });
    outgoing_.clear();
    outgoing_.add(tunnel_rest_);
  }
  tunnel_sent(s);
}

void proxy_exchange::tunnel_sent(outgoing_bytes::state s) noexcept {
  switch (s) {
    case outgoing_bytes::state::empty: return call_->read();
    case outgoing_bytes::state::blocked: return connection_->stream().want_writable();
    case outgoing_bytes::state::lost: break;
  }
  outgoing_.clear();
  stopped_sending_ = send_lost_ = true;  // what the upstream sent before is still delivered
  expire_in(grace_after_lost_send);
}

void proxy_exchange::begin_diagnosis() noexcept {
  phase_ = phase::diagnosis;
  arena& memory = call_->context().memory;
  const std::size_t size = settings_->options.events == nullptr ? 0 : std::min(max_diagnosis_bytes, memory.left());
  diagnosis_ = {memory.allocate(size), size};
  expire_in(max_diagnosis_time);
}

/// The client has its answer; the log gets the original. Only a connection whose answer was read to its end is used
/// again.
void proxy_exchange::finish_diagnosis(bool keep_connection) noexcept {
  if (upstream_events* const events = settings_->options.events) {
    events->on_error_replaced(call_->context(), answered_, {diagnosis_.data(), std::min(diagnosis_.size(), dropped_)});
  }
  finish(keep_connection);
}

}  // namespace gatehouse::detail::proxy
