// The response on its way to the client.
#include <algorithm>
#include <cstring>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/media_type.hpp>

#include "hop_headers.hpp"
#include "own_links.hpp"
#include "proxy_exchange.hpp"
#include "timings.hpp"

namespace gatehouse::detail::proxy {
namespace {

bool is_event_stream(const fields& f) noexcept {
  return is_media_type(f.get(field::content_type).value_or(std::string_view{}), "text/event-stream");
}

/// What the client is told about the content that follows.
body_framing client_framing(const received_response& r, method verb) noexcept {
  if (verb == method::head && !forbids_content(r.status)) {
    // The length that a GET would have had (RFC 9110 section 9.3.2); the parser has judged it.
    const auto length = ascii::parse_decimal(r.fields.get(field::content_length).value_or(std::string_view{}));
    return length ? body_framing{.how = body_framing::kind::length, .length = *length} : body_framing{};
  }
  // Only the length of a chunked response tells a client that it was cut off; the end of a connection never does.
  if (r.framing.how == body_framing::kind::until_close) return {.how = body_framing::kind::chunked};
  return r.framing;
}

}  // namespace

std::span<char> proxy_exchange::receive_space() noexcept {
  if (!in_) in_ = pooled_block::take();
  return {in_.data() + have_, in_.size() - have_};
}

void proxy_exchange::on_received(std::size_t n) noexcept {
  have_ += n;
  if (phase_ == phase::head) return read_head();
  const std::string_view received{in_.data(), have_};
  if (phase_ == phase::tunnel) return tunnel_to_client(received);
  take_content(received);
}

void proxy_exchange::read_head() noexcept {
  while (true) {
    received_response& r = home_.response();
    const parse_progress p = parser_.parse({in_.data(), have_}, call_->head().verb, r);
    if (p.what == parse_progress::kind::need_more) return wait_for_more_head();
    if (p.what == parse_progress::kind::refused) return broken(reason::upstream_invalid_response);
    if (r.upgraded) return answer_upgrade(r, p.head_size);
    if (!is_informational(r.status)) return answer(r, p.head_size);
    // CHOICE: RFC 9110 section 15.2 lets a proxy drop what it asked for itself (100) and wants the rest forwarded
    // "unless" it is told not to; 103 is a hint that not every client survives, so it is dropped, too.
    if (++informational_ > max_informational_responses) return broken(reason::upstream_invalid_response);
    have_ -= p.head_size;
    std::memmove(in_.data(), in_.data() + p.head_size, have_);
    parser_.reset();
  }
}

void proxy_exchange::wait_for_more_head() noexcept {
  if (have_ == 0) in_.release();
  if (in_ && have_ == in_.size()) {
    if (in_.size() == pooled_block::large) return broken(reason::upstream_invalid_response);
    pooled_block larger = pooled_block::take(pooled_block::large);
    std::memcpy(larger.data(), in_.data(), have_);
    in_ = std::move(larger);
  }
  connection_->stream().receive();
}

void proxy_exchange::answer(const received_response& r, std::size_t head_size) noexcept {
  response_head& head = call_->response();
  head.clear();
  head.status(r.status);
  if (!forward_response_fields(r.fields, head)) return broken(reason::upstream_invalid_response);
  for (const upstream& u : settings_->all) rewrite_own_links(head, u.url, call_->context().memory);
  clear();
  judge(true);
  answered_ = r.status;
  reusable_ = r.keep_alive;
  upstream_keeps_ = r.keep_alive_timeout;
  endless_ = is_event_stream(r.fields);
  content_.begin(r.framing, settings_->options.limits);
  note_product(r.fields);
  note_page(r.fields);
  // RFC 9112 section 9.5: an error while the request is still being sent means that the rest is not wanted. After a
  // success both go on: some services answer while they read.
  constexpr unsigned redirect = 300;
  if (!request_done_ && number(r.status) >= redirect) {
    stopped_sending_ = true;
    outgoing_.clear();
  }

  phase_ = phase::content;
  const bool forwarded = call_->send_head(client_framing(r, call_->head().verb), response_source::upstream);
  // They were views into the block, which goes back.
  if (!call_->holds()) call_->response().remove_if([](const field_line&) { return true; });
  if (!forwarded) begin_diagnosis();
  take_content(std::string_view{in_.data(), have_}.substr(head_size));
}

void proxy_exchange::note_product(const fields& f) noexcept {
  upstream_events* const events = settings_->options.events;
  if (events == nullptr || settings_->told_powered_by.load(std::memory_order_relaxed)) return;
  const auto product = f.get(field::x_powered_by);
  if (product && !settings_->told_powered_by.exchange(true)) events->on_powered_by(*product);
}

/// Somebody looks at a page through the policy of an API: they see a blank one (first_day.md).
void proxy_exchange::note_page(const fields& f) noexcept {
  constexpr std::string_view html = "text/html";
  upstream_events* const events = settings_->options.events;
  if (events == nullptr || settings_->told_page.load(std::memory_order_relaxed)) return;
  const exchange& e = call_->context();
  if (e.request.fields.get(field::sec_fetch_mode) != "navigate") return;
  if (e.rules->serves_pages() || f.has(field::content_security_policy)) return;
  const std::string_view type = f.get(field::content_type).value_or("");
  if (!ascii::equal_ignoring_case(type.substr(0, html.size()), html)) return;
  if (!settings_->told_page.exchange(true)) events->on_page(e);
}

void proxy_exchange::note_untyped() noexcept {
  upstream_events* const events = settings_->options.events;
  if (events == nullptr || !call_->context().was_untyped) return;
  if (route_->told_untyped.load(std::memory_order_relaxed) || route_->told_untyped.exchange(true)) return;
  events->on_untyped(call_->context());
}

/// At most one block of it is delivered beyond what the client can take: the next receive waits for on_drained().
void proxy_exchange::take_content(std::string_view input) noexcept {
  while (true) {
    const response_content::piece p = content_.next(input);
    input.remove_prefix(p.consumed);
    if (!p.content.empty()) deliver(p.content);
    if (p.what == response_content::piece::kind::done) return response_complete(input.empty());
    if (p.what == response_content::piece::kind::refused) return broken(reason::upstream_invalid_response);
    if (input.empty()) break;
  }
  have_ = 0;
  in_.release();
  go_on_receiving();
}

void proxy_exchange::deliver(std::string_view content) noexcept {
  if (phase_ == phase::content) {
    if (!call_->write(content)) paused_ = true;
    return look_for_replacement();
  }
  keep_for_log(content);
}

/// What was held for the rules may have been replaced by now.
void proxy_exchange::look_for_replacement() noexcept {
  const auto original = call_->replaced_content();
  if (!original) return;
  begin_diagnosis();
  keep_for_log(*original);
}

void proxy_exchange::keep_for_log(std::string_view content) noexcept {
  const std::size_t room = diagnosis_.size() - std::min(diagnosis_.size(), dropped_);
  const std::string_view kept = content.substr(0, room);
  if (!kept.empty()) std::memcpy(diagnosis_.data() + dropped_, kept.data(), kept.size());
  dropped_ += content.size();
}

void proxy_exchange::go_on_receiving() noexcept {
  if (phase_ == phase::diagnosis) {
    if (dropped_ >= max_diagnosis_bytes) return finish_diagnosis(false);
    return connection_->stream().receive();
  }
  if (!call_->flush()) paused_ = true;  // an event must not wait for the next one
  if (paused_) return clear();
  connection_->stream().receive();
  if (request_done_ && !endless_) expire_in(settings_->options.response_idle_timeout);
}

void proxy_exchange::on_drained() noexcept {
  if (!std::exchange(paused_, false)) return;
  connection_->stream().receive();
  if (phase_ == phase::content && request_done_ && !endless_) expire_in(settings_->options.response_idle_timeout);
}

void proxy_exchange::response_complete(bool nothing_behind) noexcept {
  // What follows a whole response was never asked for; a connection that is not in step is not used again.
  const bool keep = reusable_ && request_done_ && nothing_behind && !send_lost_;
  content_whole(keep);
}

void proxy_exchange::content_whole(bool keep_connection) noexcept {
  if (phase_ == phase::content) {
    call_->content_ends();
    look_for_replacement();
  }
  if (phase_ == phase::diagnosis) return finish_diagnosis(keep_connection);
  finish(keep_connection);
}

}  // namespace gatehouse::detail::proxy
