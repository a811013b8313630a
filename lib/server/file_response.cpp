#include "file_response.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>

#include <gatehouse/http/byte_range.hpp>
#include <gatehouse/http/conditional.hpp>
#include <gatehouse/http/date.hpp>
#include <gatehouse/server/block_pool.hpp>

#include "owned_exchange.hpp"
#include "send_response.hpp"

namespace gatehouse::detail::server {
namespace {

/// Text put together in the memory of the exchange; empty when there is none left.
class text_in {
 public:
  explicit text_in(char* to) noexcept : begin_(to), at_(to) {}
  text_in& operator<<(std::string_view text) noexcept {
    at_ = std::copy(text.begin(), text.end(), at_);
    return *this;
  }
  text_in& number(std::uint64_t value, int base = 10) noexcept {
    at_ = std::to_chars(at_, at_ + 20, value, base).ptr;
    return *this;
  }
  [[nodiscard]] std::string_view text() const noexcept { return {begin_, static_cast<std::size_t>(at_ - begin_)}; }

 private:
  char* begin_;
  char* at_;
};
constexpr std::size_t room_for_text = 96;  // more than any of the texts below

system_time modified_of(const struct stat& facts) noexcept {
  return system_time{} + seconds{facts.st_mtim.tv_sec} +
         std::chrono::duration_cast<system_time::duration>(std::chrono::nanoseconds{facts.st_mtim.tv_nsec});
}

// RFC 9110 section 8.8.1: strong only if no other content can have had it. A file that was changed a moment ago may be
// changed again within one tick of the file system's clock and keep its size.
std::string_view entity_tag(call& c, const file_to_send& f) noexcept {
  char* const room = c.context().memory.allocate(room_for_text);
  if (room == nullptr) return {};
  text_in out{room};
  if (c.context().began_at - modified_of(f.facts) < seconds{2}) out << "W/";
  out << "\"";
  out.number(static_cast<std::uint64_t>(f.facts.st_size), 16) << "-";
  out.number(static_cast<std::uint64_t>(f.facts.st_mtim.tv_sec), 16) << "-";
  out.number(static_cast<std::uint64_t>(f.facts.st_mtim.tv_nsec), 16) << f.coding << "\"";
  return out.text();
}

std::string_view date_text(call& c, system_time t) noexcept {
  char* const room = c.context().memory.allocate(http_date_size);
  if (room == nullptr) return {};
  write_http_date(t, room);
  return {room, http_date_size};
}

std::string_view content_range(call& c, const byte_range* range, std::uint64_t size) noexcept {
  char* const room = c.context().memory.allocate(room_for_text);
  if (room == nullptr) return {};
  text_in out{room};
  out << "bytes ";
  if (range == nullptr) {
    out << "*";
  } else {
    out.number(range->first) << "-";
    out.number(range->last);
  }
  out << "/";
  out.number(size);
  return out.text();
}

/// Reads a file piece by piece, as fast as the client takes it.
// CHOICE: on the loop, as most servers do: what is in the page cache, nearly everything that is asked for, costs less
// than a thread's wake-up. A piece is at most a block, so that a slow disk holds others for one piece only.
class file_stream final : public owned_exchange {
 public:
  file_stream(call& c, file_descriptor file, const byte_range& range) noexcept
      : owned_exchange(c), file_(std::move(file)), at_(range.first), end_(range.last + 1) {}

 private:
  void start() override { go_on(); }
  void go_on() noexcept override {
    const pooled_block block = pooled_block::take();
    for (std::size_t turn = 0; turn < bytes_a_turn;) {
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), end_ - at_));
      const ssize_t got = pread(file_.get(), block.data(), wanted, static_cast<off_t>(at_));
      // Shorter than it was, or unreadable: what is out is less than was declared, and must not look whole.
      if (got <= 0) return cut(reason::server_handler_failed);
      at_ += static_cast<std::uint64_t>(got);
      turn += static_cast<std::size_t>(got);
      const bool room = current()->write({block.data(), static_cast<std::size_t>(got)});
      if (at_ == end_) return finish();
      if (!room) return;
    }
    go_on_later();
  }

  file_descriptor file_;
  std::uint64_t at_;
  std::uint64_t end_;
};

