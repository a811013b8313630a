#include "start_screen.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <gatehouse/config/units.hpp>
#include <gatehouse/net/endpoint.hpp>

namespace gatehouse::program {
namespace {

std::string joined(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& one : all) out += (out.empty() ? "" : ", ") + one;
  return out;
}

std::string time_text(milliseconds t) { return duration_text(static_cast<std::uint64_t>(t.count())); }

bool only_loopback(const gateway_config& c) {
  return std::ranges::all_of(c.listen, [](const std::string& text) {
    const auto parsed = endpoint::parse(text);
    return !parsed || parsed->address.is_loopback();
  });
}

void row(std::string& out, std::string_view name, std::string_view says) {
  fmt::format_to(std::back_inserter(out), "    {:<14} {}\n", name, says);
}

std::string limits_text(const limits& l) {
  return fmt::format("head {} and {} fields, target {}, body {}", size_text(l.head_bytes), l.fields,
                     size_text(l.target_bytes), l.body_bytes == 0 ? "none" : size_text(l.body_bytes));
}

std::string deadlines_text(const limits& l) {
  std::string rate = l.body_min_bytes_per_second == 0 ? "at any rate" : size_text(l.body_min_bytes_per_second) + "/s";
  return fmt::format("head {}, body {} between pieces and {}, idle {}", time_text(l.head_timeout),
                     time_text(l.body_idle_timeout), rate, time_text(l.idle_timeout));
}

std::string hosts_text(const gateway_config& c) {
  const std::string watched = c.report_only || c.host_check.report_only ? " (report_only: others are only logged)" : "";
  if (!c.host_check.hosts.empty()) return joined(c.host_check.hosts) + watched;
  return (only_loopback(c) ? "localhost, 127.0.0.1 and [::1], with any port"
                           : "any, where the listener is not on loopback") +
         watched;
}

std::string client_text(const client_ip_config& c) {
  if (c.trusted_proxies.empty()) return "whoever connects; nobody's X-Forwarded-For is believed";
  return fmt::format("from {}, as {} say", c.header, joined(c.trusted_proxies));
}

void protections(std::string& out, const gateway_config& c) {
  out += "\n  on\n";
  row(out, "strict HTTP", "what two servers could read differently is refused: smuggling, splitting, dot segments");
  row(out, "limits", limits_text(c.limits));
  row(out, "deadlines", deadlines_text(c.limits));
  row(out, "connections", fmt::format("{} a client", c.limits.connections_per_client));
  row(out, "Host", hosts_text(c));
  row(out, "client address", client_text(c.client_ip));
  row(out, "headers",
      fmt::format("profile {} on every response; fields that name software are removed", c.headers.profile));
  if (c.errors.upstream_5xx == "replace") {
    row(out, "errors", "the API's 5xx reach clients as a bland document with an id; the original is shown here");
  }
}

void exits(std::string& out, const config_report& report) {
  if (report.warnings() == 0) return;
  out += "\n  exits in use\n";
  for (const config_problem& p : report.problems) {
    if (p.how_bad == severity::warning) out += "    ! " + p.what.message + "\n";
  }
}

/// Which of file and flags said something, and that the flag won where both did.
std::string settings_text(const loaded_config& s) {
  std::string out = s.sources.file();
  for (const std::string_view key : {"upstream", "listen"}) {
    const source_position where = s.sources.find(key);
    if (where.line == 0 && out != "the command line") out += ", " + where.file + " (wins over the file)";
  }
  return out;
}

}  // namespace

std::string start_screen(const loaded_config& settings, const std::vector<std::string>& addresses) {
  const gateway_config& c = settings.config;
  std::string out = fmt::format("\n  {} is in front of {}\n", joined(addresses), c.upstream.front());
  if (const std::string from = settings_text(settings); from != "the command line") out += "  settings: " + from + "\n";
  protections(out, c);
  exits(out, settings.report);
  out += fmt::format("\n  try   curl -i {}/\n  stop  Ctrl-C\n\n", addresses.front());
  return out;
}

std::string start_sentence(const loaded_config& settings, const std::vector<std::string>& addresses) {
  const gateway_config& c = settings.config;
  return fmt::format(
      "listening on {} in front of {}; {}; deadlines: {}; {} connections a client; Host: {}; client address: {}; "
      "headers: {}; upstream_5xx: {}",
      joined(addresses), c.upstream.front(), limits_text(c.limits), deadlines_text(c.limits),
      c.limits.connections_per_client, hosts_text(c), client_text(c.client_ip), c.headers.profile,
      c.errors.upstream_5xx);
}

}  // namespace gatehouse::program
