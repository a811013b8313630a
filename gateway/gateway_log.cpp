#include "gateway_log.hpp"

#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>

namespace gatehouse::program {
namespace {

/// "Set-Cookie theme: HttpOnly and SameSite=Lax were added. ..."
std::string hint_text(const noted_cookies::entry& c) {
  const std::string name{c.name()};
  std::string out = "Set-Cookie " + name + ": ";
  out += c.http_only_added && c.lax_added ? "HttpOnly and SameSite=Lax were"
         : c.http_only_added              ? "HttpOnly was"
                                          : "SameSite=Lax was";
  out += " added.";
  if (c.http_only_added) out += " If a page's script reads it: cookies.readable_by_scripts = [\"" + name + "\"].";
  if (c.lax_added) out += " If it has to come along from another site: cookies.cross_site = [\"" + name + "\"].";
  return out;
}

}  // namespace

void gateway_log::record(const exchange& e, const outcome& o) noexcept {
  if (quiet_.load(std::memory_order_relaxed)) return;
  if (e.untrusted_forwarding && !told_forwarding_.exchange(true)) {
    to_->note(log_level::warning, "untrusted-forwarding",
              "a proxy at " + e.client.to_string() +
                  " says who its clients are, and is not believed: all of them look like one. If it is yours: "
                  "client_ip.trusted_proxies = [\"" +
                  e.client.to_string() + "\"]");
  }
  if (!e.cookies.empty()) hint_at_cookies(e.cookies);
  decisions_->record(e, o);  // first: who reads the line may ask for it at once
  to_->record(e, o);
}

bool gateway_log::is_first(std::string_view subject) noexcept {
  const std::uint64_t mark = std::hash<std::string_view>{}(subject) | 1U;
  for (auto& told : told_) {
    std::uint64_t was = told.load(std::memory_order_relaxed);
    if (was == 0 && told.compare_exchange_strong(was, mark, std::memory_order_relaxed)) return true;
    if (was == mark) return false;
  }
  return false;
}

void gateway_log::hint_at_cookies(const noted_cookies& of) noexcept {
  for (const noted_cookies::entry& c : of) {
    if (is_first(c.name())) to_->note(log_level::info, "hint", hint_text(c));
  }
  if (of.unreadable && is_first("; unreadable")) {
    to_->note(log_level::warning, "cookie-dropped",
              "a Set-Cookie of the API was not passed on: it has no name, or more than 4096 bytes, and browsers ignore "
              "it or disagree about it");
  }
  if (of.no_memory && is_first("; no memory")) {
    to_->note(log_level::warning, "cookie-dropped",
              "a Set-Cookie of the API was not passed on: its answer sets more cookies than fit into a request "
              "(limits.max_head), and there was no room to write what this one lacks");
  }
}

access_log_options log_options_for(const log_config& c, int descriptor) {
  const bool terminal = ::isatty(descriptor) == 1;
  const bool for_people = c.format == "terminal" || (c.format == "auto" && terminal);
  const char* const no_colour = std::getenv("NO_COLOR");  // https://no-color.org
  return {.descriptor = descriptor,
          .style = for_people ? log_style::terminal : log_style::json,
          .colour = terminal && (no_colour == nullptr || *no_colour == '\0'),
          .client = c.client == "none"      ? logged_client::none
                    : c.client == "network" ? logged_client::network
                                            : logged_client::full,
          .requests = c.requests == "none"       ? logged_requests::none
                      : c.requests == "problems" ? logged_requests::problems
                                                 : logged_requests::all,
          .sample_repeats = c.sample_repeats};
}

}  // namespace gatehouse::program
