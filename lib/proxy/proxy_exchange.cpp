#include "proxy_exchange.hpp"

#include <cerrno>
#include <utility>

#include <gatehouse/base/internal_limits.hpp>

#include "reach.hpp"
#include "timings.hpp"

namespace gatehouse::detail::proxy {
namespace {

constexpr limits default_limits{};

reason reason_of(const connect_result& r) noexcept {
  switch (r.tls) {
    case tls_trouble::none: break;
    case tls_trouble::untrusted: return reason::upstream_tls_untrusted;
    case tls_trouble::wrong_name: return reason::upstream_tls_name;
    case tls_trouble::expired: return reason::upstream_tls_expired;
    case tls_trouble::handshake: return reason::upstream_tls_handshake;
    case tls_trouble::timed_out: return reason::upstream_connect_timeout;
  }
  if (r.name_not_found) return reason::upstream_name_not_found;
  return r.error_number == ETIMEDOUT ? reason::upstream_connect_timeout : reason::upstream_unreachable;
}

/// Nothing that the upstream could help: no descriptors, ports or memory here.
bool is_our_own_trouble(const connect_result& r) noexcept {
  const int e = r.error_number;
  return e == EMFILE || e == ENFILE || e == ENOBUFS || e == ENOMEM || e == EADDRNOTAVAIL;
}

}  // namespace

proxy_exchange::proxy_exchange(loop_state& home) noexcept : home_(home), parser_(default_limits) {}

void proxy_exchange::begin(call& c, const forwarding& f) noexcept {
  call_ = &c;
  route_ = &f;
  settings_ = f.to.get();
  why_not_ = reason::upstream_unavailable;
  c.events(*this);
  choose_upstream();
}

void proxy_exchange::choose_upstream() noexcept {
  do {
    const choice next = home_.choose(*settings_, tried_);
    if (next.to == nullptr) return fail(why_not_);
    upstream_ = next.to;
    pool_ = next.pool;
    tally_ = next.tally;
    probing_ = next.probe;
    tried_ |= std::uint64_t{1} << next.index;
  } while (!take_connection());
  if (tally_ != nullptr) tally_->requests.add();
  if (connection_ != nullptr) return send_request();
  connect();
}

/// An idle one, or a place for a new one; false: as many as allowed are in use.
bool proxy_exchange::take_connection() noexcept {
  // After a failure never another idle one, which may be as old.
  const bool idle_may_do = connects_failed_ == 0 && !retried_here_ && !retried_elsewhere_;
  connection_ = idle_may_do ? pool_->take(*this) : nullptr;
  // CHOICE: refused at once, not queued: a queue in front of a service that is too slow only makes every answer late.
  if (connection_ != nullptr || pool_->reserve(settings_->options.connections)) return true;
  let_go_of_probe();
  why_not_ = reason::upstream_overloaded;
  return false;
}

void proxy_exchange::connect() noexcept {
  phase_ = phase::connecting;
  connecting_ = reach(home_.on(), *upstream_, pool_->sessions(), settings_->options.connect_timeout, *this);
}

void proxy_exchange::on_connect(connect_result r) noexcept {
  if (r.connection == nullptr) return not_connected(r);
  connecting_.reset();
  connection_ = &pool_->add(std::move(r.connection), r.address, *this);
  send_request();
}

/// Nothing was sent, so whatever the method, another upstream may have the request.
void proxy_exchange::not_connected(const connect_result& r) noexcept {
  connecting_.reset();
  pool_->give_up();
  const proxy_options& o = settings_->options;
  if (o.events != nullptr) {
    const int error_number = r.name_not_found ? 0 : r.error_number;
    const std::string text = r.tls == tls_trouble::none
                                 ? describe_unreachable(upstream_->url, error_number, o.in_container)
                                 : describe_insecure(upstream_->url, r.text);
    o.events->on_unreachable(call_->context(), upstream_->address, error_number, text);
  }
  why_not_ = reason_of(r);
  if (is_our_own_trouble(r)) return fail(why_not_);
  judge(false);
  if (++connects_failed_ == max_connect_attempts) return fail(why_not_);
  choose_upstream();
}

/// Tells the upstream's health what became of the request.
void proxy_exchange::judge(bool well) noexcept {
  const steady_time now = home_.on().now();
  const bool was_probe = std::exchange(probing_, false);
  upstream_health& health = *upstream_->health;
  const bool changed = well ? health.answered(was_probe, now)
                            : health.failed(was_probe, now, settings_->options.passive_health);
  if (changed) report_health(*settings_, *upstream_, well);
  if (!well) count_failure();
}

void proxy_exchange::count_failure() noexcept {
  if (tally_ != nullptr) tally_->failures.add();
}

void proxy_exchange::let_go_of_probe() noexcept {
  if (std::exchange(probing_, false)) upstream_->health->abandoned();
}

// RFC 9110 section 9.2.2: a client "MUST NOT automatically retry a request with a non-idempotent method unless" it
// knows that the request was not applied. Two accidents are repaired, each once, and only while not a byte came back.
// The usual one: the upstream closed an idle connection while a request was on its way there. Then the request either
// can be repeated whole, or never left this machine.
bool proxy_exchange::may_retry_here() const noexcept {
  if (retried_here_ || !connection_->reused() || have_ != 0 || informational_ != 0) return false;
  const request_head& request = call_->head();
  return !outgoing_.sent_any() || (is_idempotent(request.verb) && !request.framing.has_content());
}

// The other: an upstream ended under a request, and there are others.
bool proxy_exchange::may_retry_elsewhere() const noexcept {
  if (retried_elsewhere_ || settings_->all.size() == 1 || have_ != 0 || informational_ != 0) return false;
  const request_head& request = call_->head();
  return is_idempotent(request.verb) && !request.framing.has_content() && !request.upgrade_websocket;
}

/// After the connection was lost without an answer, as `why` says. False: this must not be repeated.
bool proxy_exchange::retry(reason why) noexcept {
  if (may_retry_here()) {
    take_back_request();
    retried_here_ = true;
    if (pool_->reserve(settings_->options.connections)) {
      connect();
    } else {
      fail(reason::upstream_overloaded);
    }
    return true;
  }
  if (!may_retry_elsewhere()) return false;
  take_back_request();
  retried_elsewhere_ = true;
  why_not_ = why;
  judge(false);
  choose_upstream();
  return true;
}

void proxy_exchange::take_back_request() noexcept {
  let_go_of_connection(false);
  outgoing_.reset();
  out_.release();
  stopped_sending_ = send_lost_ = request_done_ = false;
  clear();
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
  if (tunnel_rest_.capacity() > max_kept_tunnel_rest) tunnel_rest_ = std::string{};
  informational_ = 0;
  phase_ = phase::idle;
  let_go_of_probe();
  tried_ = 0;
  connects_failed_ = 0;
  retried_here_ = retried_elsewhere_ = false;
  more_content_ = request_done_ = stopped_sending_ = send_lost_ = false;
  reusable_ = endless_ = paused_ = client_ended_ = false;
  call& served = *std::exchange(call_, nullptr);
  home_.give_back(*this);
  return served;
}

void proxy_exchange::finish(bool keep_connection) noexcept {
  note_untyped();
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
    events->on_broken_response(call_->context(), upstream_->address, why);
  }
  if (phase_ == phase::head) {
    judge(false);
  } else {
    count_failure();
  }
  fail(why);  // where the head is out already, this cuts the response off
}