void set_field(response_head& head, field name, std::string_view value, bool& fits) noexcept {
  if (!value.empty()) fits = fits && head.set(name, value).has_value();
}

/// A small file leaves with its head, in one piece.
void send_small(call& c, const file_descriptor& file, const byte_range& range) noexcept {
  const pooled_block block = pooled_block::take();
  const auto size = static_cast<std::size_t>(range.size());
  std::size_t have = 0;
  while (have != size) {
    const ssize_t got = pread(file.get(), block.data() + have, size - have, static_cast<off_t>(range.first + have));
    if (got <= 0) {
      c.response().clear();
      return c.fail(reason::server_handler_failed);
    }
    have += static_cast<std::size_t>(got);
  }
  c.respond({block.data(), size});
}

void send_content_of(call& c, file_descriptor file, const byte_range& range) noexcept {
  if (c.head().verb != method::head && range.size() <= pooled_block::standard) return send_small(c, file, range);
  const bool sent = c.send_head({.how = body_framing::kind::length, .length = range.size()}, response_source::handler);
  if (!sent || c.head().verb == method::head) return c.finish();
  std::make_shared<file_stream>(c, std::move(file), range)->begin();
}

}  // namespace

void send_file(call& c, file_to_send f) noexcept {
  const request_head& request = c.head();
  const auto size = static_cast<std::uint64_t>(f.facts.st_size);
  const system_time modified = modified_of(f.facts);
  const validators current{.etag = entity_tag(c, f), .last_modified = modified};
  response_head& head = c.response();
  bool fits = !current.etag.empty();
  // What a 304 must have, too (RFC 9110 section 15.4.5).
  set_field(head, field::etag, current.etag, fits);
  set_field(head, field::last_modified, date_text(c, modified), fits);
  set_field(head, field::cache_control, f.cache_control, fits);
  set_field(head, field::vary, f.vary, fits);
  set_field(head, field::accept_ranges, "bytes", fits);
  if (!fits) return c.fail(reason::limit_exchange_memory);

  const system_time now = c.context().began_at;
  switch (evaluate(request, current, now)) {
    case precondition::not_modified: head.status(status::not_modified); return c.respond({});
    case precondition::failed:
      head.clear();
      return send_response(c, response{http_error{status::precondition_failed, {}}});
    case precondition::proceed: break;
  }
  set_field(head, field::content_type, f.media_type, fits);
  set_field(head, field::content_encoding, f.coding, fits);

  byte_range range{.first = 0, .last = size - 1};
  const auto asked = request.fields.get(field::range);
  // RFC 9110 section 14.2: GET only.
  if (asked && request.verb == method::get && range_is_wanted(request, current, now)) {
    const byte_ranges ranges = parse_byte_ranges(*asked, size);
    if (ranges.what == byte_ranges::kind::unsatisfiable) {
      head.clear();
      if (!head.set(field::content_range, content_range(c, nullptr, size)))
        return c.fail(reason::limit_exchange_memory);
      return send_response(c, response{http_error{status::range_not_satisfiable, {}}});
    }
    // CHOICE: several ranges are answered whole, as section 14.2 allows and Express does: no client of an API needs
    // multipart/byteranges, and parts are what amplifies.
    if (ranges.what == byte_ranges::kind::some && ranges.count == 1) {
      range = ranges.all[0];
      head.status(status::partial_content);
      set_field(head, field::content_range, content_range(c, &range, size), fits);
    }
  }
  if (!fits) return c.fail(reason::limit_exchange_memory);
  if (size == 0) return c.respond({});
  send_content_of(c, std::move(f.file), range);
}

}  // namespace gatehouse::detail::server
