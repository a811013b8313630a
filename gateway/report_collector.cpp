#include "report_collector.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/origin.hpp>
#include <gatehouse/rules/csp_directives.hpp>

namespace gatehouse::program {
namespace {

using json = nlohmann::json;
constexpr std::size_t max_page_bytes = 256;
constexpr std::size_t max_scheme = 32;
constexpr std::string_view other_directive = "other";  // one that is not known

/// A text member, or nothing. The first of two names: the older form of reports has another for the same.
std::string_view text_of(const json& object, const char* name, const char* older) {
  for (const char* const n : {name, older}) {
    const auto found = object.find(n);
    if (found != object.end() && found->is_string()) return found->get_ref<const std::string&>();
  }
  return {};
}

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

std::string directive_of(std::string_view text) {
  text = text.substr(0, text.find(' '));  // the older violated-directive has the sources behind it
  const auto* const known = std::ranges::find(csp_directive_names, text);
  return std::string{known == csp_directive_names.end() ? other_directive : *known};
}

bool is_scheme(std::string_view text) noexcept {
  return !text.empty() && text.size() <= max_scheme && std::ranges::all_of(text, [](char c) {
    return ascii::is_alpha(c) || ascii::is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

/// Where `://` stands, when there is a scheme before it.
std::size_t end_of_scheme(std::string_view url) noexcept {
  const std::size_t at = url.find("://");
  return at != std::string_view::npos && is_scheme(url.substr(0, at)) ? at : std::string_view::npos;
}

/// https://www.w3.org/TR/CSP3/#obtain-violation-blocked-uri : a word, or a URL, of which only the origin is kept.
std::string blocked_of(std::string_view text) {
  constexpr std::string_view words[] = {
      "inline", "eval", "wasm-eval", "self", "trusted-types-policy", "trusted-types-sink"};
  if (std::ranges::find(words, text) != std::end(words)) return std::string{text};
  const std::size_t scheme = end_of_scheme(text);
  if (scheme != std::string_view::npos) {
    const std::size_t host = scheme + std::string_view{"://"}.size();
    const std::string_view place = text.substr(0, std::min(text.find_first_of("/?#", host), text.size()));
    if (origin::parse(place)) return std::string{place};
    return std::string{text.substr(0, scheme)};
  }
  const std::string_view word = text.substr(0, text.find(':'));
  return is_scheme(word) ? std::string{word} : std::string{"unknown"};
}

std::string page_of(std::string_view url) {
  const std::size_t scheme = end_of_scheme(url);
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + std::string_view{"://"}.size());
  const std::size_t path = url.find('/');
  if (path == std::string_view::npos) return {};
  url.remove_prefix(path);
  return std::string{url.substr(0, std::min(url.find_first_of("?#"), max_page_bytes))};
}

browser_report::kind kind_of(std::string_view type) noexcept {
  if (type == "csp-violation") return browser_report::kind::csp;
  if (type == "coop") return browser_report::kind::coop;
  if (type == "coep") return browser_report::kind::coep;
  return browser_report::kind::other;
}

/// `about` is what the report says of itself; `url` the page, where `about` does not name it.
browser_report report_of(browser_report::kind what, const json& about, std::string_view url) {
  browser_report out{.what = what};
  if (what == browser_report::kind::csp) {
    std::string_view directive = text_of(about, "effectiveDirective", "effective-directive");
    if (directive.empty()) directive = text_of(about, "violatedDirective", "violated-directive");
    out.directive = directive_of(directive);
  }
  out.blocked = blocked_of(text_of(about, "blockedURL", "blocked-uri"));
  const std::string_view page = text_of(about, "documentURL", "document-uri");
  out.page = page_of(page.empty() ? url : page);
  out.enforced = text_of(about, "disposition", "disposition") == "enforce";
  return out;
}

using reports = std::vector<browser_report>;

/// https://www.w3.org/TR/CSP3/#deprecated-serialize-violation
result<reports> read_csp_report(const json& content) {
  const auto about = content.find("csp-report");
  if (about == content.end() || !about->is_object()) return error{reason::http_bad_request};
  return reports{report_of(browser_report::kind::csp, *about, {})};
}

/// https://www.w3.org/TR/reporting-1/#try-delivery
result<reports> read_reports(const json& content) {
  if (!content.is_array()) return error{reason::http_bad_request};
  reports out;
  for (const json& one : content) {
    if (out.size() == max_reports_at_once) break;
    if (!one.is_object()) return error{reason::http_bad_request};
    const auto about = one.find("body");
    const json nothing = json::object();
    out.push_back(report_of(kind_of(text_of(one, "type", "type")),
                            about != one.end() && about->is_object() ? *about : nothing, text_of(one, "url", "url")));
  }
  return out;
}

}  // namespace

result<std::vector<browser_report>> read_browser_reports(std::string_view media_type, std::string_view content) {
  const std::string_view essence = ascii::trim(media_type.substr(0, media_type.find(';')));
  const bool older = ascii::equal_ignoring_case(essence, "application/csp-report");
  if (!older && !ascii::equal_ignoring_case(essence, "application/reports+json")) {
    return error{reason::http_unsupported_media_type};
  }
  const json read = json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (read.is_discarded()) return error{reason::http_bad_request};
  return older ? read_csp_report(read) : read_reports(read);
}

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
