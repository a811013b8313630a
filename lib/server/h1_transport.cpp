// What an HTTP/1 connection does for the call that runs on it.
#include <array>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/base/internal_limits.hpp>
#include <gatehouse/wire/serializer.hpp>

#include "h1_connection.hpp"

namespace gatehouse::detail::server {
namespace {

constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

void h1_connection::want_content() noexcept {
  wants_ = true;
  make_room();
  if (processing_) return;
  // Never delivered from inside this: the caller is in the middle of something.
  if (content_whole_ || has_input()) return worker_->defer(*this);
  if (stream_ != nullptr) {
    ask_to_go_on();
    push();
    wait();
  }
}

// RFC 9110 section 10.1.1: only when the content is really wanted, and only if the client still waits with it.
void h1_connection::ask_to_go_on() noexcept {
  if (!expects_continue_ || responded_ || content_whole_ || has_input()) return;
  expects_continue_ = false;
  out_.add(go_on);
}

void h1_connection::send_head(const response_head& head, const body_framing& framing) noexcept {
  upgraded_ = head.status() == status::switching_protocols;
  if (end_of_input_ || worker_->stopping() || retired_) keep_alive_ = false;
  if (!content_whole_) {
    // What the client still sends must be read before its next request can be: only if that is little, and never if it
    // waits to be told whether to send at all.
    const bool little = framing_ == body_framing::kind::chunked || content_left_ <= max_drained_bytes;
    const bool unwanted = head.status() == status::content_too_large;
    if (!little || unwanted || expects_continue_) keep_alive_ = false;
  }
  response_shape shape{.framing = framing, .upgrade_websocket = upgraded_, .version = version_};
  if (framing.how == body_framing::kind::chunked && version_ == http_version::http_1_0) {
    // RFC 9112 section 6.1: a 1.0 client does not know chunked; its end is the end of the connection.
    shape.framing = {.how = body_framing::kind::until_close};
    keep_alive_ = false;
  }
  chunked_out_ = shape.framing.how == body_framing::kind::chunked;
  shape.close = !keep_alive_ && !upgraded_;
  if (!upgraded_) shape.date = worker_->date();

  std::size_t written = write_response_head(out_.room(usual_response_head), head, shape);
  if (written == 0) written = write_response_head(out_.room(pooled_block::large), head, shape);
  responded_ = true;
  if (written == 0) {
    // Larger than any head may be: nothing of it is sent, and nothing may follow.
    cut_ = true;
    return;
  }
  out_.used(written);
}

bool h1_connection::send_content(std::string_view piece) noexcept {
  if (stream_ == nullptr || cut_ || piece.empty()) return true;
  std::array<char, max_chunk_head> chunk;
  const std::string_view before{chunk.data(), chunked_out_ ? write_chunk_head(chunk.data(), piece.size()) : 0};
  const std::string_view after = chunked_out_ ? chunk_tail : std::string_view{};
  if (piece.size() <= output::copied_at_most && out_.size() < pooled_block::standard / 2) {
    out_.add(before);
    out_.add(piece);
    out_.add(after);
  } else {
    const std::array pieces{before, piece, after};
    const int failed = out_.send(*stream_, pieces);
    after_send(failed);
  }
  told_to_wait_ = waiting_to_send_;
  return !told_to_wait_;
}

// Sends only what send_content judged already.
bool h1_connection::flush() noexcept {
  if (!processing_) push();
  return true;
}

// Sends what is rendered, as far as it goes.
void h1_connection::push() noexcept {
  if (stream_ == nullptr || out_.empty()) return;
  after_send(out_.send(*stream_, {}));
  if (out_.empty() && phase_ == phase::flushing) begin_linger();
}

void h1_connection::after_send(int error_number) noexcept {
  if (error_number != 0) {
    // Noticed by the next step, not from inside a call that is sending.
    failed_ = true;
    if (!processing_) worker_->defer(*this);
    return;
  }
  waiting_to_send_ = !out_.empty();
  if (waiting_to_send_) {
    worker_->loop().timers().set(write_deadline_, now() + worker_->bounds().write_stall_timeout);
    stream_->want_writable();
  } else {
    write_deadline_.clear();
  }
}

void h1_connection::end(bool aborted) noexcept {
  done_ = true;
  wants_ = false;
  if (aborted) cut_ = true;
  if (!cut_ && chunked_out_ && !is_head_) out_.add(last_chunk);
  process();
}

void h1_connection::begin_tunnel() noexcept {
  phase_ = phase::tunnel;
  keep_alive_ = false;
  read_deadline_.clear();
}

void h1_connection::want_tunnel_bytes() noexcept {
  wants_ = true;
  if (begin_ == end_) begin_ = end_ = content_start_;  // behind the head, which the log still needs
  if (processing_) return;
  if (has_input() || end_of_input_) return worker_->defer(*this);
  receive();
}

// ------------------------------------------------------------------------------------------------ content

// Free room behind what is not used up yet. Pieces handed out before are not needed any more when this is called.
void h1_connection::make_room() noexcept {
  if (!in_ || begin_ == content_start_) return;
  if (begin_ == end_) {
    begin_ = end_ = content_start_;
    return;
  }
  if (capacity() - end_ >= capacity() / 4) return;
  std::memmove(in_.data() + content_start_, in_.data() + begin_, end_ - begin_);
  end_ -= begin_ - content_start_;
  begin_ = content_start_;
}

h1_connection::content_piece h1_connection::take_content() noexcept {
  content_piece piece;
  const std::size_t before = begin_;
  if (framing_ == body_framing::kind::chunked) {
    piece = take_chunks();
  } else {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(content_left_, end_ - begin_));
    piece.bytes = {in_.data() + begin_, n};
    begin_ += n;
    content_left_ -= n;
    piece.last = content_left_ == 0;
  }
  content_whole_ = piece.last;
  if (piece.refused == reason::none) piece.refused = judge_rate(begin_ - before);
  return piece;
}

// All chunks that are there, as one piece: their content is moved together, over the chunk heads between.
h1_connection::content_piece h1_connection::take_chunks() noexcept {
  content_piece all;
  char* gathered = nullptr;
  std::size_t size = 0;
  while (begin_ != end_ && !all.last) {
    const chunked_decoder::piece p = decoder_.next({in_.data() + begin_, end_ - begin_});
    begin_ += p.consumed;
    if (p.what == chunked_decoder::piece::kind::refused) {
      all.refused = p.why;
      return all;
    }
    if (!p.content.empty()) {
      const auto at = static_cast<std::size_t>(p.content.data() - in_.data());
      if (gathered == nullptr) gathered = in_.data() + at;
      std::memmove(gathered + size, in_.data() + at, p.content.size());
      size += p.content.size();
    }
    all.last = p.what == chunked_decoder::piece::kind::done;
  }
  if (gathered != nullptr) all.bytes = {gathered, size};
  return all;
}

// Only the time counts in which we wait for the client, not that of a slow handler.
reason h1_connection::judge_rate(std::size_t bytes) noexcept {
  const limits& bounds = worker_->bounds();
  content_received_ += bytes;
  if (wait_began_ == steady_time{}) return reason::none;
  waited_ += std::chrono::duration_cast<milliseconds>(now() - wait_began_);
  wait_began_ = {};
  if (waited_ <= bounds.body_rate_grace) return reason::none;
  const std::uint64_t least = bounds.body_min_bytes_per_second * static_cast<std::uint64_t>(waited_.count()) / 1000;
  return content_received_ < least ? reason::limit_body_too_slow : reason::none;
}

}  // namespace gatehouse::detail::server
