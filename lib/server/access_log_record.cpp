#include "access_log_record.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <type_traits>

namespace gatehouse::detail::server {
namespace {

static_assert(std::is_trivially_copyable_v<record_numbers>);

std::uint64_t microseconds_between(steady_time from, steady_time to) noexcept {
  const auto span = std::chrono::duration_cast<std::chrono::microseconds>(to - from).count();
  return span > 0 ? static_cast<std::uint64_t>(span) : 0;
}

/// Of a head whose target was refused there may be no path: then what came in its place.
std::string_view path_of(const request_head& head) noexcept {
  return head.path.empty() ? head.target.substr(0, head.target.find('?')) : head.path;
}

class packer {
 public:
  explicit packer(record_buffer& out) noexcept : out_(out) {}
  void text(std::uint16_t& length, std::string_view value, std::size_t longest) noexcept {
    value = value.substr(0, longest);
    if (!value.empty()) std::memcpy(out_.data() + at_, value.data(), value.size());
    length = static_cast<std::uint16_t>(value.size());
    at_ += value.size();
  }
  void query(std::uint16_t& length, std::string_view query) noexcept {
    const std::string_view keys = query_keys(query, {out_.data() + at_, max_logged_query});
    length = static_cast<std::uint16_t>(keys.size());
    at_ += keys.size();
  }
  [[nodiscard]] std::size_t size() const noexcept { return at_; }

 private:
  record_buffer& out_;
  std::size_t at_ = sizeof(record_numbers);
};

}  // namespace

std::string_view query_keys(std::string_view query, std::span<char> out) noexcept {
  std::size_t used = 0;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    const auto equals = part.find('=');
    const bool named = equals != std::string_view::npos && equals > 0;
    const std::string_view key = named ? part.substr(0, equals) : "-";
    const std::size_t needed = key.size() + (used > 0 ? 1 : 0);
    if (needed > out.size() - used) break;
    if (used > 0) out[used++] = '&';
    std::memcpy(out.data() + used, key.data(), key.size());
    used += key.size();
  }
  return {out.data(), used};
}

std::span<const char> pack(const exchange& e, const outcome& o, record_buffer& out) noexcept {
  record_numbers n;
  n.began_us = std::chrono::duration_cast<std::chrono::microseconds>(e.began_at.time_since_epoch()).count();
  n.duration_us = microseconds_between(e.began, o.ended);
  n.bytes_in = o.request_body_bytes;
  n.bytes_out = o.response_body_bytes;
  if (e.request.framing.how == body_framing::kind::length) n.declared = e.request.framing.length;
  n.body_limit = e.body_limit;
  n.client = e.client;
  n.why = e.why;
  n.status = static_cast<std::uint16_t>(number(o.answered));
  n.aborted = o.aborted;
  if (n.why == reason::none) {
    n.why = e.would_refuse;
    n.would_refuse = n.why != reason::none;
  }
  if (n.why == reason::none) {
    n.why = e.denied.why;
    n.unreadable = n.why != reason::none;
  }
  const cors_denial& denied = e.denied;
  const bool about_origin = denied.why != reason::none && n.why == denied.why;
  n.differs = denied.differs;

  packer texts(out);
  texts.text(n.lengths[0], e.id, max_logged_id);
  texts.text(n.lengths[1], e.request.method_text, max_logged_method);
  texts.text(n.lengths[2], path_of(e.request), max_logged_path);
  texts.query(n.lengths[3], e.request.query);
  texts.text(n.lengths[4], e.route == nullptr ? std::string_view{} : e.route->pattern, max_logged_route);
  const bool about_host = n.why == reason::http_host_not_allowed;
  texts.text(n.lengths[5], about_host ? e.request.authority.text : std::string_view{}, max_logged_host);
  texts.text(n.lengths[6], e.trace_id(), max_logged_trace);
  texts.text(n.lengths[7], about_origin ? denied.origin : std::string_view{}, max_logged_origin);
  texts.text(n.lengths[8], about_origin ? denied.what : std::string_view{}, max_logged_denied);
  texts.text(n.lengths[9], about_origin ? denied.nearest : std::string_view{}, max_logged_origin);
  std::memcpy(out.data(), &n, sizeof(n));
  return {out.data(), texts.size()};
}

log_record unpack(std::span<const char> bytes) noexcept {
  log_record r;
  std::memcpy(&r.numbers, bytes.data(), sizeof(r.numbers));
  std::size_t at = sizeof(record_numbers);
  const std::array<std::string_view*, logged_texts> texts{&r.id,   &r.method, &r.path,   &r.query_keys, &r.route,
                                                          &r.host, &r.trace,  &r.origin, &r.denied,     &r.nearest};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    *texts[i] = {bytes.data() + at, r.numbers.lengths[i]};
    at += r.numbers.lengths[i];
  }
  return r;
}

}  // namespace gatehouse::detail::server
