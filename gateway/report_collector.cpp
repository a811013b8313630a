#include "report_collector.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <utility>

#include <gatehouse/rules/csp_directives.hpp>

namespace gatehouse::program {
namespace {

std::int64_t now_ms() noexcept {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// In a sentence. It is a stranger's words: the log escapes them.
std::string text_of(const browser_report& r) {
  std::string out;
  switch (r.what) {
    case browser_report::kind::csp: out = r.directive + " of the Content-Security-Policy"; break;
    case browser_report::kind::coop: out = "the Cross-Origin-Opener-Policy"; break;
    case browser_report::kind::coep: out = "the Cross-Origin-Embedder-Policy"; break;
    case browser_report::kind::other: return "something that is no policy's violation";
  }
  out.append(r.enforced ? " forbade " : " would forbid ").append(r.blocked);
  if (!r.page.empty()) out.append(" on ").append(r.page);
  return out;
}

}  // namespace

struct report_collector::counts {
  static constexpr std::size_t kinds = 4;
  static constexpr std::size_t directives = csp_directive_names.size() + 1;  // the last: another one

  std::array<std::array<std::atomic<std::uint64_t>, 2>, directives> csp{};  // [1]: enforced
  std::array<std::array<std::atomic<std::uint64_t>, 2>, kinds> others{};
  std::atomic<std::uint64_t> unreadable{0};
  std::atomic<std::uint64_t> too_many{0};
  std::atomic<std::int64_t> second{0};
  std::atomic<std::uint64_t> in_second{0};

  /// Whether one more may be looked at now. Two loops may both begin a second: then it has a few more.
  bool may_look(std::size_t more) noexcept {
    const std::int64_t now = now_ms() / 1000;
    if (second.exchange(now, std::memory_order_relaxed) != now) in_second.store(0, std::memory_order_relaxed);
    return in_second.fetch_add(more, std::memory_order_relaxed) < max_reports_per_second;
  }
  void count(const browser_report& r) noexcept {
    const std::size_t at = r.enforced ? 1 : 0;
    if (r.what == browser_report::kind::csp) {
      const auto* const known = std::ranges::find(csp_directive_names, r.directive);
      ++csp[static_cast<std::size_t>(known - csp_directive_names.begin())][at];
    } else {
      ++others[static_cast<std::size_t>(r.what)][at];
    }
  }
};

report_collector::report_collector(std::function<void(const browser_report&)> told)
    : counts_(std::make_unique<counts>()), told_(std::move(told)) {}
report_collector::~report_collector() = default;

void report_collector::handle(call& c) const noexcept {
  c.response().status(status::no_content);
  if (!counts_->may_look(1)) {
    ++counts_->too_many;
    return c.respond({}, response_source::gatehouse);
  }
  const auto type = c.head().fields.get(field::content_type);
  const auto read = read_browser_reports(type.value_or(""), c.content());
  if (!read) {
    ++counts_->unreadable;
    return c.fail(read.error().why);
  }
  for (const browser_report& r : *read) {
    counts_->count(r);
    if (told_) told_(r);
  }
  c.respond({}, response_source::gatehouse);
}

void report_collector::collect(std::vector<metric_family>& out) const {
  metric_family all{.name = "gatehouse_browser_reports_total",
                    .help = "What browsers reported, by kind, directive and whether it was enforced."};
  const auto add = [&all](std::string_view kind, std::string_view directive, const auto& counted) {
    for (const bool enforced : {false, true}) {
      const std::uint64_t n = counted[enforced ? 1 : 0].load(std::memory_order_relaxed);
      const bool always = directive.empty() || directive == other_directive;  // so that the name is there to be asked
                                                                              // for
      if (n == 0 && !always) continue;
      all.samples.push_back({.labels = {{"kind", std::string{kind}},
                                        {"directive", std::string{directive}},
                                        {"disposition", enforced ? "enforce" : "report"}},
                             .value = static_cast<double>(n)});
    }
  };
  for (std::size_t i = 0; i < counts::directives; ++i) {
    add("csp", i < csp_directive_names.size() ? csp_directive_names[i] : other_directive, counts_->csp[i]);
  }
  for (const auto& [kind, name] :
       {std::pair{browser_report::kind::coop, "coop"}, std::pair{browser_report::kind::coep, "coep"},
        std::pair{browser_report::kind::other, "other"}}) {
    add(name, "", counts_->others[static_cast<std::size_t>(kind)]);
  }
  metric_family dropped{.name = "gatehouse_browser_reports_dropped_total",
                        .help = "Requests with reports that were not looked at, by why."};
  dropped.samples.push_back({.labels = {{"why", "too-many"}}, .value = static_cast<double>(counts_->too_many.load())});
  dropped.samples.push_back(
      {.labels = {{"why", "unreadable"}}, .value = static_cast<double>(counts_->unreadable.load())});
  out.push_back(std::move(all));
  out.push_back(std::move(dropped));
}

void browser_report_log::tell(const browser_report& r) {
  constexpr std::int64_t pause_ms = 1000;
  const std::int64_t now = now_ms();
  std::int64_t until = quiet_until_ms_.load(std::memory_order_relaxed);
  if (now < until || !quiet_until_ms_.compare_exchange_strong(until, now + pause_ms)) {
    unsaid_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  std::string text = "a browser reports: " + text_of(r);
  if (const std::uint64_t before = unsaid_.exchange(0); before > 0) {
    text.append(" (also ").append(std::to_string(before)).append(" reports before)");
  }
  to_->note(log_level::warning, "browser-report", text);
}

}  // namespace gatehouse::program
