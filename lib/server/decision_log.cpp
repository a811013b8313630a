#include <gatehouse/server/decision_log.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <tuple>
#include <type_traits>

#include <gatehouse/base/internal_limits.hpp>

#include "access_log_advice.hpp"
#include "access_log_record.hpp"
#include "latest_ring.hpp"
#include "thread_own.hpp"

namespace gatehouse {

using namespace detail::server;

namespace {

constexpr std::size_t max_kept_rule_name = 32;

// In the ring: how many steps and how many more there were, the steps with their names behind each, then the record.
struct trace_numbers {
  std::uint32_t kept = 0;
  std::uint32_t dropped = 0;
};
struct step_numbers {
  decision_trace::phase when;
  decision_trace::verdict what;
  reason why;
  std::uint16_t name_length;
};
static_assert(std::is_trivially_copyable_v<trace_numbers> && std::is_trivially_copyable_v<step_numbers>);

constexpr std::size_t max_packed_trace = sizeof(trace_numbers) +
                                         max_trace_entries * (sizeof(step_numbers) + max_kept_rule_name);
constexpr std::size_t max_packed = max_packed_trace + max_record_bytes;
static_assert(decision_ring_bytes / 2 - sizeof(std::uint64_t) >= max_packed, "a ring holds the longest record");
using packed_buffer = std::array<char, max_packed>;

class writer {
 public:
  explicit writer(std::span<char> out) noexcept : out_(out) {}
  void put(const void* from, std::size_t n) noexcept {
    if (n != 0) std::memcpy(out_.data() + at_, from, n);
    at_ += n;
  }
  [[nodiscard]] std::size_t size() const noexcept { return at_; }

 private:
  std::span<char> out_;
  std::size_t at_ = 0;
};

void pack_trace(const decision_trace& trace, writer& to) noexcept {
  const trace_numbers all{.kept = static_cast<std::uint32_t>(trace.end() - trace.begin()), .dropped = trace.dropped()};
  to.put(&all, sizeof(all));
  for (const decision_trace::entry& e : trace) {
    const std::string_view name = e.rule.substr(0, max_kept_rule_name);
    const step_numbers one{
        .when = e.when, .what = e.what, .why = e.why, .name_length = static_cast<std::uint16_t>(name.size())};
    to.put(&one, sizeof(one));
    to.put(name.data(), name.size());
  }
}

std::span<const char> pack_decision(const exchange& e, const outcome& o, packed_buffer& out) noexcept {
  writer to(out);
  pack_trace(e.trace, to);
  // The trace is at most max_packed_trace long: a record has room behind it.
  query_keys_space keys;
  const std::size_t size = pack(record_of(e, o, keys), record_space{out.data() + to.size(), max_record_bytes});
  return std::span{out}.first(to.size() + size);
}

/// What `pack_decision` made, as views into it.
struct packed_decision {
  trace_numbers trace{};
  std::span<const char> steps{};
  log_record record{};
};

template <typename T>
T take(std::span<const char>& from) noexcept {
  T out;
  std::memcpy(&out, from.data(), sizeof(T));
  from = from.subspan(sizeof(T));
  return out;
}

packed_decision unpack_decision(std::span<const char> bytes) noexcept {
  packed_decision out;
  out.trace = take<trace_numbers>(bytes);
  out.steps = bytes;
  for (std::uint32_t i = 0; i < out.trace.kept; ++i) bytes = bytes.subspan(take<step_numbers>(bytes).name_length);
  out.record = unpack(bytes);
  return out;
}

std::vector<decision_step> steps_of(const packed_decision& p) {
  std::vector<decision_step> out;
  out.reserve(p.trace.kept);
  std::span<const char> rest = p.steps;
  for (std::uint32_t i = 0; i < p.trace.kept; ++i) {
    const auto one = take<step_numbers>(rest);
    out.push_back({.rule = {rest.data(), one.name_length}, .when = one.when, .what = one.what, .why = one.why});
    rest = rest.subspan(one.name_length);
  }
  return out;
}

system_time time_of(std::int64_t microseconds) noexcept {
  return system_time{std::chrono::duration_cast<system_time::duration>(std::chrono::microseconds{microseconds})};
}

decision made_of(const packed_decision& p) {
  const record_numbers& n = p.record.numbers;
  decision out{.id = std::string{p.record.id},
               .began = time_of(n.began_us),
               .took = std::chrono::microseconds{n.duration_us},
               .client = n.client,
               .client_certificate = std::string{p.record.certificate},
               .method = std::string{p.record.method},
               .path = std::string{p.record.path},
               .query_keys = std::string{p.record.query_keys},
               .route = std::string{p.record.route},
               .status = n.status,
               .why = n.why,
               .would_refuse = n.would_refuse,
               .unreadable = n.unreadable,
               .next = n.next,
               .of_next = n.of_next,
               .origin = std::string{p.record.origin},
               .remedy = n.remedy,
               .aborted = n.aborted,
               .bytes_in = n.bytes_in,
               .bytes_out = n.bytes_out,
               .steps = steps_of(p),
               .dropped_steps = p.trace.dropped};
  append_particulars(out.particulars, p.record);
  append_fix(out.fix, p.record);
  out.because = advice_for(n.why).why;
  return out;
}

bool is_asked_for(const log_record& r, const decision_query& q) noexcept {
  return (!q.why || *q.why == r.numbers.why) && (!q.since || time_of(r.numbers.began_us) >= *q.since);
}

bool simply_passed(const exchange& e, const outcome& o) noexcept {
  return e.why == reason::none && e.would_refuse == reason::none && e.denied.why == reason::none && !o.aborted &&
         number(o.answered) < 400;
}

}  // namespace

decision decision_of(const exchange& e, const outcome& o) {
  packed_buffer buffer;
  return made_of(unpack_decision(pack_decision(e, o, buffer)));
}

struct decision_log::implementation {
  /// The latest `limit` of those that `wanted` takes, the latest first.
  template <typename Wanted>
  std::vector<decision> latest(std::size_t limit, const Wanted& wanted) const {
    std::vector<decision> out;
    packed_buffer copy;
    rings.each([&](const latest_ring& ring) {
      std::vector<decision> here;  // of one loop, the oldest first
      ring.each(copy, [&](std::span<const char> bytes) {
        const packed_decision p = unpack_decision(bytes);
        if (wanted(p.record)) here.push_back(made_of(p));
      });
      const std::size_t kept = std::min(limit, here.size());
      out.insert(out.end(), std::move_iterator{here.end() - static_cast<std::ptrdiff_t>(kept)},
                 std::move_iterator{here.end()});
    });
    // By id where the times are the same: any order, but always that. (Not std::stable_sort: with g++ 12's library it
    // is deprecated to clang.)
    std::ranges::sort(out, std::ranges::greater{}, [](const decision& d) { return std::tie(d.began, d.id); });
    if (out.size() > limit) out.resize(limit);
    return out;
  }

