#include "proxy_exchange.hpp"

#include <cerrno>
#include <utility>

namespace gatehouse::detail::proxy {
namespace {

constexpr limits default_limits{};
constexpr std::size_t tunnel_rest_kept = 4 * 1024;  // capacity that an idle object may keep

reason reason_of(const connect_result& r) noexcept {
  if (r.name_not_found) return reason::upstream_name_not_found;
  return r.error_number == ETIMEDOUT ? reason::upstream_connect_timeout : reason::upstream_unreachable;
}

}  // namespace

proxy_exchange::proxy_exchange(loop_state& home) noexcept : home_(home), parser_(default_limits) {}

void proxy_exchange::begin(call& c, const settings& s) noexcept {
  call_ = &c;
  settings_ = &s;
  pool_ = &home_.pool_of(s);
  c.events(*this);
  connection_ = pool_->take(*this);
  if (connection_ != nullptr) return send_request();
  connect();
}

void proxy_exchange::connect() noexcept {
  // CHOICE: refused at once, not queued: a queue in front of a service that is too slow only makes every answer late.
  if (!pool_->reserve(settings_->options.connections)) return fail(reason::upstream_overloaded);
  phase_ = phase::connecting;
  connecting_ = home_.on().connect(settings_->url.host, settings_->url.port, settings_->options.connect_timeout, *this);
}

void proxy_exchange::on_connect(connect_result r) noexcept {
  if (r.connection == nullptr) return not_connected(r);
  connecting_.reset();
  connection_ = &pool_->add(std::move(r.connection), *this);
  send_request();
}

void proxy_exchange::not_connected(const connect_result& r) noexcept {
  connecting_.reset();
  pool_->give_up();
  if (upstream_events* const events = settings_->options.events) {
    const int error_number = r.name_not_found ? 0 : r.error_number;
    const std::string text = describe_unreachable(settings_->url, error_number, settings_->options.in_container);
    events->on_unreachable(call_->context(), settings_->address, error_number, text);
  }
  fail(reason_of(r));
}

// RFC 9110 section 9.2.2: a client "MUST NOT automatically retry a request with a non-idempotent method unless" it
// knows that the request was not applied. Only the usual accident is repaired: the upstream closed an idle connection
// while a request was on its way there. Then not a byte came back; and the request either can be repeated whole, or
// never left this machine.
bool proxy_exchange::may_retry() const noexcept {
  if (retried_ || !connection_->reused() || have_ != 0 || informational_ != 0) return false;
  const request_head& request = call_->head();
  return !outgoing_.sent_any() || (is_idempotent(request.verb) && !request.framing.has_content());
}

void proxy_exchange::retry_on_new_connection() noexcept {
  let_go_of_connection(false);
  retried_ = true;
  outgoing_.reset();
  out_.release();
  stopped_sending_ = send_lost_ = request_done_ = false;
  clear();
  connect();  // never another idle one, which may be as old
}

void proxy_exchange::let_go_of_connection(bool keep) noexcept {
  if (connection_ == nullptr) return;
  upstream_connection& c = *std::exchange(connection_, nullptr);
  if (!keep) return pool_->drop(c);
  const proxy_options& o = settings_->options;
  pool_->put_back(
      c, {.at_most = o.keep_alive_timeout, .upstream_says = upstream_keeps_, .idle_at_most = o.idle_connections});
}

/// Makes the object ready for another request and returns the call it served.
call& proxy_exchange::release() noexcept {
  clear();
  outgoing_.reset();
  out_.release();
  in_.release();
  have_ = dropped_ = 0;
  diagnosis_ = {};
  upstream_keeps_.reset();
  if (tunnel_rest_.capacity() > tunnel_rest_kept) tunnel_rest_ = std::string{};
  informational_ = 0;
  phase_ = phase::idle;
  more_content_ = request_done_ = stopped_sending_ = send_lost_ = retried_ = false;
  reusable_ = endless_ = paused_ = client_ended_ = false;
  call& served = *std::exchange(call_, nullptr);
  home_.give_back(*this);
  return served;
}

void proxy_exchange::finish(bool keep_connection) noexcept {
  // The connection first: the call's end may begin the client's next request, which then finds it.
  let_go_of_connection(keep_connection);
  release().finish();
}

void proxy_exchange::fail(reason why) noexcept {
  let_go_of_connection(false);
  release().fail(why);
}

void proxy_exchange::broken(reason why) noexcept {
  if (phase_ == phase::diagnosis) return finish_diagnosis(false);
  if (upstream_events* const events = settings_->options.events) {
    events->on_broken_response(call_->context(), settings_->address, why);
  }
  fail(why);  // where the head is out already, this cuts the response off
}

/// `cleanly`: it finished sending; otherwise the connection was lost.
void proxy_exchange::upstream_gone(bool cleanly) noexcept {
  switch (phase_) {
    case phase::head: return may_retry() ? retry_on_new_connection() : broken(reason::upstream_closed_early);
    case phase::content:
      // After a lost send the end that is read may be the kernel's way to say the same again.
      if (cleanly && !send_lost_ && content_.ends_with_connection()) return finish(false);
      return broken(reason::upstream_closed_early);
    case phase::diagnosis: return finish_diagnosis(false);
    case phase::tunnel: return cleanly ? finish(false) : fail(reason::upstream_closed_early);
    case phase::idle:
    case phase::connecting: break;
  }
}

void proxy_exchange::on_end() noexcept { upstream_gone(true); }
void proxy_exchange::on_failure(int) noexcept { upstream_gone(false); }

void proxy_exchange::on_abort(reason) noexcept {
  if (connecting_ != nullptr) {
    connecting_.reset();
    pool_->give_up();
  }
  finish(false);
}

void proxy_exchange::expire_in(milliseconds time) noexcept { home_.on().timers().set(*this, home_.on().now() + time); }

void proxy_exchange::expired() noexcept {
  switch (phase_) {
    case phase::head:
    case phase::content: return broken(send_lost_ ? reason::upstream_closed_early : reason::upstream_timeout);
    case phase::diagnosis: return finish_diagnosis(false);
    case phase::tunnel: return finish(false);
    case phase::idle:
    case phase::connecting: break;
  }
}

}  // namespace gatehouse::detail::proxy
