#include "loop_metrics.hpp"

#include <algorithm>
#include <bit>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::detail::server {
namespace {

using kind = metric_family::kind;
using sample = metric_family::sample;

constexpr std::array<std::string_view, status_classes> class_names{"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

std::size_t class_of(const outcome& o) noexcept {
  return o.unanswered ? 0 : std::min<std::size_t>(number(o.answered) / 100, status_classes - 1);
}

std::size_t route_of(const exchange& e) noexcept {
  return e.route == nullptr ? route_numbers::no_route : e.route->number;
}

/// By the width of a time in nanoseconds: the bucket of the shortest one that is so wide. OPTIMIZATION: bounds are at
/// least twice the one before, so that it is this bucket or the next.
constexpr auto first_buckets = [] {
  std::array<std::uint8_t, 64> all{};
  for (std::size_t width = 1; width < all.size(); ++width) {
    const std::chrono::nanoseconds shortest{std::int64_t{1} << (width - 1)};
    while (all[width] != latency_bounds.size() && shortest > latency_bounds[all[width]]) ++all[width];
  }
  return all;
}();
static_assert(std::ranges::adjacent_find(latency_bounds, [](auto a, auto b) { return 2 * a > b; }) ==
              latency_bounds.end());

/// Of what took no negative time.
std::size_t bucket_of(std::chrono::nanoseconds took) noexcept {
  const std::size_t first =
      first_buckets[static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(took.count())))];
  return first + (first != latency_bounds.size() && took > latency_bounds[first] ? 1 : 0);
}

/// Labels of methods are words of ours: what is no method that we know is one series, whatever it was called.
std::string_view label_of(method m) noexcept { return m == method::unknown ? "other" : to_string(m); }

constexpr double seconds_of(std::chrono::nanoseconds t) noexcept { return std::chrono::duration<double>(t).count(); }

double sum(std::span<const loop_metrics* const> loops, auto counter) {
  std::uint64_t out = 0;
  for (const loop_metrics* l : loops) out += counter(*l).get();
  return static_cast<double>(out);
}

}  // namespace

void loop_metrics::ended(const exchange& e, const outcome& o) noexcept {
  const std::size_t answered = class_of(o);
  by_method_[static_cast<std::size_t>(e.request.verb)][answered].add();
  by_route_[route_of(e)][answered].add();
  const std::chrono::nanoseconds took = std::max(o.ended - e.began, steady_time::duration::zero());
  latency_[bucket_of(took)].add();
  nanoseconds_.add(static_cast<std::uint64_t>(took.count()));
  received_.add(o.request_body_bytes);
  sent_.add(o.response_body_bytes);
  if (o.aborted) aborted_.add();
  if (e.why != reason::none) refused_[static_cast<std::size_t>(e.why)].add();
  if (e.was_untyped) untyped_[route_of(e)].add();
  if (e.next_cors != cors_change::none) cors_next_[route_of(e)][static_cast<std::size_t>(e.next_cors) - 1].add();
  if (e.denied.of_upstream) cors_removed_[route_of(e)].add();
  if (e.denied.why != reason::none) {
    cors_denied_[route_of(e)][static_cast<std::size_t>(e.denied.why) - static_cast<std::size_t>(first_cors_reason)]
        .add();
  }
  if (e.denied.why != reason::none && e.why == reason::none && e.would_refuse == reason::none) {
    unreadable_[static_cast<std::size_t>(e.denied.why)].add();
  }
  if (e.would_refuse == reason::none) return;
  for (const decision_trace::entry& entry : e.trace) {
    if (entry.what == decision_trace::verdict::would_refuse) would_refuse_[static_cast<std::size_t>(entry.why)].add();
  }
}

