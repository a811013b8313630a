#pragma once
// Responses whose content is made while it is sent: bounded memory, whatever the length and however slow the client.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <gatehouse/server/response.hpp>

namespace gatehouse {

namespace detail::server {
class stream_channel;
class stream_end;
}  // namespace detail::server

/// What became of something that was written.
enum class wrote : std::uint8_t {
  ok,
  full,     ///< not taken: the client is slower than what is written. Wait for on_room, or drop it.
  closed,   ///< not taken: the client is gone, or the stream was ended
  invalid,  ///< not taken: an event whose name or id has a line break or NUL
};

/// The pushing side of a streamed response. Copies are of the same stream; all members may be called from any thread.
/// When the last copy goes without end(), the response is cut off, so that nobody takes it for whole.
class stream_writer {
 public:
  explicit stream_writer(std::shared_ptr<detail::server::stream_end> to) noexcept : to_(std::move(to)) {}

  /// Takes the whole piece or nothing of it. Up to 64 KiB wait for the client (one larger piece, when nothing else
  /// waits).
  [[nodiscard]] wrote write(std::string_view piece) const;
  /// The content is whole.
  void end() const;
  [[nodiscard]] bool closed() const noexcept;
  /// Called once on the event loop when half of the room is free again: after `full`, or at once when it is. Replaces
  /// an earlier one.
  void on_room(std::function<void()> call) const;
  /// Called once on the event loop when the client is gone or the stream was ended: the place to stop what makes the
  /// content. At once when it is closed already.
  void on_close(std::function<void()> call) const;

 private:
  friend class event_writer;
  std::shared_ptr<detail::server::stream_end> to_;
};

/// One event of an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html). Texts are UTF-8.
struct server_event {
  std::string_view data{};   ///< may have line breaks: the browser gets them as sent
  std::string_view event{};  ///< its type; empty: "message". No line breaks
  std::string_view id{};     ///< what a browser that lost the stream says as Last-Event-ID. No line breaks, no NUL
};

/// The pushing side of an event stream: as stream_writer, but losing the last copy ends the stream as end() does.
class event_writer {
 public:
  event_writer(stream_writer to, std::string last_event_id) noexcept
      : to_(std::move(to)), last_event_id_(std::move(last_event_id)) {}

  [[nodiscard]] wrote send(const server_event& e) const;
  [[nodiscard]] wrote send(std::string_view data) const { return send(server_event{.data = data}); }
  /// How long the browser waits before it comes again.
  [[nodiscard]] wrote retry(std::chrono::milliseconds after) const;
  void end() const { to_.end(); }
  [[nodiscard]] bool closed() const noexcept { return to_.closed(); }
  void on_room(std::function<void()> call) const { to_.on_room(std::move(call)); }
  void on_close(std::function<void()> call) const { to_.on_close(std::move(call)); }
  /// The id of the last event that the browser got before it came again; empty when it is new. At most 1 KiB, UTF-8:
  /// anything else counts as none.
  [[nodiscard]] const std::string& last_event_id() const noexcept { return last_event_id_; }

 private:
  stream_writer to_;
  std::string last_event_id_;
};

/// Makes the next piece: appends it to `piece`, which is empty; returns whether there is more. Called on the event loop
/// whenever the client can take more. One that appends nothing and promises more, or throws, cuts the response off.
using stream_producer = std::function<bool(std::string& piece)>;
using stream_starter = std::function<void(stream_writer)>;
using event_starter = std::function<void(event_writer)>;

struct event_options {
  /// A comment is sent when nothing else was for this long, so that proxies do not close the connection and a client
  /// that vanished is noticed. 1 s to 5 min.
  std::chrono::milliseconds heartbeat{15'000};
};

/// A response whose content is streamed: what a handler returns. status(), header() and append() as of a response.
class streamed {
 public:
  using source = std::variant<stream_producer, stream_starter, event_starter>;
  streamed(response head, source from) : head_(std::move(head)), from_(std::move(from)) {}

  streamed&& status(gatehouse::status s) && {
    head_.status(s);
    return std::move(*this);
  }
  streamed&& header(std::string_view name, std::string_view value) && {
    head_.header(name, value);
    return std::move(*this);
  }
  streamed&& append(std::string_view name, std::string_view value) && {
    head_.append(name, value);
    return std::move(*this);
  }

  [[nodiscard]] const response& head() const noexcept { return head_; }
  [[nodiscard]] source& from() noexcept { return from_; }
  [[nodiscard]] const event_options& options() const noexcept { return options_; }

 private:
  friend streamed events(event_starter begin, event_options options);
  response head_;
  source from_;
  event_options options_{};
};

/// Content that is made when the client can take it: gh::streaming("text/csv", [n = 0](std::string& piece) mutable {
/// piece = std::to_string(n) + "\n"; return ++n < 1'000'000; }). Nothing is called for HEAD. HTML is the other
/// function's.
template <typename F>
[[nodiscard]] streamed streaming(std::string_view media_type, F&& f) {
  response head{};
  head.type(media_type);
  if constexpr (std::is_invocable_r_v<bool, F&, std::string&>) {
    return {std::move(head), stream_producer{std::forward<F>(f)}};
  } else {
    static_assert(std::is_invocable_v<F&, stream_writer>,
                  "gh::streaming takes a function of (std::string& piece) -> bool, or of (gh::stream_writer)");
    return {std::move(head), stream_starter{std::forward<F>(f)}};
  }
}

/// HTML that is made when the client can take it: gh::streaming([](gh::html& piece) { ... return there_is_more; }).
template <typename F>
  requires std::is_invocable_r_v<bool, F&, html&>
[[nodiscard]] streamed streaming(F&& f) {
  auto make = [f = std::forward<F>(f)](std::string& piece) mutable {
    html made;
    const bool more = f(made);
    piece = std::move(made).text();
    return more;
  };
  return {response{html{}}, stream_producer{std::move(make)}};
}

/// An event stream: `begin` gets the writer, on the event loop, and keeps it where events come from. No deadline ends
/// it but the server's stop.
[[nodiscard]] streamed events(event_starter begin, event_options options = {});

}  // namespace gatehouse
