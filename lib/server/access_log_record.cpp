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

std::string_view first(std::string_view text, std::size_t longest) noexcept {
  return {text.data(), std::min(text.size(), longest)};
}

/// Of a head whose target was refused there may be no path: then what came in its place.
std::string_view path_of(const request_head& head) noexcept {
  return head.path.empty() ? head.target.substr(0, head.target.find('?')) : head.path;
}

/// A record's texts in the order in which they are kept.
template <typename Record>
constexpr auto texts_of(Record& r) noexcept {
  return std::array{&r.id,    &r.method, &r.path,   &r.query_keys, &r.route,      &r.host,
                    &r.trace, &r.origin, &r.denied, &r.nearest,    &r.certificate};
}

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

log_record record_of(const exchange& e, const outcome& o, query_keys_space& keys) noexcept {
  log_record r;
  record_numbers& n = r.numbers;
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
  n.verb = e.request.verb;
  if (n.why == reason::none) {
    n.why = e.would_refuse;
    n.would_refuse = n.why != reason::none;
  }
  if (n.why == reason::none) {
    n.why = e.denied.why;
    n.unreadable = n.why != reason::none;
  }
  r.id = first(e.id, max_logged_id);
  r.method = first(e.request.method_text, max_logged_method);
  r.path = first(path_of(e.request), max_logged_path);
  if (!e.request.query.empty()) r.query_keys = query_keys(e.request.query, keys);
  if (e.route != nullptr) r.route = first(e.route->pattern, max_logged_route);
  if (n.why == reason::http_host_not_allowed) r.host = first(e.request.authority.text, max_logged_host);
  r.trace = e.trace_id;
  if (e.connection.has_client_certificate()) {
    r.certificate = first(e.connection.channel->client->fingerprint, max_logged_certificate);
  }
  if (e.denied.why != reason::none && n.why == e.denied.why) {
    n.differs = e.denied.differs;
    r.origin = first(e.denied.origin, max_logged_origin);
    r.denied = first(e.denied.what, max_logged_denied);
    r.nearest = first(e.denied.nearest, max_logged_origin);
  } else if (is_of_csrf(n.why)) {
    n.remedy = e.remedy;
    n.differs = e.denied.differs;
    r.origin = first(e.request.fields.get(field::origin).value_or(std::string_view{}), max_logged_origin);
    r.nearest = first(e.denied.nearest, max_logged_origin);
  }
  return r;
}

std::size_t pack(const log_record& r, record_space out) noexcept {
  record_lengths lengths{};
  std::size_t at = sizeof(r.numbers) + sizeof(lengths);
  const auto texts = texts_of(r);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    lengths[i] = static_cast<std::uint16_t>(texts[i]->size());
    if (!texts[i]->empty()) std::memcpy(out.data() + at, texts[i]->data(), texts[i]->size());
    at += texts[i]->size();
  }
  std::memcpy(out.data(), &r.numbers, sizeof(r.numbers));
  std::memcpy(out.data() + sizeof(r.numbers), lengths.data(), sizeof(lengths));
  return at;
}

log_record unpack(std::span<const char> bytes) noexcept {
  log_record r;
  record_lengths lengths{};
  std::memcpy(&r.numbers, bytes.data(), sizeof(r.numbers));
  std::memcpy(lengths.data(), bytes.data() + sizeof(r.numbers), sizeof(lengths));
  std::size_t at = sizeof(r.numbers) + sizeof(lengths);
  const auto texts = texts_of(r);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    *texts[i] = {bytes.data() + at, lengths[i]};
    at += lengths[i];
  }
  return r;
}

}  // namespace gatehouse::detail::server
