#pragma once
// One request on its way through the server: rules, handler, finaliser, whatever the protocol that carried it. A
// handler sees only this. All of it happens on the loop of the connection.

#include <array>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gatehouse/base/limits.hpp>
#include <gatehouse/http/request_head.hpp>
#include <gatehouse/http/response_head.hpp>
#include <gatehouse/rules/exchange.hpp>
#include <gatehouse/rules/policy.hpp>
#include <gatehouse/server/attachments.hpp>

namespace gatehouse {

class call;
class loop;
enum class tls_failure : std::uint8_t;
namespace detail::server {
class held_response;
class loop_metrics;
}  // namespace detail::server

/// What a route's pattern captured: views into the request's path, not decoded.
struct path_parameters {
  struct parameter {
    std::string_view name;  ///< owned by the route
    std::string_view value;
  };
  std::array<parameter, max_path_parameters> all{};
  std::size_t count = 0;
  [[nodiscard]] std::string_view get(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < count; ++i) {
      if (all[i].name == name) return all[i].value;
    }
    return {};
  }
};

/// What a handler wants of the request's content.
struct content_need {
  enum class kind : std::uint8_t { discard, buffered, stream };
  kind what = kind::discard;
  std::uint64_t limit = 0;  ///< of buffered, bytes; 0: the exchange's body_limit
};

/// Answers requests. One object serves all threads; what belongs to one request lives in `call_events` or the
/// exchange's memory.
class handler {
 public:
  handler() = default;
  handler(const handler&) = delete;
  handler& operator=(const handler&) = delete;
  virtual ~handler() = default;

  [[nodiscard]] virtual content_need wants(const exchange&) const noexcept { return {}; }
  /// The rules have passed; with `buffered`, content() is whole. Must lead to exactly one respond(), finish() or
  /// fail(), now or later on the same loop, even when the client is gone by then: the call lives until that. Exceptions
  /// end the process: adapters of user code catch them.
  virtual void handle(call& c) const noexcept = 0;

  /// A loop begins, or ends, to serve this handler: for what it does besides requests (a proxy asks its upstreams how
  /// they are). On the loop's thread; each attach is followed by one detach, before the loop ends.
  virtual void attach(loop& /*l*/) const noexcept {}
  virtual void detach(loop& /*l*/) const noexcept {}
};

/// The side of a handler that streams. Never called from inside a call to `call`.
class call_events {
 public:
  /// After read(): the next piece, valid until the next read() or the end of the call. `last`: the content is whole;
  /// the piece may be empty then.
  virtual void on_content(std::string_view piece, bool last) noexcept = 0;
  /// After write() returned false: more may be written.
  virtual void on_drained() noexcept = 0;
  /// The client is gone, a deadline passed or its content broke a rule. Nothing else is called after this; what is
  /// written is dropped. The handler lets go of what it holds and calls finish(), now or later.
  virtual void on_abort(reason why) noexcept = 0;
  /// Bytes of a tunnel after upgrade(), valid during the call only; the next ones come after read(). Empty: the client
  /// finished sending.
  virtual void on_tunnel(std::string_view) noexcept {}

 protected:
  ~call_events() = default;
};

/// Changes a response on its way out, before the rules finalise it. Never called for a 101.
class response_editor {
 public:
  response_editor() = default;
  response_editor(const response_editor&) = delete;
  response_editor& operator=(const response_editor&) = delete;
  virtual ~response_editor() = default;
  /// Once, for the one response that a call has: a refusal and a streamed one, too. Text that is put into `head` lives
  /// until the call ends.
  virtual void edit(call& c, response_head& head) noexcept = 0;

 private:
  friend class call;
  std::unique_ptr<response_editor> next_;
};

/// What an error handler is told besides the reason.
struct failure_detail {
  std::exception_ptr exception{};  ///< what user code threw
  std::string_view message{};      ///< for a log, never for a client
};