/// `cleanly`: it finished sending; otherwise the connection was lost.
void proxy_exchange::upstream_gone(bool cleanly) noexcept {
  switch (phase_) {
    case phase::head:
      if (!retry(reason::upstream_closed_early)) broken(reason::upstream_closed_early);
      return;
    case phase::content:
      // After a lost send the end that is read may be the kernel's way to say the same again.
      if (cleanly && !send_lost_ && content_.ends_with_connection()) return content_whole(false);
      return broken(reason::upstream_closed_early);
    case phase::diagnosis: return finish_diagnosis(false);
    case phase::tunnel: return cleanly ? finish(false) : fail(reason::upstream_closed_early);
    case phase::idle:
    case phase::connecting: break;
  }
}

void proxy_exchange::on_end() noexcept { upstream_gone(true); }

void proxy_exchange::on_failure(int error_number) noexcept {
  const std::string_view said = connection_->stream().trouble();
  if (phase_ != phase::head || connection_->reused() || have_ != 0 || informational_ != 0 || said.empty()) {
    return upstream_gone(false);
  }
  // In TLS 1.3 a server that does not believe our certificate, or misses it, says so only behind the handshake: the
  // request may be there already.
  if (upstream_events* const events = settings_->options.events) {
    const std::string text = describe_insecure(upstream_->url, said);
    events->on_unreachable(call_->context(), upstream_->address, error_number, text);
  }
  if (!retry(reason::upstream_tls_handshake)) broken(reason::upstream_tls_handshake);
}

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
