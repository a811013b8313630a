#include "upstream_log.hpp"

#include <array>
#include <chrono>

#include <gatehouse/base/ascii.hpp>

#include "without_secrets.hpp"

namespace gatehouse::program {
namespace {

constexpr std::int64_t pause_ms = 10'000;
constexpr std::size_t longest_line = 200;

std::int64_t now_ms() noexcept {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct entity {
  std::string_view text;
  std::string_view means;
};
constexpr std::array entities{entity{"&nbsp;", " "}, entity{"&quot;", "\""}, entity{"&#39;", "'"},
                              entity{"&lt;", "<"},   entity{"&gt;", ">"},    entity{"&amp;", "&"}};

/// HTML without its tags, each tag a line end: enough for the error pages of frameworks.
std::string text_of_html(std::string_view html) {
  if (const auto head = html.find("</head>"); head != std::string_view::npos) html.remove_prefix(head);
  std::string out;
  while (!html.empty()) {
    if (html.front() == '<') {
      html.remove_prefix(
          std::min(html.size(), html.find('>') == std::string_view::npos ? html.size() : html.find('>') + 1));
      out += '\n';
      continue;
    }
    std::string_view piece = html.substr(0, 1);
    std::string_view means = piece;
    for (const entity& e : entities) {
      if (html.starts_with(e.text)) piece = e.text, means = e.means;
    }
    out.append(means);
    html.remove_prefix(piece.size());
  }
  return out;
}

}  // namespace

std::string first_line(std::string_view body) {
  const bool html = ascii::trim(body).starts_with('<');
  const std::string text = html ? text_of_html(body) : std::string{body};
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find_first_of("\r\n"));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::string_view trimmed = ascii::trim(line);
    if (!trimmed.empty()) return std::string{trimmed.substr(0, longest_line)};
  }
  return {};
}

void upstream_log::say(log_level level, std::string_view event, std::string_view text, std::string_view id) noexcept {
  if (!quiet_.load(std::memory_order_relaxed)) log_->note(level, event, text, id);
}

void upstream_log::on_unreachable(const exchange& e, std::string_view /*address*/, int /*error_number*/,
                                  std::string_view text) noexcept {
  const std::int64_t now = now_ms();
  std::int64_t until = quiet_until_ms_.load(std::memory_order_relaxed);
  if (now < until || !quiet_until_ms_.compare_exchange_strong(until, now + pause_ms)) {
    unsaid_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  std::string line{text};
  if (const std::uint64_t before = unsaid_.exchange(0); before > 0) {
    line += " (also for " + std::to_string(before) + " requests before)";
  }
  say(log_level::error, "upstream-down", line, e.id);
}

void upstream_log::on_error_replaced(const exchange& e, status answered, std::string_view body) noexcept {
  const std::string known = without_secrets(body, e.request);
  const std::string original = style_ == log_style::terminal ? first_line(known) : known;
  std::string line = "the upstream's " + std::to_string(number(answered)) + " was replaced";
  if (e.leaked != leak::none) line.append(", for it holds ").append(describe(e.leaked));
  line += original.empty() ? "; it had no content" : "; it said: " + original;
  say(log_level::error, "upstream-error", line, e.id);
}

void upstream_log::on_broken_response(const exchange& e, std::string_view address, reason why) noexcept {
  std::string line = "the answer of " + std::string{address} + " was not passed on: ";
  line += code(why);
  say(log_level::error, "upstream-broken", line, e.id);
}

void upstream_log::on_health_changed(std::string_view /*address*/, bool in_use, std::string_view text) noexcept {
  say(in_use ? log_level::info : log_level::warning, in_use ? "upstream-in" : "upstream-out", text, {});
}

void upstream_log::on_powered_by(std::string_view product) noexcept {
  if (!product.starts_with("Express")) return;
  say(log_level::info, "hint",
      "the upstream is Express: with app.set('trust proxy', 1) it knows its clients' addresses and that they "
      "use HTTPS; "
      "without, packages such as express-rate-limit complain about X-Forwarded-For",
      {});
}

void upstream_log::on_page(const exchange& e) noexcept {
  say(log_level::info, "hint",
      "this is a page, and the policy for an API shows it blank: headers.profile = \"spa\" renders the build of a "
      "frontend, \"page\" what an application renders with a nonce",
      e.id);
}

void upstream_log::on_untyped(const exchange& e) noexcept {
  std::string line = "an answer of ";
  line += e.route == nullptr ? std::string_view{"the upstream"} : std::string_view{e.route->pattern};
  line +=
      " came with content and without a Content-Type, and was sent as application/octet-stream: browsers guess what "
      "is not named, and run it. Further ones of this route are counted (gatehouse_untyped_answers_total)";
  say(log_level::info, "hint", line, e.id);
}

}  // namespace gatehouse::program