/// What finds route, policy and handler for a request. Immutable, shared by all threads.
struct route_match {
  const route_info* route = nullptr;            ///< null: no route of this path
  const gatehouse::handler* handler = nullptr;  ///< null with a route: not for this method
  const policy* rules = nullptr;                ///< never null
  /// Handles first, whatever was found, and goes on with call::pass_on(); null: nothing stands around the routes.
  const gatehouse::handler* around = nullptr;
};
class dispatcher {
 public:
  dispatcher() = default;
  dispatcher(const dispatcher&) = delete;
  dispatcher& operator=(const dispatcher&) = delete;
  virtual ~dispatcher() = default;
  /// By host and path first, then the method. `parameters` is filled. For a refused head (exchange::head_refused), only
  /// `rules` matters.
  [[nodiscard]] virtual route_match find(const request_head& head, path_parameters& parameters) const noexcept = 0;
  /// A call that is to be refused for `why` may be answered otherwise: with true, this leads to exactly one respond(),
  /// finish() or fail(), now or later, as handler::handle. Asked once a call, never for a refused head. False: it gets
  /// the usual problem document.
  [[nodiscard]] virtual bool answer_refusal(call& /*c*/, reason /*why*/,
                                            const failure_detail& /*detail*/) const noexcept {
    return false;
  }
  /// As of a handler, for all that it leads to.
  virtual void attach(loop& /*l*/) const noexcept {}
  virtual void detach(loop& /*l*/) const noexcept {}
};

/// Told about every exchange that ended. Called on many loops at once; must not block.
class exchange_log {
 public:
  exchange_log() = default;
  exchange_log(const exchange_log&) = delete;
  exchange_log& operator=(const exchange_log&) = delete;
  virtual ~exchange_log() = default;
  virtual void record(const exchange& e, const outcome& o) noexcept = 0;
  /// A connection that never came to an exchange. `particulars` as of tls_accept_owner::on_not_secured.
  virtual void refused_handshake(const connection_info& /*from*/, tls_failure /*why*/,
                                 std::string_view /*particulars*/) noexcept {}
};

/// What a protocol (HTTP/1, HTTP/2, the test client) does for a call.
class call_transport {
 public:
  /// The next piece of content is wanted: call::content_arrived() follows, never from inside this. Wanted again after
  /// the last piece (or with no content at all), an empty last piece follows.
  virtual void want_content() noexcept = 0;
  /// The finalised head is to be sent. `framing` says what follows: length, chunked (the length is not known) or none.
  virtual void send_head(const response_head& head, const body_framing& framing) noexcept = 0;
  /// Content. Returns false when enough is queued: call::drained() follows.
  virtual bool send_content(std::string_view piece) noexcept = 0;
  /// What was sent so far leaves now, not with the next piece. Returns false as send_content does.
  virtual bool flush() noexcept = 0;
  /// The response is whole (or, when `aborted`, never will be: the connection must be cut so that nobody takes it for
  /// whole). The last call of the transport for this exchange.
  virtual void end(bool aborted) noexcept = 0;
  /// From now on bytes in both directions are not HTTP.
  virtual void begin_tunnel() noexcept = 0;
  virtual void want_tunnel_bytes() noexcept = 0;
  [[nodiscard]] virtual loop* on_loop() noexcept = 0;  ///< null in the test client
  /// The time of the event that ends the call; `precisely`: of this moment, for a log, since a handler may have taken
  /// most of the event.
  [[nodiscard]] virtual steady_time ended(bool precisely) noexcept = 0;

 protected:
  ~call_transport() = default;
};

class call {
 public:
  call() noexcept;
  call(const call&) = delete;
  call& operator=(const call&) = delete;
  ~call();

