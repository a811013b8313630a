#include <gatehouse/server/stream.hpp>

#include <algorithm>

#include "stream_channel.hpp"
#include "url_text.hpp"

namespace gatehouse {
namespace {

constexpr std::chrono::milliseconds shortest_heartbeat{1'000};
constexpr std::chrono::milliseconds longest_heartbeat{300'000};

bool is_one_line(std::string_view text) noexcept {
  return text.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\n");
}

/// Each line of its own field, whichever of the three line endings it has: a browser joins them with "\n".
void append_data(std::string& out, std::string_view data) {
  while (true) {
    const std::size_t end = data.find_first_of("\r\n");
    append_field(out, "data", data.substr(0, end));
    if (end == std::string_view::npos) return;
    data.remove_prefix(data.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
}

}  // namespace

wrote stream_writer::write(std::string_view piece) const { return to_->channel().write(piece); }
void stream_writer::end() const { to_->channel().end(detail::server::stream_channel::ending::whole); }
bool stream_writer::closed() const noexcept { return to_->channel().closed(); }
void stream_writer::on_room(std::function<void()> call) const { to_->channel().on_room(std::move(call)); }
void stream_writer::on_close(std::function<void()> call) const { to_->channel().on_close(std::move(call)); }

// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
wrote event_writer::send(const server_event& e) const {
  using detail::server::is_plain_utf8;
  // A line break would begin another field: somebody else's event.
  if (!is_one_line(e.event) || !is_one_line(e.id) || !is_plain_utf8(e.event) || !is_plain_utf8(e.id)) {
    return wrote::invalid;
  }
  std::string out;
  out.reserve(e.data.size() + e.event.size() + e.id.size() + 32);
  if (!e.event.empty()) append_field(out, "event", e.event);
  if (!e.id.empty()) append_field(out, "id", e.id);
  append_data(out, e.data);
  out += '\n';
  return to_.write(out);
}

wrote event_writer::retry(std::chrono::milliseconds after) const {
  return to_.write("retry: " + std::to_string(std::max<std::int64_t>(after.count(), 0)) + "\n\n");
}

streamed events(event_starter begin, event_options options) {
  response head{};
  head.type("text/event-stream");
  if (options.heartbeat < shortest_heartbeat || options.heartbeat > longest_heartbeat) {
    head = response::mistaken("an event stream with a heartbeat that is not between 1 s and 5 min");
  }
  streamed s{std::move(head), std::move(begin)};
  s.options_ = options;
  return s;
}

}  // namespace gatehouse
