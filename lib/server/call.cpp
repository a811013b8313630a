// The request's way in: rules, routing, content, handler.
#include <gatehouse/server/call.hpp>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/rules/request_limits.hpp>

#include "body_budget.hpp"
#include "held_response.hpp"

namespace gatehouse {

call::call() noexcept = default;
call::~call() = default;

void call::begin(call_transport& t, const surroundings& s) noexcept {
  transport_ = &t;
  around_ = s;
  const route_match match = s.routes->find(exchange_.request, parameters_);
  routed_ = match.handler;
  is_around_ = match.around != nullptr;
  handler_ = is_around_ ? match.around : routed_;
  exchange_.route = match.route;
  exchange_.rules = match.rules;
  exchange_.body_limit = body_limit_of(match.route, *s.bounds);
  state_ = state::rules;
  go_on(exchange_.rules->request(exchange_, rule_at_));
}

void call::begin_refused(call_transport& t, const surroundings& s, reason why) noexcept {
  transport_ = &t;
  around_ = s;
  exchange_.head_refused = true;
  exchange_.rules = s.routes->find(exchange_.request, parameters_).rules;
  state_ = state::rules;
  refuse_at(decision_trace::phase::request, "http", why);
}

void call::go_on(step s) noexcept {
  while (true) {
    switch (s.what()) {
      case step::kind::pass: return dispatch();
      case step::kind::answer: return answer(s.answered());
      case step::kind::refuse: return refuse(s.why());
      case step::kind::need_body:
        if (!whole_) return want_whole(s.body_limit(), buffering_for::rule);
        s = exchange_.rules->body(exchange_, rule_at_, content_);
        break;
      case step::kind::ask:
        // No store is connected: the rule decides by itself, as when one does not answer.
        s = exchange_.rules->reply(exchange_, rule_at_, store_reply{});
        break;
    }
  }
}

void call::dispatch() noexcept {
  if (handler_ == nullptr) {
    return refuse_at(decision_trace::phase::route, "route",
                     exchange_.route == nullptr ? reason::http_not_found : reason::http_method_not_allowed);
  }
  const content_need need = handler_->wants(exchange_);
  if (need.what == content_need::kind::buffered && !whole_) {
    return want_whole(need.limit == 0 ? exchange_.body_limit : need.limit, buffering_for::handler);
  }
  handle();
}

void call::pass_on() noexcept {
  if (aborted_) return end(true);
  GATEHOUSE_ASSERT(is_around_);
  is_around_ = false;
  handler_ = routed_;
  events_ = nullptr;  // those of middleware that waited
  dispatch();
}

void call::handle() noexcept {
  state_ = state::handling;
  handler_->handle(*this);
}

void call::want_whole(std::uint64_t limit, buffering_for who) noexcept {
  buffering_ = who;
  if (!exchange_.request.framing.has_content()) return content_is_whole();
  exchange_.body_limit = limit;
  // Refused before a byte is read where the length says so (RFC 9110 section 15.5.14).
  if (exchange_.request.framing.how == body_framing::kind::length) {
    if (const reason why = judge_content(exchange_.request.framing.length); why != reason::none) {
      return refuse_at(decision_trace::phase::body, "content", why);
    }
  }
  state_ = state::buffering;
  transport_->want_content();
}

void call::buffer(std::string_view piece, bool last) noexcept {
  if (const reason why = judge_content(0); why != reason::none) {
    return refuse_at(decision_trace::phase::body, "content", why);
  }
  if (last && buffered_.empty()) {
    content_ = piece;  // OPTIMIZATION: arrived in one piece, used where it was received; the block is padded
    return content_is_whole();
  }
  const std::uint64_t needed = received_ + body_padding;
  if (needed > budgeted_) {
    const std::uint64_t more = needed - budgeted_;
    if (!body_budget::take(more, around_.bounds->buffered_body_bytes_total)) {
      return refuse_at(decision_trace::phase::body, "content", reason::limit_body_budget);
    }
    budgeted_ += more;
  }
  buffered_.append(piece);
  if (!last) return transport_->want_content();
  buffered_.append(body_padding, '\0');
  content_ = std::string_view{buffered_}.substr(0, buffered_.size() - body_padding);
  content_is_whole();
}

void call::content_is_whole() noexcept {
  whole_ = true;
  if (buffering_ == buffering_for::handler) return handle();
  state_ = state::rules;
  go_on(exchange_.rules->body(exchange_, rule_at_, content_));
}

void call::read() noexcept {
  if (state_ == state::tunnel) {
    if (!aborted_) transport_->want_tunnel_bytes();
    return;
  }
  if (aborted_ || state_ == state::ended) return;
  transport_->want_content();
}

reason call::judge_content(std::uint64_t more) const noexcept {
  const std::uint64_t limit = exchange_.body_limit;
  return received_ > limit || more > limit - received_ ? reason::limit_body_too_large : reason::none;
}

void call::content_arrived(std::string_view piece, bool last) noexcept {
  received_ += piece.size();
  if (state_ == state::buffering) return buffer(piece, last);
  if (aborted_ || events_ == nullptr) return;
  if (whole_) {
    // A rule had it buffered before the streaming handler asked; the transport has nothing left and says so.
    piece = content_;
    content_ = {};
    last = true;
  }
  // A streaming handler may read more than the limit allows only if nobody declared the length: the rules refused that.
  if (const reason why = judge_content(0); why != reason::none) return content_failed(why);
  events_->on_content(piece, last);
}

void call::content_failed(reason why) noexcept {
  if (state_ == state::ended || aborted_) return;
  exchange_.trace.add(
      {.rule = "content", .when = decision_trace::phase::body, .what = decision_trace::verdict::refuse, .why = why});
  if (state_ == state::buffering || state_ == state::rules) return refuse(why);
  if (!head_sent_) {
    // The answer is ours; the handler is told and lets go, and what it still writes is dropped.
    const bool handler_holds_it = state_ == state::handling;
    GATEHOUSE_ASSERT(handler_holds_it);
    response_.clear();
    answer_refusal(why);
    drops_content_ = true;
  } else {
    exchange_.why = why;
    cut_ = true;
  }
  aborted_ = true;
  if (events_ != nullptr) events_->on_abort(why);
}

void call::client_gone(reason why) noexcept {
  if (state_ == state::ended || aborted_) return;
  aborted_ = true;
  cut_ = true;
  if (exchange_.why == reason::none) exchange_.why = why;
  if (state_ == state::rules || state_ == state::buffering) return end(true);
  // A handler that does not stream has its respond() still to come; the call waits for it.
  if (events_ != nullptr) events_->on_abort(why);
}

void call::drained() noexcept {
  if (events_ != nullptr && !aborted_ && state_ != state::ended) events_->on_drained();
}

void call::tunnel_bytes(std::string_view bytes) noexcept {
  if (events_ != nullptr && !aborted_ && state_ == state::tunnel) events_->on_tunnel(bytes);
}

}  // namespace gatehouse
