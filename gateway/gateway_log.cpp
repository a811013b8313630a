#include "gateway_log.hpp"

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

access_log_options log_options_for(std::string_view format) {
  access_log_options out = log_to_stderr();
  const bool terminal = out.style == log_style::terminal;
  if (format != "auto") out.style = format == "terminal" ? log_style::terminal : log_style::json;
  const char* const no_colour = std::getenv("NO_COLOR");  // https://no-color.org
  out.colour = terminal && (no_colour == nullptr || *no_colour == '\0');
  return out;
}

}  // namespace gatehouse::program