void loop_metrics::collect(std::span<const loop_metrics* const> loops, const std::vector<std::string>& routes,
                           std::vector<metric_family>& out) {
  const auto single = [&](std::string name, std::string help, kind what, double value) {
    out.push_back({.name = std::move(name), .help = std::move(help), .what = what, .samples = {{.value = value}}});
  };

  metric_family requests{
      .name = "gatehouse_requests_total",
      .help = "Requests that ended, by method and first digit of the status; none: the client left first."};
  double ended = 0;
  for (std::size_t m = 0; m < counted_methods; ++m) {
    for (std::size_t c = 0; c < status_classes; ++c) {
      const double n = sum(loops, [&](const loop_metrics& l) -> auto& { return l.by_method_[m][c]; });
      ended += n;
      requests.samples.push_back({.labels = {{"method", std::string{label_of(static_cast<method>(m))}},
                                             {"status", std::string{class_names[c]}}},
                                  .value = n});
    }
  }
  // Read after what ended: a request that begins and ends in between must not make it negative.
  const double began = sum(loops, [](const loop_metrics& l) -> auto& { return l.began_; });
  out.push_back(std::move(requests));
  single("gatehouse_requests_in_progress", "Requests that have begun and not ended.", kind::gauge,
         std::max(began - ended, 0.0));
  single("gatehouse_requests_aborted_total", "Requests whose answer did not reach its end.", kind::counter,
         sum(loops, [](const loop_metrics& l) -> auto& { return l.aborted_; }));

  metric_family by_route{.name = "gatehouse_route_requests_total",
                         .help = "Requests that ended, by the pattern of the route and first digit of the status."};
  for (std::size_t r = 0; r < routes.size(); ++r) {
    for (std::size_t c = 0; c < status_classes; ++c) {
      by_route.samples.push_back(
          {.labels = {{"route", routes[r]}, {"status", std::string{class_names[c]}}},
           .value = sum(loops, [&](const loop_metrics& l) -> auto& { return l.by_route_[r][c]; })});
    }
  }
  out.push_back(std::move(by_route));

  sample durations{};
  for (std::size_t b = 0; b <= latency_bounds.size(); ++b) {
    durations.count += static_cast<std::uint64_t>(
        sum(loops, [&](const loop_metrics& l) -> auto& { return l.latency_[b]; }));
    if (b < latency_bounds.size()) {
      durations.buckets.push_back({.up_to = seconds_of(latency_bounds[b]), .count = durations.count});
    }
  }
  durations.value = sum(loops, [](const loop_metrics& l) -> auto& { return l.nanoseconds_; }) / 1e9;
  out.push_back({.name = "gatehouse_request_duration_seconds",
                 .help = "From a request's whole head to the end of its answer.",
                 .what = kind::histogram,
                 .samples = {std::move(durations)}});

  metric_family decisions{.name = "gatehouse_decisions_total",
                          .help =
                              "Requests that were refused or failed, those that a rule with report_only would have "
                              "refused, and those answered so that no page of their origin can read it, by reason."};
  for (std::size_t r = 1; r < reason_count; ++r) {
    const std::string why{code(static_cast<reason>(r))};
    decisions.samples.push_back({.labels = {{"decision", "refused"}, {"reason", why}},
                                 .value = sum(loops, [&](const loop_metrics& l) -> auto& { return l.refused_[r]; })});
    decisions.samples.push_back(
        {.labels = {{"decision", "would_refuse"}, {"reason", why}},
         .value = sum(loops, [&](const loop_metrics& l) -> auto& { return l.would_refuse_[r]; })});
    if (!why.starts_with("cors.")) continue;  // of all reasons those that may leave the answer as it is
    decisions.samples.push_back(
        {.labels = {{"decision", "unreadable"}, {"reason", why}},
         .value = sum(loops, [&](const loop_metrics& l) -> auto& { return l.unreadable_[r]; })});
  }
  out.push_back(std::move(decisions));

  metric_family denied{.name = "gatehouse_cors_denied_total",
                       .help = "Cross-origin requests that were denied, whatever was answered, by route and reason."};
  metric_family next{.name = "gatehouse_cors_next_total",
                     .help =
                         "Cross-origin requests that the policy which is tried ([cors_next]) decided too, by route "
                         "and what it would change."};
  metric_family removed{.name = "gatehouse_cors_upstream_fields_total",
                        .help = "Answers whose own CORS fields were removed, by route."};
  for (std::size_t r = 0; r < routes.size(); ++r) {
    for (std::size_t w = 0; w < cors_reason_count; ++w) {
      const auto why = static_cast<reason>(static_cast<std::size_t>(first_cors_reason) + w);
      denied.samples.push_back(
          {.labels = {{"route", routes[r]}, {"reason", std::string{code(why)}}},
           .value = sum(loops, [&](const loop_metrics& l) -> auto& { return l.cors_denied_[r][w]; })});
    }
    for (std::size_t n = 0; n < cors_changes; ++n) {
      next.samples.push_back(
          {.labels = {{"route", routes[r]}, {"change", std::string{to_string(static_cast<cors_change>(n + 1))}}},
           .value = sum(loops, [&](const loop_metrics& l) -> auto& { return l.cors_next_[r][n]; })});
    }
    removed.samples.push_back(
        {.labels = {{"route", routes[r]}},
         .value = sum(loops, [&](const loop_metrics& l) -> auto& { return l.cors_removed_[r]; })});
  }
  out.push_back(std::move(denied));
  out.push_back(std::move(next));
  out.push_back(std::move(removed));

  metric_family untyped{
      .name = "gatehouse_untyped_answers_total",
      .help = "Answers with content and without a usable Content-Type, sent as application/octet-stream, by route."};
  for (std::size_t r = 0; r < routes.size(); ++r) {
    untyped.samples.push_back({.labels = {{"route", routes[r]}},
                               .value = sum(loops, [&](const loop_metrics& l) -> auto& { return l.untyped_[r]; })});
  }
  out.push_back(std::move(untyped));

  single("gatehouse_request_content_bytes_total", "Content of requests, without heads and without what follows a 101.",
         kind::counter, sum(loops, [](const loop_metrics& l) -> auto& { return l.received_; }));
  single("gatehouse_response_content_bytes_total", "Content of answers, without heads and without what follows a 101.",
         kind::counter, sum(loops, [](const loop_metrics& l) -> auto& { return l.sent_; }));
}

}  // namespace gatehouse::detail::server

namespace gatehouse {

std::uint16_t route_numbers::number_of(std::string_view pattern) {
  const std::scoped_lock lock(mutex_);
  const auto at = std::ranges::find(patterns_.begin() + other + 1, patterns_.end(), pattern);
  if (at != patterns_.end()) return static_cast<std::uint16_t>(at - patterns_.begin());
  if (patterns_.size() == count) return other;
  patterns_.emplace_back(pattern);
  return static_cast<std::uint16_t>(patterns_.size() - 1);
}

std::vector<std::string> route_numbers::patterns() const {
  const std::scoped_lock lock(mutex_);
  return patterns_;
}

}  // namespace gatehouse
