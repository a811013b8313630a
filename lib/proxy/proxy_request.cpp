// The request on its way to the upstream.
#include "hop_headers.hpp"
#include "proxy_exchange.hpp"
#include "timings.hpp"

namespace gatehouse::detail::proxy {
namespace {

constexpr std::string_view chunk_tail_and_last = "\r\n0\r\n\r\n";

}  // namespace

void proxy_exchange::send_request() noexcept {
  phase_ = phase::head;
  parser_ = response_parser{settings_->options.limits};
  fields& lines = home_.request_lines();
  if (const auto forwarded = forward_request_fields(call_->context(), lines, settings_->wanted); !forwarded) {
    let_go_of_connection(true);  // nothing was sent on it
    return fail(forwarded.error().why);
  }
  const std::string_view target = forwarded_target();
  const std::size_t size = target.empty() ? 0 : write_head(lines, target);
  if (size == 0) {
    let_go_of_connection(true);
    return fail(reason::limit_exchange_memory);
  }
  more_content_ = call_->head().framing.has_content();
  outgoing_.add({out_.data(), size});
  connection_->stream().receive();
  send_more();
}

/// The target without the route's prefix, which ends where a segment does. Empty: there is no memory for it. What is
/// left was judged as part of the whole path: a part of it has no segment that the whole had not.
std::string_view proxy_exchange::forwarded_target() noexcept {
  const request_head& request = call_->head();
  const std::string_view prefix = route_->strip_prefix;
  if (prefix.empty() || !request.path.starts_with(prefix)) return request.target;
  if (request.path.size() > prefix.size() && request.path[prefix.size()] != '/') return request.target;
  const std::string_view rest = request.target.substr(prefix.size());
  if (rest.starts_with('/')) return rest;
  if (rest.empty()) return "/";
  // "/notes?x" without "/notes".
  char* const memory = call_->context().memory.allocate(rest.size() + 1);
  if (memory == nullptr) return {};
  memory[0] = '/';
  rest.copy(memory + 1, rest.size());
  return {memory, rest.size() + 1};
}

/// Into out_; 0: too large even for the largest block.
std::size_t proxy_exchange::write_head(const fields& lines, std::string_view target) noexcept {
  const request_head& request = call_->head();
  const bool own_host = settings_->own_host || request.authority.empty();
  const outgoing_request head{
      .method = request.method_text,
      .target = target,
      .host = own_host ? std::string_view{upstream_->authority} : request.authority.text,
      .fields = &lines,
      .framing = request.framing,
      .upgrade_websocket = request.upgrade_websocket,
  };
  out_ = pooled_block::take();
  if (const std::size_t size = write_request_head({out_.data(), out_.size()}, head); size != 0) return size;
  out_ = pooled_block::take(pooled_block::large);
  return write_request_head({out_.data(), out_.size()}, head);
}

void proxy_exchange::send_more() noexcept {
  switch (outgoing_.send(connection_->stream())) {
    case outgoing_bytes::state::empty: return piece_sent();
    case outgoing_bytes::state::lost: return sending_failed();
    case outgoing_bytes::state::blocked: break;
  }
  connection_->stream().want_writable();
  if (phase_ == phase::head) expire_in(settings_->options.first_byte_timeout);
}

void proxy_exchange::piece_sent() noexcept {
  out_.release();
  if (more_content_) {
    if (phase_ == phase::head) clear();  // how fast a client may be slow is the server's business
    return call_->read();
  }
  request_done_ = true;
  if (phase_ == phase::head) return expire_in(settings_->options.first_byte_timeout);
  if (!endless_ && !paused_) expire_in(settings_->options.response_idle_timeout);
}

// The upstream's last words (a 413, say) may still be there to read: the receiving side ends the exchange.
void proxy_exchange::sending_failed() noexcept {
  if (phase_ == phase::head && retry(reason::upstream_closed_early)) return;
  outgoing_.clear();
  out_.release();
  stopped_sending_ = send_lost_ = true;
  if (phase_ == phase::head) expire_in(grace_after_lost_send);
}

void proxy_exchange::on_content(std::string_view piece, bool last) noexcept {
  if (stopped_sending_) return;
  more_content_ = !last;
  if (call_->head().framing.how != body_framing::kind::chunked) {
    outgoing_.add(piece);
  } else {
    if (!piece.empty()) {
      outgoing_.add({chunk_head_, write_chunk_head(chunk_head_, piece.size())});
      outgoing_.add(piece);
    }
    const std::string_view behind = last ? chunk_tail_and_last : chunk_tail;
    outgoing_.add(piece.empty() ? (last ? last_chunk : std::string_view{}) : behind);
  }
  send_more();
}

void proxy_exchange::on_writable() noexcept {
  if (stopped_sending_) return;
  if (phase_ == phase::tunnel) return tunnel_sent(outgoing_.send(connection_->stream()));
  send_more();
}

}  // namespace gatehouse::detail::proxy