  // ------------------------------------------------------------------ for handlers
  [[nodiscard]] exchange& context() noexcept { return exchange_; }
  [[nodiscard]] const request_head& head() const noexcept { return exchange_.request; }
  [[nodiscard]] const path_parameters& parameters() const noexcept { return parameters_; }
  [[nodiscard]] detail::server::attachments& attached() noexcept { return attached_; }
  [[nodiscard]] loop* on_loop() noexcept { return transport_->on_loop(); }
  /// The whole content, if the handler wanted it buffered; `body_padding` bytes behind it are readable.
  [[nodiscard]] std::string_view content() const noexcept { return content_; }
  /// The client is gone: whatever is sent is dropped.
  [[nodiscard]] bool aborted() const noexcept { return aborted_; }
  /// Content pieces and events of a streaming handler go here. Before handle() returns.
  void events(call_events& e) noexcept { events_ = &e; }
  /// Asks for the next piece of content (or of the tunnel).
  void read() noexcept;
  /// For route_match::around, instead of answering: what the route has comes next (its handler, 404 or 405). Nothing of
  /// the content was read before this.
  void pass_on() noexcept;
  /// Has `e` edit the response. The last one that was added is asked first.
  void edit_response(std::unique_ptr<response_editor> e) noexcept;

  /// Has `by` stand between this call and its transport, which is returned: what is sent goes through it, and end() is
  /// the last that it gets. Before the response begins.
  [[nodiscard]] call_transport& divert(call_transport& by) noexcept { return *std::exchange(transport_, &by); }

  /// The head to fill before respond() or send_head(). Cleared (status 200, no fields).
  [[nodiscard]] response_head& response() noexcept { return response_; }
  // respond(), fail() and finish() end the call: it, its context and its memory are gone when they return.
  /// Sends the head and this content, and ends the call. Sent or copied before this returns. `source` is who made it.
  void respond(std::string_view content, response_source source = response_source::handler) noexcept;
  /// Ends the call with the problem document of `why`; if the response has begun already, by cutting it off.
  void fail(reason why, const failure_detail& detail = {}) noexcept;
  /// Begins a streamed response. `framing`: length or chunked; none for statuses without content.
  /// Returns false when the finaliser replaced the content (an upstream error): the whole response was sent then, the
  /// call is over but for finish(), and what is written is dropped.
  bool send_head(const body_framing& framing, response_source source) noexcept;
  /// Whether the response waits until a rule has seen its content: nothing of it has left yet, and its head has been
  /// copied.
  [[nodiscard]] bool holds() const noexcept { return held_ != nullptr; }
  /// All of the content was written: what is held is judged, and leaves. finish() does it, too.
  void content_ends() noexcept;
  /// How the content began that was held and then replaced; none otherwise. Until the call ends.
  [[nodiscard]] std::optional<std::string_view> replaced_content() const noexcept;
  /// More content; copied or sent before this returns. False: wait for on_drained before more. More bytes than a
  /// declared length, or an end before it, cuts the response off.
  bool write(std::string_view piece) noexcept;
  /// What was written leaves now. False: as of write().
  bool flush() noexcept;
  /// Ends the call: the response is whole (or was never begun because the client left: see on_abort).
  void finish() noexcept;
  /// After a verified 101 from the upstream: sends the head; from now on bytes go both ways with read(), write(),
  /// on_tunnel.
  void upgrade() noexcept;

