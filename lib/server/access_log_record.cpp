#include "access_log_record.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <type_traits>

namespace gatehouse::detail::server {
namespace {

static_assert(std::is_trivially_copyable_v<record_numbers>);

/// Of a record whose reason is known: what that reason is about.
void note_particulars(const exchange& e, log_record& r) noexcept {
  record_numbers& n = r.numbers;
  if (n.why == reason::http_host_not_allowed) r.host = first_bytes(e.request.authority.text, max_logged_host);
  if (n.of_next || (e.denied.why != reason::none && n.why == e.denied.why)) {
    const cors_denial& denied = n.of_next ? e.next_denied : e.denied;
    n.differs = denied.differs;
    r.origin = first_bytes(denied.origin, max_logged_origin);
    r.denied = first_bytes(denied.what, max_logged_denied);
    r.nearest = first_bytes(denied.nearest, max_logged_origin);
  } else if (is_of_csrf(n.why)) {
    n.remedy = e.remedy;
    n.differs = e.denied.differs;
    r.origin = first_bytes(e.request.fields.get(field::origin).value_or(std::string_view{}), max_logged_origin);
    r.nearest = first_bytes(e.denied.nearest, max_logged_origin);
  }
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
  log_record r = plain_record_of(e, o, keys);
  record_numbers& n = r.numbers;
  if (e.request.framing.how == body_framing::kind::length) n.declared = e.request.framing.length;
  n.body_limit = e.body_limit;
  n.why = e.why;
  if (n.why == reason::none) {
    n.why = e.would_refuse;
    n.would_refuse = n.why != reason::none;
  }
  if (n.why == reason::none) {
    n.why = e.denied.why;
    n.unreadable = n.why != reason::none;
  }
  if (e.next_cors > cors_change::same) {
    n.next = e.next_cors;
    // Where it would deny, the one in force allows: a reason of CORS is then of no other rule.
    n.of_next = n.would_refuse && n.next == cors_change::would_deny && n.why == e.next_denied.why;
  }
  if (n.why != reason::none) note_particulars(e, r);
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
