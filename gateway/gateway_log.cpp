#include "gateway_log.hpp"

#include <unistd.h>

#include <cstdlib>

namespace gatehouse::program {

void gateway_log::record(const exchange& e, const outcome& o) noexcept {
  if (quiet_.load(std::memory_order_relaxed)) return;
  if (e.untrusted_forwarding && !told_forwarding_.exchange(true)) {
    to_->note(log_level::warning, "untrusted-forwarding",
              "a proxy at " + e.client.to_string() +
                  " says who its clients are, and is not believed: all of them look like one. If it is yours: "
                  "client_ip.trusted_proxies = [\"" +
                  e.client.to_string() + "\"]");
  }
  decisions_->record(e, o);  // first: who reads the line may ask for it at once
  to_->record(e, o);
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
