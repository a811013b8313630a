#include "begin_stream.hpp"

#include <exception>
#include <memory>
#include <utility>

#include <gatehouse/base/internal_limits.hpp>
#include <gatehouse/net/loop.hpp>
#include <gatehouse/net/timer_wheel.hpp>

#include "owned_exchange.hpp"
#include "send_response.hpp"
#include "stream_channel.hpp"
#include "url_text.hpp"

namespace gatehouse::detail::server {
namespace {

constexpr std::size_t longest_event_id = 1024;
constexpr std::string_view heartbeat_comment = ":\n\n";

/// One streamed response of user code.
class stream_exchange : public owned_exchange {
 public:
  stream_exchange(call& c, const handler_context& context, std::string_view pattern) noexcept
      : owned_exchange(c), context_(&context), pattern_(pattern) {}

 protected:
  [[nodiscard]] std::string_view pattern() const noexcept { return pattern_; }
  [[nodiscard]] const handler_context& context() const noexcept { return *context_; }
  /// What was thrown while the response was on its way: it can only be cut off.
  void cut(const std::exception_ptr& thrown) noexcept {
    context_->report_thrown(pattern_, current()->context().id, thrown);
    cut();
  }
  void cut() noexcept { owned_exchange::cut(reason::server_handler_failed); }

 private:
  const handler_context* context_;
  std::string_view pattern_;
};

/// Content that is asked for.
class pulled_stream final : public stream_exchange {
 public:
  pulled_stream(call& c, const handler_context& context, std::string_view pattern, stream_producer more)
      : stream_exchange(c, context, pattern), more_(std::move(more)) {}

 private:
  void start() override { go_on(); }

  void go_on() noexcept override {
    for (std::size_t turn = 0; turn < bytes_a_turn; turn += piece_.size()) {
      piece_.clear();
      bool more = false;
      try {
        more = more_(piece_);
      } catch (...) {
        return cut(std::current_exception());
      }
      const bool room = current()->write(piece_);
      if (!more) return finish();
      if (!room) return;
      if (piece_.empty()) {
        context().report_invalid(pattern(), current()->context().id, "a stream that made nothing and promised more");
        return cut();
      }
    }
    go_on_later();
  }

  stream_producer more_;
  std::string piece_;
};

/// Content that comes by itself.
class pushed_stream final : public stream_exchange, private channel_reader {
 public:
  pushed_stream(call& c, const handler_context& context, std::string_view pattern, streamed&& s)
      : stream_exchange(c, context, pattern), stream_(std::move(s)), heartbeat_(*this) {}

 private:
  void start() override {
    channel_ = std::make_shared<stream_channel>(*current()->on_loop(), static_cast<channel_reader&>(*this), context(),
                                                pattern());
    const bool is_events = std::holds_alternative<event_starter>(stream_.from());
    const auto end_of_writer = std::make_shared<stream_end>(
        channel_, is_events ? stream_channel::ending::whole : stream_channel::ending::cut);
    if (is_events) arm();
    try {
      if (is_events) {
        std::get<event_starter>(stream_.from())(event_writer{stream_writer{end_of_writer}, last_event_id()});
      } else {
        std::get<stream_starter>(stream_.from())(stream_writer{end_of_writer});
      }
    } catch (...) {
      cut(std::current_exception());
    }
  }

  void on_pushed() noexcept override {
    if (!waiting_) go_on();
  }

  void go_on() noexcept override {
    std::string pieces;
    const stream_channel::ending how = channel_->take(pieces);
    waiting_ = !current()->write(pieces);
    if (how == stream_channel::ending::whole) return finish();
    if (how == stream_channel::ending::cut) return cut();
    if (!pieces.empty()) {
      waiting_ = !current()->flush() || waiting_;
      if (heartbeat_.is_set()) arm();
    }
  }

  void ended() noexcept override {
    heartbeat_.clear();
    channel_->close();
  }

  // A client that takes nothing is ended by the write deadline; more comments would not help.
  void beat() noexcept {
    arm();
    if (waiting_) return;
    waiting_ = !current()->write(heartbeat_comment);
    waiting_ = !current()->flush() || waiting_;
  }

  void arm() noexcept {
    loop& home = *current()->on_loop();
    home.timers().set(heartbeat_, home.now() + stream_.options().heartbeat);
  }

  [[nodiscard]] std::string last_event_id() const {
    const auto sent = current()->head().fields.get("Last-Event-ID");
    if (!sent || sent->size() > longest_event_id || !is_plain_utf8(*sent)) return {};
    return std::string{*sent};
  }

  class heartbeat final : public deadline {
   public:
    explicit heartbeat(pushed_stream& of) noexcept : of_(&of) {}

   private:
    void expired() noexcept override { of_->beat(); }
    pushed_stream* of_;
  };

  streamed stream_;
  std::shared_ptr<stream_channel> channel_;
  heartbeat heartbeat_;
  bool waiting_ = false;
};

}  // namespace

void begin_stream(call& c, streamed&& s, const handler_context& context, std::string_view pattern) {
  if (!s.head().mistake().empty()) {
    return context.fail_invalid(c, pattern, s.head().mistake());
  }
  if (!fill_head(c, s.head())) return c.fail(reason::limit_exchange_memory);
  const bool without_content = forbids_content(s.head().status());
  const bool sent = c.send_head({.how = without_content ? body_framing::kind::none : body_framing::kind::chunked},
                                response_source::handler);
  if (!sent || without_content || c.head().verb == method::head) return c.finish();
  c.flush();
  if (auto* const producer = std::get_if<stream_producer>(&s.from()); producer != nullptr) {
    return std::make_shared<pulled_stream>(c, context, pattern, std::move(*producer))->begin();
  }
  std::make_shared<pushed_stream>(c, context, pattern, std::move(s))->begin();
}

}  // namespace gatehouse::detail::server
