#include <gatehouse/wire/serializer.hpp>

#include <charconv>
#include <cstring>

namespace gatehouse {
namespace {

/// Appends to a fixed range; once something did not fit, nothing more is written.
class writer {
 public:
  explicit writer(std::span<char> out) noexcept : begin_(out.data()), at_(out.data()), end_(out.data() + out.size()) {}

  void put(std::string_view text) noexcept {
    if (text.size() > static_cast<std::size_t>(end_ - at_)) return no_room();
    if (!text.empty()) std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  /// OPTIMIZATION: one question of room for all of a line.
  void line(std::string_view name, std::string_view value) noexcept {
    constexpr std::size_t between_and_behind = 4;
    if (name.size() + value.size() + between_and_behind > static_cast<std::size_t>(end_ - at_)) return no_room();
    char* at = at_;
    std::memcpy(at, name.data(), name.size());  // never empty
    at += name.size();
    *at++ = ':';
    *at++ = ' ';
    if (!value.empty()) std::memcpy(at, value.data(), value.size());
    at += value.size();
    *at++ = '\r';
    *at++ = '\n';
    at_ = at;
  }
  void number(std::uint64_t value) noexcept {
    char digits[20];
    const auto written = std::to_chars(digits, digits + sizeof digits, value);
    put({digits, static_cast<std::size_t>(written.ptr - digits)});
  }
  void no_room() noexcept {
    end_ = at_;
    fits_ = false;
  }
  [[nodiscard]] std::size_t size() const noexcept { return fits_ ? static_cast<std::size_t>(at_ - begin_) : 0; }

 private:
  char* begin_;
  char* at_;
  char* end_;
  bool fits_ = true;
};

/// Written from body_framing and the shape, never from a line: two sources of framing are how responses get split.
constexpr bool is_framing(field f) noexcept {
  switch (f) {
    case field::content_length:
    case field::transfer_encoding:
    case field::connection:
    case field::keep_alive: return true;
    default: return false;
  }
}

void put_framing(writer& w, const body_framing& framing) noexcept {
  switch (framing.how) {
    case body_framing::kind::length:
      w.put("Content-Length: ");
      w.number(framing.length);
      w.put("\r\n");
      break;
    case body_framing::kind::chunked: w.put("Transfer-Encoding: chunked\r\n"); break;
    case body_framing::kind::none:
    case body_framing::kind::until_close: break;
  }
}

void put_status_line(writer& w, status s) noexcept {
  // RFC 9112 section 4: the space behind the code stays when there is no phrase.
  w.put("HTTP/1.1 ");
  w.number(number(s));
  w.put(" ");
  w.put(phrase(s));
  w.put("\r\n");
}

void put_connection(writer& w, const response_shape& shape) noexcept {
  if (shape.upgrade_websocket) {
    w.put("Connection: Upgrade\r\nUpgrade: websocket\r\n");
  } else if (shape.close) {
    w.put("Connection: close\r\n");
  } else if (shape.version == http_version::http_1_0) {
    w.put("Connection: keep-alive\r\n");
  }
}

/// RFC 9110 section 8.6: a method that expects content says "0" when there is none, or the server may wait for it.
body_framing request_framing(const outgoing_request& request) noexcept {
  if (request.framing.how != body_framing::kind::none) return request.framing;
  const method verb = parse_method(request.method);
  const bool expected = verb == method::post || verb == method::put || verb == method::patch;
  return expected ? body_framing{.how = body_framing::kind::length, .length = 0} : body_framing{};
}

}  // namespace

std::size_t write_response_head(std::span<char> out, const response_head& head, const response_shape& shape) noexcept {
  writer w{out};
  put_status_line(w, head.status());
  for (const field_line& line : head.fields()) {
    const bool ours = is_framing(line.id) || line.id == field::date ||
                      (shape.upgrade_websocket && line.id == field::upgrade);
    if (!ours) w.line(line.name, line.value);
  }
  head.for_each_attached_run([&w](std::string_view lines) { w.put(lines); });
  if (!shape.date.empty()) w.line("Date", shape.date);
  put_framing(w, shape.framing);
  put_connection(w, shape);
  w.put("\r\n");
  return w.size();
}

std::size_t write_request_head(std::span<char> out, const outgoing_request& request) noexcept {
  writer w{out};
  w.put(request.method);
  w.put(" ");
  w.put(request.target);
  w.put(" HTTP/1.1\r\n");
  w.line("Host", request.host);
  if (request.fields != nullptr) {
    for (const field_line& line : *request.fields) {
      const bool ours = is_framing(line.id) || line.id == field::host || line.id == field::upgrade ||
                        line.id == field::proxy_connection;
      if (!ours) w.line(line.name, line.value);
    }
  }
  put_framing(w, request_framing(request));
  if (request.upgrade_websocket) w.put("Connection: Upgrade\r\nUpgrade: websocket\r\n");
  w.put("\r\n");
  return w.size();
}

std::size_t write_chunk_head(char* out, std::uint64_t size) noexcept {
  char* const digits_end = std::to_chars(out, out + max_chunk_head - 2, size, 16).ptr;
  digits_end[0] = '\r';
  digits_end[1] = '\n';
  return static_cast<std::size_t>(digits_end - out) + 2;
}

}  // namespace gatehouse
