#include "test_call.hpp"

#include <gatehouse/http/date.hpp>
#include <gatehouse/wire/request_parser.hpp>
#include <gatehouse/wire/serializer.hpp>

namespace gatehouse::detail::server {
namespace {

constexpr milliseconds patience{30'000};
constexpr milliseconds patience_after_hang_up{5'000};

/// "HTTP/1.1 200 OK\r\nName: value\r\n...\r\n\r\n", as our serialiser writes it.
test_response parse_head(std::string_view head) {
  test_response r;
  const auto take_line = [&] {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    return line;
  };
  for (const char digit : take_line().substr(9, 3)) r.status = r.status * 10 + (digit - '0');
  for (std::string_view line = take_line(); !line.empty(); line = take_line()) {
    const std::size_t colon = line.find(": ");
    r.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return r;
}

test_response no_answer(std::string why) { return {.status = 0, .headers = {}, .body = std::move(why)}; }

}  // namespace

test_call::test_call(const dispatcher& routes, const limits& bounds) : bounds_(bounds) {
  around_.routes = &routes;
  around_.bounds = &bounds_;
}

loop* test_call::on_loop() noexcept {
  // One a thread, made before and so destroyed after what handlers keep for each thread and loop.
  thread_local const std::unique_ptr<loop> of_this_thread = loop::make();
  loop_ = of_this_thread.get();
  return loop_;
}

void test_call::begin() noexcept {
  exchange& e = call_.context();
  e.memory = arena{memory_};
  e.connection.peer = ip_address::v4({127, 0, 0, 1});
  e.connection.peer_port = 49152;
  e.connection.local_port = 80;
  e.connection.loopback_listener = true;
  e.client = e.connection.peer;
  e.random = &random_;
  e.began = clock_.steady();
  e.began_at = clock_.system();
}

test_response test_call::run(std::string_view bytes) {
  bytes_ = bytes;
  bytes_.append(body_padding, '\0');  // as the blocks of a connection
  request_parser parser{bounds_};
  begin();
  const parse_progress p = parser.parse({bytes_.data(), bytes.size()}, call_.context().request);
  if (p.what == parse_progress::kind::need_more) {
    ended_ = true;
    return no_answer("the head of the request is not whole");
  }
  if (p.what == parse_progress::kind::refused) {
    call_.begin_refused(*this, around_, p.why);
  } else {
    framing_ = call_.context().request.framing;
    left_ = std::string_view{bytes_}.substr(p.head_size, bytes.size() - p.head_size);
    call_.begin(*this, around_);
  }
  work_until(clock_.steady() + patience);
  if (!ended_) {
    call_.client_gone(reason::http_client_closed);
    work_until(clock_.steady() + patience_after_hang_up);
    return no_answer("the handler did not answer");
  }
  if (head_.empty()) return no_answer("the connection was closed without an answer");
  test_response r = parse_head(head_);
  r.body = std::move(body_);
  if (aborted_ && r.status != number(status::switching_protocols)) {
    return no_answer("the answer was cut off after " + std::to_string(r.body.size()) + " bytes of content");
  }
  return r;
}

void test_call::work_until(steady_time deadline) {
  while (!ended_ && clock_.steady() < deadline) {
    if (wants_content_) {
      wants_content_ = false;
      feed();
    } else if (hang_up_) {
      hang_up_ = false;
      call_.client_gone(reason::http_client_closed);
    } else if (loop_ != nullptr) {
      loop_->poll(milliseconds{20});
    } else {
      return;  // nothing is left that could answer
    }
  }
}

void test_call::feed() noexcept {
  if (framing_.how == body_framing::kind::chunked) return feed_chunked();
  const std::uint64_t wanted = framing_.how == body_framing::kind::length && !content_ended_ ? framing_.length : 0;
  if (left_.size() < wanted) return call_.client_gone(reason::http_client_closed);
  content_ended_ = true;
  call_.content_arrived(left_.substr(0, static_cast<std::size_t>(wanted)), true);
}

void test_call::feed_chunked() noexcept {
  while (!content_ended_) {
    if (left_.empty()) return call_.client_gone(reason::http_client_closed);
    const chunked_decoder::piece piece = decoder_.next(left_);
    left_.remove_prefix(piece.consumed);
    if (piece.what == chunked_decoder::piece::kind::refused) return call_.content_failed(piece.why);
    const reason why = call_.judge_content(piece.content.size() + decoder_.announced());
    if (why != reason::none) return call_.content_failed(why);
    content_ended_ = piece.what == chunked_decoder::piece::kind::done;
    if (!piece.content.empty() || content_ended_) return call_.content_arrived(piece.content, content_ended_);
  }
  call_.content_arrived({}, true);
}

void test_call::send_head(const response_head& head, const body_framing& framing) noexcept {
  std::array<char, http_date_size> date{};
  write_http_date(clock_.system(), date.data());
  head_.resize(std::size_t{64} * 1024);
  const std::size_t size = write_response_head(
      head_, head,
      {.framing = framing,
       .upgrade_websocket = head.status() == status::switching_protocols,
       .version = call_.head().version,
       .date = is_informational(head.status()) ? std::string_view{} : std::string_view{date.data(), date.size()}});
  head_.resize(size);
}

bool test_call::send_content(std::string_view piece) noexcept {
  body_.append(piece);
  return true;
}

void test_call::end(bool aborted) noexcept {
  ended_ = true;
  aborted_ = aborted;
}

}  // namespace gatehouse::detail::server
