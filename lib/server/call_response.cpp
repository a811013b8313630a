// The response's way out: every answer there is goes through the finaliser here, once.
#include <gatehouse/server/call.hpp>

#include <utility>

#include <gatehouse/rules/refusal.hpp>

#include "body_budget.hpp"
#include "held_response.hpp"
#include "loop_metrics.hpp"

namespace gatehouse {

bool call::sends_no_content() const noexcept {
  return exchange_.request.verb == method::head || forbids_content(response_.status());
}

void call::respond(std::string_view content, response_source source) noexcept {
  if (aborted_) return end(true);
  exchange_.source = source;
  send_whole(content);
}

void call::fail(reason why, const failure_detail& detail) noexcept {
  if (aborted_) return end(true);
  if (!head_sent_) return refuse_at(decision_trace::phase::handler, "handler", why, detail);
  exchange_.why = why;
  end(true);
}

void call::refuse(reason why, const failure_detail& detail) noexcept {
  if (!refusing_ && !exchange_.head_refused) {
    refusing_ = true;
    events_ = nullptr;  // those of a handler that gave up
    response_.clear();
    held_.reset();
    exchange_.why = why;
    if (around_.routes->answer_refusal(*this, why, detail)) return;
  }
  answer_refusal(why, detail);
  end(false);
}

/// What no rule refused, but the server itself: it stands in the trace, too.
void call::refuse_at(decision_trace::phase when, std::string_view who, reason why,
                     const failure_detail& detail) noexcept {
  exchange_.trace.add({.rule = who, .when = when, .what = decision_trace::verdict::refuse, .why = why});
  refuse(why, detail);
}

void call::answer_refusal(reason why, const failure_detail& detail) noexcept {
  response_.clear();
  held_.reset();
  const std::string_view document = refuse_with_problem(exchange_, why, response_, detail.message);
  if (why == reason::http_method_not_allowed) {
    // RFC 9110 section 15.5.6: a 405 MUST say what is allowed.
    (void)response_.set_copy(exchange_.memory, field::allow, exchange_.route->methods.to_string());
  }
  transmit_whole(document);
}

void call::answer(status s) noexcept {
  response_.clear();
  response_.status(s);
  exchange_.source = response_source::gatehouse;
  send_whole({});
}

void call::send_whole(std::string_view content) noexcept {
  transmit_whole(content);
  end(false);
}

void call::edit_response(std::unique_ptr<response_editor> e) noexcept {
  e->next_ = std::move(editors_);
  editors_ = std::move(e);
}

void call::edit_head() noexcept {
  for (response_editor* e = editors_.get(); e != nullptr; e = e->next_.get()) e->edit(*this, response_);
}

void call::transmit_whole(std::string_view content) noexcept {
  edit_head();
  exchange_.has_content = !content.empty() && !forbids_content(response_.status());
  const body_plan plan = exchange_.rules->finalise(exchange_, response_);
  if (plan.what == body_plan::kind::replace) content = plan.content;
  body_framing framing{};
  if (!forbids_content(response_.status())) framing = {.how = body_framing::kind::length, .length = content.size()};
  answered_ = response_.status();
  head_sent_ = true;
  transport_->send_head(response_, framing);
  if (content.empty() || sends_no_content()) return;
  sent_ = content.size();
  transport_->send_content(content);
}

/// Of a HEAD whose handler does not know the length it is assumed: a type is no harm where there is nothing.
bool call::has_content(const body_framing& framing) const noexcept {
  if (forbids_content(response_.status())) return false;
  if (framing.how == body_framing::kind::none) return exchange_.request.verb == method::head;
  return framing.how != body_framing::kind::length || framing.length != 0;
}

bool call::send_head(const body_framing& framing, response_source source) noexcept {
  if (aborted_) return false;
  exchange_.source = source;
  exchange_.has_content = has_content(framing);
  // Not by the finaliser: it runs once a response, and what it decides depends on what is seen.
  const std::size_t most = exchange_.rules->inspects(exchange_, response_);
  return most == 0 ? transmit_head(framing) : hold(framing, most);
}

bool call::transmit_head(const body_framing& framing) noexcept {
  state_ = state::responding;
  edit_head();
  const body_plan plan = exchange_.rules->finalise(exchange_, response_);
  answered_ = response_.status();
  head_sent_ = true;
  if (plan.what == body_plan::kind::replace) {
    drops_content_ = true;
    transport_->send_head(response_, {.how = body_framing::kind::length, .length = plan.content.size()});
    if (!sends_no_content()) {
      sent_ = plan.content.size();
      transport_->send_content(plan.content);
    }
    transport_->flush();
    return false;
  }
  has_declared_ = framing.how == body_framing::kind::length;
  declared_ = framing.length;
  drops_content_ = sends_no_content();
  transport_->send_head(response_, framing);
  return true;
}

bool call::write(std::string_view piece) noexcept {
  if (aborted_ || drops_content_ || piece.empty()) return true;
  if (held_ != nullptr) return hold_more(piece);
  if (has_declared_ && piece.size() > declared_ - sent_) {
    // More than was declared: a peer would read the rest as the next response. What is out is cut off.
    cut_ = true;
    return true;
  }
  sent_ += piece.size();
  return transport_->send_content(piece);
}

bool call::flush() noexcept { return aborted_ || held_ != nullptr || transport_->flush(); }

void call::finish() noexcept {
  content_ends();
  if (aborted_ && !head_sent_) return end(true);
  if (!head_sent_) return fail(reason::server_handler_failed);  // a handler that answered nothing
  const bool short_of_declared = has_declared_ && !drops_content_ && sent_ < declared_;
  end(cut_ || short_of_declared);
}

void call::upgrade() noexcept {
  if (aborted_) return;
  exchange_.source = response_source::upstream;
  state_ = state::tunnel;
  (void)exchange_.rules->finalise(exchange_, response_);
  answered_ = response_.status();
  head_sent_ = true;
  transport_->send_head(response_, {});
  transport_->begin_tunnel();
}

void call::end(bool cut) noexcept {
  if (state_ == state::ended) return;
  state_ = state::ended;
  const outcome o{.answered = answered_,
                  .aborted = cut,
                  .unanswered = !head_sent_,
                  .request_body_bytes = received_,
                  .response_body_bytes = sent_,
                  .ended = transport_->ended(around_.log != nullptr)};
  exchange_.rules->finish(exchange_, o);
  if (around_.log != nullptr) around_.log->record(exchange_, o);
  if (around_.counts != nullptr) around_.counts->ended(exchange_, o);
  if (budgeted_ != 0) {
    body_budget::give_back(budgeted_);
    buffered_ = std::string{};
  }
  call_transport* const transport = transport_;
  reset();
  transport->end(cut);
}

void call::reset() noexcept {
  exchange_.clear();
  response_.clear();
  parameters_.count = 0;
  transport_ = nullptr;
  events_ = nullptr;
  handler_ = routed_ = nullptr;
  is_around_ = refusing_ = false;
  editors_.reset();
  held_.reset();
  replaced_.reset();
  attached_.clear();
  rule_at_ = 0;
  content_ = {};
  budgeted_ = received_ = sent_ = declared_ = 0;
  answered_ = status::ok;
  whole_ = has_declared_ = drops_content_ = aborted_ = head_sent_ = cut_ = false;
}

}  // namespace gatehouse
