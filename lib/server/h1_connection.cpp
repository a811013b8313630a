#include "h1_connection.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <gatehouse/base/assert.hpp>

namespace gatehouse::detail::server {

h1_connection::h1_connection(worker& w, stream_ptr s, const connection_info& info) noexcept
    : worker_(&w),
      stream_(std::move(s)),
      info_(info),
      parser_(w.bounds()),
      decoder_(w.bounds()),
      opened_(w.loop().now()) {
  stream_->owner(*this);
}

h1_connection::~h1_connection() = default;

void h1_connection::start() noexcept {
  // From accept, not from the first byte: a connection that never says anything is not worth more than a slow one.
  expect(worker_->bounds().head_timeout);
  receive();
}

void h1_connection::start_refused(reason why) noexcept {
  processing_ = true;
  begin_refused(why);
  processing_ = false;
  // No lingering: who is over a cap has nothing in flight worth waiting for.
  (void)conclude();
  if (phase_ == phase::flushing || phase_ == phase::lingering) push();
  close();
}

void h1_connection::shut_down() noexcept {
  // A request that is on its way in is answered (with Connection: close): closing over it would reset the connection.
  if (phase_ == phase::idle) return stream_->has_unread() ? void() : close();
  if (phase_ == phase::tunnel && exchange_ != nullptr) lost(reason::server_shutting_down);
}

void h1_connection::run_again() noexcept { process(); }

connection_summary h1_connection::summary() const noexcept {
  static constexpr std::array<std::string_view, 8> states{"idle",   "head",     "exchange",  "draining",
                                                          "tunnel", "flushing", "lingering", "closed"};
  return {.peer = info_.peer,
          .peer_port = info_.peer_port,
          .unix_socket = info_.unix_socket,
          .state = states[static_cast<std::size_t>(phase_)],
          .age = std::chrono::duration_cast<milliseconds>(now() - opened_),
          .requests = requests_,
          .bytes_in = bytes_in_,
          .bytes_out = out_.total()};
}

// ------------------------------------------------------------------------------------------------ what the stream
// tells

std::span<char> h1_connection::receive_space() noexcept {
  if (!in_) {
    in_ = pooled_block::take(worker_->receive_block());
    begin_ = end_ = content_start_ = 0;
  }
  return {in_.data() + end_, capacity() - end_};
}

void h1_connection::on_received(std::size_t n) noexcept {
  end_ += n;
  bytes_in_ += n;
  if (phase_ == phase::lingering) {
    drained_ += n;
    begin_ = end_ = 0;
    if (drained_ > worker_->bounds().linger_bytes) return close();
    return stream_->receive();
  }
  process();
}

void h1_connection::on_end() noexcept {
  end_of_input_ = true;
  switch (phase_) {
    case phase::exchange:
      // CHOICE: like most servers and unlike some, a FIN while a streaming handler works means that the client left
      // (RFC 9112 section 9.6 allows both): nobody else would notice a silent event stream whose reader is gone.
      if (!content_whole_ || exchange_->call.streams()) return lost(reason::http_client_closed);
      keep_alive_ = false;
      return;
    case phase::tunnel: return process();
    case phase::flushing: return;
    default: return close();
  }
}

void h1_connection::on_writable() noexcept {
  push();
  if (phase_ == phase::closed || failed_ || !out_.empty()) return;
  if (told_to_wait_ && exchange_ != nullptr) {
    told_to_wait_ = false;
    processing_ = true;
    exchange_->call.drained();
    processing_ = false;
  }
  process();
}

void h1_connection::on_failure(int) noexcept { lost(reason::http_client_closed); }

// ------------------------------------------------------------------------------------------------ progress

// Everything that is ready is done here, one step after another, never recursively: what a call asks for while it runs
// only sets flags that the next step sees. What was rendered leaves at the end, in one piece.
void h1_connection::process() noexcept {
  if (processing_ || phase_ == phase::closed) return;
  processing_ = true;
  while (phase_ != phase::closed && progress()) {
  }
  if (phase_ != phase::closed) push();
  processing_ = false;
  if (failed_) return lost(reason::http_client_closed);
  if (phase_ != phase::closed && stream_ != nullptr) wait();
}

bool h1_connection::progress() noexcept {
  switch (phase_) {
    case phase::idle:
    case phase::head: return has_input() && progress_head();
    case phase::exchange: return done_ ? conclude() : wants_ && progress_content();
    case phase::tunnel: return done_ ? conclude() : wants_ && progress_tunnel();
    case phase::draining: return progress_drain();
    case phase::flushing:
    case phase::lingering:
    case phase::closed: return false;
  }
  return false;
}

bool h1_connection::progress_head() noexcept {
  request_head& head = worker_->spare().call.context().request;
  const parse_progress p = parser_.parse({in_.data() + begin_, end_ - begin_}, head);
  switch (p.what) {
    case parse_progress::kind::need_more:
      if (phase_ == phase::idle) {
        phase_ = phase::head;
        // The first head of a connection has had its deadline since accept.
        if (requests_ != 0) expect(worker_->bounds().head_timeout);
      }
      if (end_ == capacity()) make_room();
      return false;
    case parse_progress::kind::refused: begin_refused(p.why); return true;
    case parse_progress::kind::complete: begin_exchange(p); return true;
  }
  return false;
}

void h1_connection::take_exchange() noexcept {
  // OPTIMIZATION: the deadline of what was waited for stays, and read_expired passes over it: the next wait pushes it
  // back without touching the lists it stands in.
  parser_.reset();
  ++requests_;
  phase_ = phase::exchange;
  done_ = cut_ = wants_ = responded_ = chunked_out_ = is_head_ = told_to_wait_ = expects_continue_ = false;
  content_received_ = 0;
  waited_ = milliseconds{0};
  exchange_ = worker_->take_spare();
  exchange& e = exchange_->call.context();
  e.connection = info_;
  e.client = info_.peer;
  e.client_secure = info_.secure;
  e.random = &worker_->random();
  e.began = worker_->loop().now();
  e.began_at = worker_->loop().system_now();
}

void h1_connection::begin_exchange(const parse_progress& p) noexcept {
  take_exchange();
  const request_head& head = exchange_->call.head();
  const limits& bounds = worker_->bounds();
  begin_ += p.head_size;
  content_start_ = begin_;
  framing_ = head.framing.how;
  content_left_ = head.framing.length;
  content_whole_ = !head.framing.has_content();
  if (framing_ == body_framing::kind::chunked) decoder_.reset();
  version_ = head.version;
  is_head_ = head.verb == method::head;
  expects_continue_ = head.expects_continue && !content_whole_;
  keep_alive_ = head.keep_alive && requests_ < bounds.requests_per_connection &&
                now() - opened_ < bounds.connection_age;
  exchange_->call.begin(*this, exchange_->began_with->around);
}

void h1_connection::begin_refused(reason why) noexcept {
  take_exchange();
  begin_ = end_;
  content_whole_ = false;  // what follows is not understood: never looked at again
  keep_alive_ = false;
  version_ = http_version::http_1_1;
  is_head_ = exchange_->call.head().verb == method::head;
  exchange_->call.begin_refused(*this, exchange_->began_with->around, why);
}

// The call has ended.
bool h1_connection::conclude() noexcept {
  worker_->give_back(std::move(exchange_));
  if (cut_ || stream_ == nullptr) {
    if (stream_ != nullptr) stream_->abort();
    close();
    return false;
  }
  if (!keep_alive_ || upgraded_) {
    phase_ = phase::flushing;
    return false;
  }
  if (content_whole_) {
    next_request();
  } else {
    phase_ = phase::draining;
    drained_ = 0;
    expect(worker_->bounds().body_idle_timeout);  // for all of it: nobody waits for it but us
  }
  return true;
}

void h1_connection::next_request() noexcept {
  phase_ = phase::idle;
  if (begin_ == end_) {
    begin_ = end_ = 0;
  } else if (begin_ > capacity() / 2) {
    std::memmove(in_.data(), in_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  content_start_ = begin_;
}

bool h1_connection::progress_content() noexcept {
  content_piece piece{.last = true};
  if (!content_whole_) {
    piece = take_content();
    if (piece.refused == reason::none) piece.refused = judge_announced(piece);
    if (piece.refused != reason::none) {
      content_refused(piece.refused);
      return true;
    }
    if (piece.bytes.empty() && !piece.last) return false;
  }
  wants_ = expects_continue_ = false;
  read_deadline_.clear();
  exchange_->call.content_arrived(piece.bytes, piece.last);
  return true;
}

// A chunk that is too large by its size line is refused there and then, not when its bytes have come (RFC 9110 section
// 15.5.14). A declared length was judged by the rules and the call.
reason h1_connection::judge_announced(const content_piece& piece) const noexcept {
  if (framing_ != body_framing::kind::chunked) return reason::none;
  return exchange_->call.judge_content(piece.bytes.size() + decoder_.announced());
}

void h1_connection::content_refused(reason why) noexcept {
  keep_alive_ = false;
  wants_ = false;
  exchange_->call.content_failed(why);
}

bool h1_connection::progress_drain() noexcept {
  const std::size_t before = begin_;
  const content_piece piece = take_content();
  drained_ += begin_ - before;  // chunk heads count, too: a body of tiny chunks is mostly those
  if (piece.refused != reason::none || drained_ > max_drained_bytes) {
    phase_ = phase::flushing;
    return false;
  }
  if (!piece.last) {
    make_room();
    return false;
  }
  next_request();
  return true;
}

bool h1_connection::progress_tunnel() noexcept {
  const std::string_view bytes{in_.data() + begin_, end_ - begin_};
  if (bytes.empty() && !end_of_input_) return false;
  wants_ = false;
  begin_ = end_;
  exchange_->call.tunnel_bytes(bytes);
  return true;
}

// ------------------------------------------------------------------------------------------------ waiting

void h1_connection::wait() noexcept {
  const limits& bounds = worker_->bounds();
  switch (phase_) {
    case phase::idle:
      if ((worker_->stopping() || retired_) && out_.empty()) return close();
      in_.release();
      out_.rest();
      expect(bounds.idle_timeout);
      return receive();
    case phase::head: return receive();
    case phase::exchange:
      if (wants_) {
        ask_to_go_on();
        push();
        wait_began_ = now();
        expect(bounds.body_idle_timeout);
      }
      return receive();
    case phase::draining: return receive();
    case phase::tunnel:
      if (wants_) receive();
      return;
    case phase::flushing:
      if (out_.empty()) begin_linger();
      return;
    case phase::lingering:
    case phase::closed: return;
  }
}

// Also while a call runs and wants nothing: that is how a client that leaves is noticed. Bytes of the next request wait
// in the buffer, as far as there is room.
void h1_connection::receive() noexcept {
  if (stream_ == nullptr || end_of_input_ || (in_ && end_ == capacity())) return;
  stream_->receive();
}

void h1_connection::expect(milliseconds within) noexcept {
  worker_->loop().timers().set(read_deadline_, now() + within);
}

void h1_connection::begin_linger() noexcept {
  if (end_of_input_) return close();
  phase_ = phase::lingering;
  drained_ = 0;
  begin_ = end_ = 0;
  out_.clear();
  stream_->finish_sending();
  expect(worker_->bounds().linger_timeout);
  stream_->receive();
}

void h1_connection::read_expired() noexcept {
  switch (phase_) {
    case phase::head:
      processing_ = true;
      begin_refused(reason::limit_head_timeout);
      processing_ = false;
      return process();
    case phase::exchange:
      if (!wants_) return;  // nobody waits for the client
      processing_ = true;
      content_refused(reason::limit_body_timeout);
      processing_ = false;
      return process();
    case phase::idle:
    case phase::draining:
    case phase::lingering: return close();
    case phase::tunnel:
    case phase::flushing:  // write_deadline_ is over it
    case phase::closed: return;
  }
}

void h1_connection::write_expired() noexcept {
  stream_->abort();
  lost(reason::limit_write_stalled);
}

// The client can not be answered any more.
void h1_connection::lost(reason why) noexcept {
  if (phase_ == phase::closed) return;
  failed_ = false;
  if (exchange_ == nullptr) return close();
  stream_.reset();
  read_deadline_.clear();
  write_deadline_.clear();
  out_.clear();
  wants_ = false;
  if (done_) return process();
  // Stays until the handler is done with the call: end() closes.
  const bool nested = processing_;
  processing_ = true;
  exchange_->call.client_gone(why);
  processing_ = nested;
  process();
}

void h1_connection::close() noexcept {
  if (phase_ == phase::closed) return;
  phase_ = phase::closed;
  GATEHOUSE_ASSERT(exchange_ == nullptr);
  read_deadline_.clear();
  write_deadline_.clear();
  stream_.reset();
  in_.release();
  out_.clear();
  worker_->bury(*this);
}

}  // namespace gatehouse::detail::server