  thread_own<latest_ring> rings;
};

decision_log::decision_log() : impl_(std::make_unique<implementation>()) {}
decision_log::~decision_log() = default;

void decision_log::record(const exchange& e, const outcome& o) noexcept {
  if (simply_passed(e, o)) return;
  packed_buffer buffer;
  impl_->rings.mine(decision_ring_bytes).put(pack_decision(e, o, buffer));
}

std::vector<decision> decision_log::recent(const decision_query& q) const {
  return impl_->latest(q.limit, [&q](const log_record& r) { return is_asked_for(r, q); });
}

std::vector<decision> decision_log::find(std::string_view id_prefix, std::size_t limit) const {
  return impl_->latest(limit, [id_prefix](const log_record& r) { return r.id.starts_with(id_prefix); });
}

std::string_view code(decision_trace::phase p) noexcept {
  switch (p) {
    case decision_trace::phase::request: return "request";
    case decision_trace::phase::reply: return "reply";
    case decision_trace::phase::body: return "body";
    case decision_trace::phase::response: return "response";
    case decision_trace::phase::route: return "route";
    case decision_trace::phase::handler: return "handler";
  }
  return {};
}

std::string_view code(decision_trace::verdict v) noexcept {
  switch (v) {
    case decision_trace::verdict::pass: return "pass";
    case decision_trace::verdict::answer: return "answer";
    case decision_trace::verdict::refuse: return "refuse";
    case decision_trace::verdict::would_refuse: return "would-refuse";
    case decision_trace::verdict::ask: return "ask";
    case decision_trace::verdict::need_body: return "need-body";
    case decision_trace::verdict::replace: return "replace";
  }
  return {};
}

}  // namespace gatehouse