  // ------------------------------------------------------------------ for transports
  struct surroundings {
    const gatehouse::dispatcher* routes = nullptr;
    const gatehouse::limits* bounds = nullptr;
    exchange_log* log = nullptr;
    detail::server::loop_metrics* counts = nullptr;  ///< null: nothing is counted
  };
  /// The exchange's request, connection, memory, times and random source are set. Runs rules and handler; may end
  /// within.
  void begin(call_transport& t, const surroundings& s) noexcept;
  /// A head that was refused by the parser: answers it (finalised) and ends.
  void begin_refused(call_transport& t, const surroundings& s, reason why) noexcept;
  /// What content would be refused for if `more` bytes followed what has arrived: known before they come when a length
  /// or a chunk's size announces them.
  [[nodiscard]] reason judge_content(std::uint64_t more) const noexcept;
  /// After want_content().
  void content_arrived(std::string_view piece, bool last) noexcept;
  /// The content is invalid, too long or too slow, or the client is gone. Refusals are answered when nothing was sent
  /// yet.
  void content_failed(reason why) noexcept;
  void client_gone(reason why) noexcept;
  void drained() noexcept;
  void tunnel_bytes(std::string_view bytes) noexcept;
  /// Whether the handler (or the rules) have ended it.
  [[nodiscard]] bool ended() const noexcept { return state_ == state::ended; }
  /// Whether a response has begun.
  [[nodiscard]] bool responding() const noexcept { return head_sent_; }
  /// Whether somebody would be told of client_gone() at once.
  [[nodiscard]] bool streams() const noexcept { return events_ != nullptr; }

 private:
  enum class state : std::uint8_t { idle, rules, buffering, handling, responding, tunnel, ended };
  enum class buffering_for : std::uint8_t { rule, handler };

  // The request's way in (call.cpp).
  void go_on(step s) noexcept;
  void dispatch() noexcept;
  void handle() noexcept;
  void want_whole(std::uint64_t limit, buffering_for who) noexcept;
  void buffer(std::string_view piece, bool last) noexcept;
  void content_is_whole() noexcept;
  // The response's way out (call_response.cpp).
  void refuse(reason why, const failure_detail& detail = {}) noexcept;
  void refuse_at(decision_trace::phase when, std::string_view who, reason why,
                 const failure_detail& detail = {}) noexcept;
  void answer(status s) noexcept;
  void answer_refusal(reason why, const failure_detail& detail = {}) noexcept;
  void send_whole(std::string_view content) noexcept;
  void transmit_whole(std::string_view content) noexcept;
  [[nodiscard]] bool sends_no_content() const noexcept;
  [[nodiscard]] bool has_content(const body_framing& framing) const noexcept;
  void edit_head() noexcept;
  [[nodiscard]] bool transmit_head(const body_framing& framing) noexcept;
  [[nodiscard]] bool hold(const body_framing& framing, std::size_t most) noexcept;
  bool hold_more(std::string_view piece) noexcept;
  bool judge_held(bool whole, bool too_long) noexcept;
  void end(bool cut) noexcept;
  void reset() noexcept;

  exchange exchange_{};
  response_head response_{};
  path_parameters parameters_{};
  call_transport* transport_ = nullptr;
  call_events* events_ = nullptr;
  surroundings around_{};
  const gatehouse::handler* handler_ = nullptr;
  const gatehouse::handler* routed_ = nullptr;  // what pass_on() hands over to
  bool is_around_ = false;                      // handler_ stands around the route
  bool refusing_ = false;                       // dispatcher::answer_refusal was asked
  std::unique_ptr<response_editor> editors_;
  detail::server::attachments attached_;
  std::unique_ptr<detail::server::held_response> held_;
  std::unique_ptr<detail::server::held_response> replaced_;  // what was held, for the log
  std::size_t rule_at_ = 0;
  std::string_view content_{};
  std::string buffered_{};      // content that did not arrive in one piece, with its padding
  std::uint64_t budgeted_ = 0;  // what buffered_ took of the process-wide budget
  std::uint64_t received_ = 0;  // content bytes of the request
  std::uint64_t sent_ = 0;      // content bytes of the response
  std::uint64_t declared_ = 0;  // length of a streamed response, when it was declared
  status answered_ = status::ok;
  bool whole_ = false;  // content_ is the whole content
  bool has_declared_ = false;
  bool drops_content_ = false;  // HEAD, 204, 304, a replaced or refused response: what the handler writes is dropped
  bool aborted_ = false;
  bool head_sent_ = false;
  bool cut_ = false;  // the response must not look whole
  state state_ = state::idle;
  buffering_for buffering_ = buffering_for::handler;
};

}  // namespace gatehouse
