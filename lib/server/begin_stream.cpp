#include "begin_stream.hpp"

#include <exception>
#include <memory>
#include <utility>

#include <gatehouse/net/loop.hpp>
#include <gatehouse/net/timer_wheel.hpp>

#include "send_response.hpp"
#include "stream_channel.hpp"
#include "url_text.hpp"

namespace gatehouse::detail::server {
namespace {

constexpr std::size_t bytes_a_turn = std::size_t{256} * 1024;  // then others on the loop have theirs
constexpr std::size_t longest_event_id = 1024;
constexpr std::string_view heartbeat_comment = ":\n\n";

/// One streamed response. Owns itself until the call ends.
class stream_exchange : public call_events, public std::enable_shared_from_this<stream_exchange> {
 public:
  stream_exchange(call& c, const handler_context& context, std::string_view pattern) noexcept
      : call_(&c), context_(&context), pattern_(pattern) {}
  stream_exchange(const stream_exchange&) = delete;
  stream_exchange& operator=(const stream_exchange&) = delete;
  virtual ~stream_exchange() = default;

  void begin() {
    self_ = shared_from_this();
    call_->events(*this);
    start();
  }

  void on_content(std::string_view, bool) noexcept final {}
  void on_drained() noexcept final { go_on(); }
  void on_abort(reason) noexcept final {
    ended();
    std::exchange(call_, nullptr)->finish();
    self_.reset();
  }

 protected:
  virtual void start() = 0;
  /// Writes what there is until write() says to wait.
  virtual void go_on() noexcept = 0;
  /// The call is about to end.
  virtual void ended() noexcept {}

  [[nodiscard]] call* current() const noexcept { return call_; }
  [[nodiscard]] std::string_view pattern() const noexcept { return pattern_; }
  [[nodiscard]] const handler_context& context() const noexcept { return *context_; }

  void finish() noexcept {
    const auto keep = std::move(self_);
    ended();
    std::exchange(call_, nullptr)->finish();
  }
  void cut() noexcept {
    const auto keep = std::move(self_);
    ended();
    std::exchange(call_, nullptr)->fail(reason::server_handler_failed);
  }
  void report(handler_failure::kind what, std::string_view message) const noexcept {
    context_->report({.what = what, .route = pattern_, .request_id = call_->context().id, .message = message});
  }

 private:
  call* call_;  // null once it ended
  const handler_context* context_;
  std::string_view pattern_;
  std::shared_ptr<stream_exchange> self_;
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
      if (!make(more)) return cut();
      const bool room = current()->write(piece_);
      if (!more) return finish();
      if (!room) return;
      if (piece_.empty()) {
        report(handler_failure::kind::invalid_response, "a stream that made nothing and promised more");
        return cut();
      }
    }
    current()->flush();
    // Not waiting for the client: nobody else calls go_on() meanwhile.
    current()->on_loop()->post([self = std::static_pointer_cast<pulled_stream>(shared_from_this())] {
      if (self->current() != nullptr) self->go_on();
    });
  }

  bool make(bool& more) noexcept {
    try {
      more = more_(piece_);
      return true;
    } catch (const std::exception& e) {
      report(handler_failure::kind::exception, e.what());
    } catch (...) {
      report(handler_failure::kind::exception, "something that is no std::exception");
    }
    return false;
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
    } catch (const std::exception& e) {
      report(handler_failure::kind::exception, e.what());
      cut();
    } catch (...) {
      report(handler_failure::kind::exception, "something that is no std::exception");
      cut();
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
      current()->flush();
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
    current()->flush();
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
    context.report({.what = handler_failure::kind::invalid_response,
                    .route = pattern,
                    .request_id = c.context().id,
                    .message = s.head().mistake()});
    return c.fail(reason::server_handler_failed);
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
