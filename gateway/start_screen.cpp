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
  const bool by_route = std::ranges::any_of(c.routes, [](const route_config& r) { return !r.host.empty(); });
  const std::string also = (by_route ? ", and those of routes" : "") + watched;
  if (!c.host_check.hosts.empty()) return joined(c.host_check.hosts) + also;
  return (only_loopback(c) ? "localhost, 127.0.0.1 and [::1], with any port"
                           : "any, where the listener is not on loopback") +
         also;
}

std::string client_text(const client_ip_config& c) {
  if (c.trusted_proxies.empty()) return "whoever connects; nobody's X-Forwarded-For is believed";
  return fmt::format("from {}, as {} say", c.header, joined(c.trusted_proxies));
}

std::string traces_text(const trace_context_config& c) {
  if (c.begin == "never") return "traceparent is kept where it is valid, and never begun";
  return fmt::format("traceparent is kept where it is valid, else begun ({})", c.begin);
}

bool has_cors(const gateway_config& c) {
  return c.cors || std::ranges::any_of(c.routes, [](const route_config& r) { return r.cors.has_value(); });
}

/// "pages of http://localhost:3000 may read answers, with cookies; others read nothing"
std::string cors_text(const gateway_config& c) {
  if (!c.cors) return "the API's own: its Access-Control-* headers pass as they are (--allow-origin URL takes over)";
  const cors_config& p = *c.cors;
  if (p.upstream_headers == "pass" && !p.enforce) return "the API's own: its Access-Control-* headers pass as they are";
  constexpr std::size_t shown = 5;
  std::string who;
  for (std::size_t i = 0; i < p.origins.size() && i < shown; ++i) who += (i == 0 ? "" : ", ") + p.origins[i];
  if (p.origins.size() > shown) who += fmt::format(" and {} more", p.origins.size() - shown);
  if (p.origins.empty())
    who = "no page of another origin reads an answer";
  else if (p.origins.front() == "*")
    who = "pages of every origin may read answers, without cookies";
  else
    who = "pages of " + who + " may read answers" + (p.credentials ? ", with cookies" : "") + "; others read nothing";
  if (p.enforce) who += " and get 403";
  who += p.methods.empty() ? "" : "; methods: " + joined(p.methods);
  if (p.report_only || c.report_only) who += " (report_only: only logged, and the API's own headers pass)";
  if (c.cors_next) who += "; [cors_next] is tried: what it would change is logged";
  const bool by_route = std::ranges::any_of(c.routes, [](const route_config& r) { return r.cors.has_value(); });
  return who + (by_route ? "; some routes have a policy of their own" : "");
}

/// "what other sites' pages send, WebSockets included, gets 403"
std::string csrf_text(const gateway_config& c) {
  const csrf_config& p = c.csrf;
  const bool by_route = std::ranges::any_of(c.routes, [](const route_config& r) { return r.csrf.has_value(); });
  const std::string elsewhere = by_route ? "; some routes have a guard of their own" : "";
  if (p.dangerously_off) return "OFF: pages of every site may send anything as your users" + elsewhere;
  std::string out = "what changes something gets 403 when another site's page sends it, and so do WebSockets";
  if (!p.trusted_origins.empty()) out += "; trusted: " + joined(p.trusted_origins);
  if (!p.exempt.empty()) out += "; exempt: " + joined(p.exempt);
  if (p.unsafe_get) out += "; GET counts as a change";
  if (p.strict) out += "; strict";
  if (!p.token_keys.empty()) out += p.require_token ? "; own pages need a token" : "; tokens for old browsers";
  if (p.report_only || c.report_only) out += " (report_only: only logged)";
  return out + elsewhere;
}

/// "get HttpOnly, SameSite=Lax and over HTTPS Secure where the API forgot them"
std::string cookies_text(const cookies_config& c) {
  if (c.dangerously_off) return "pass as the API wrote them";
  std::string out = "get HttpOnly, SameSite=Lax and over HTTPS Secure where the API forgot them";
  if (!c.readable_by_scripts.empty()) out += "; for scripts: " + joined(c.readable_by_scripts);
  if (!c.cross_site.empty()) out += "; from other sites: " + joined(c.cross_site);
  if (!c.map_to_host_prefix.empty()) out += "; over HTTPS __Host-: " + joined(c.map_to_host_prefix);
  return out;
}

std::string tls_text(const gateway_config& c) {
  std::string out = c.tls.profile == "modern" ? "1.3 only" : "1.2 and 1.3";
  out += ", certificate " + joined(c.tls.certificate);
  if (c.tls.client_certificate != "none") {
    out += "; client certificates of " + joined(c.tls.client_ca) + ' ' + c.tls.client_certificate;
  }
  if (!c.redirect_from.empty()) out += "; plain HTTP on " + joined(c.redirect_from) + " is sent here";
  return out;
}

bool is_https(const std::vector<std::string>& upstreams) {
  return std::ranges::any_of(upstreams, [](const std::string& url) { return url.starts_with("https:"); });
}

std::string verified_text(const tls_client_config& c) {
  if (c.dangerously_accept_any_certificate) return "NOT verified";
  std::string out = "verified by " + (c.ca.empty() ? "the system's authorities" : joined(c.ca));
  if (!c.server_name.empty()) out += " as " + c.server_name;
  if (!c.certificate.empty()) out += ", shown " + c.certificate;
  return out;
}

/// How the upstreams that are https:// prove who they are; empty: there are none.
std::string upstream_tls_text(const gateway_config& c) {
  std::string out;
  if (is_https(c.upstream)) out = joined(c.upstream) + " is " + verified_text(c.proxy.tls);
  for (const service_config& s : c.services) {
    if (!is_https(s.upstreams)) continue;
    out += (out.empty() ? "" : "; ") + s.name + " is " + verified_text(s.options.tls);
  }
  return out;
}

/// What it means for who has been here once.
std::string strict_transport_text(const gateway_config& c) {
  const std::string value = c.headers.strict_transport_security.value_or(c.headers.profile.starts_with("helmet")
                                                                             ? "max-age=31536000; includeSubDomains"
                                                                             : "max-age=63072000; includeSubDomains");
  if (value.empty()) return "off (headers.strict_transport_security)";
  if (value == "trial") return "trial: browsers insist on HTTPS for five minutes";
  return "browsers insist on HTTPS for this host from their first visit on: " + value +
         "; not for localhost and development certificates";
}

void protections(std::string& out, const gateway_config& c) {
  out += "\n  on\n";
  if (c.tls.is_on()) {
    row(out, "TLS", tls_text(c));
    row(out, "HSTS", strict_transport_text(c));
  }
  if (const std::string to = upstream_tls_text(c); !to.empty()) row(out, "upstream TLS", to);
  row(out, "strict HTTP", "what two servers could read differently is refused: smuggling, splitting, dot segments");
  row(out, "limits", limits_text(c.limits));
  row(out, "deadlines", deadlines_text(c.limits));
  row(out, "connections", fmt::format("{} a client", c.limits.connections_per_client));
  row(out, "Host", hosts_text(c));
  row(out, "CORS", cors_text(c));
  row(out, "CSRF", csrf_text(c));
  row(out, "cookies", cookies_text(c.cookies));
  row(out, "client address", client_text(c.client_ip));
  row(out, "traces", traces_text(c.trace_context));
  row(out, "headers",
      fmt::format("profile {} on every response; fields that name software are removed", c.headers.profile));
  if (c.errors.upstream_5xx == "replace") {
    row(out, "errors", "the API's 5xx reach clients as a bland document with an id; the original is shown here");
  } else if (c.errors.upstream_5xx == "replace_leaks") {
    row(out, "errors",
        "the API's 5xx in which traces, paths, addresses or SQL are found reach clients as a bland document; the "
        "original is shown here");
  }
  if (c.errors.upstream_4xx == "replace_leaks") row(out, "", "so do its 4xx in which something of that is found");
  if (!c.telemetry.listen.empty()) {
    row(out, "telemetry", "/metrics, /health and /ready on " + joined(c.telemetry.listen));
  }
}

/// What `report_only` changes and, above all, what it does not.
void watched(std::string& out, const gateway_config& c) {
  if (!c.report_only) return;
  out += "\n  report_only\n";
  row(out, "only watched",
      has_cors(c) ? "Host, CORS, CSRF: what would be refused is let through and logged as would_refuse"
                  : "Host, CSRF: what would be refused is let through and logged as would_refuse");
  row(out, "still enforced", "strict HTTP, limits, deadlines, connections; headers, cookies and error hygiene stay on");
}

void exits(std::string& out, const config_report& report) {
  if (report.warnings() == 0) return;
  out += "\n  exits in use\n";
  for (const config_problem& p : report.problems) {
    if (p.how_bad == severity::warning) out += "    ! " + p.what.message + "\n";
  }
}

std::string health_text(const proxy_options& o, std::size_t upstreams) {
  std::string out;
  if (upstreams > 1) out += ", " + o.balance;
  if (!o.active_health.path.empty()) {
    out += fmt::format(", asked for {} every {}", o.active_health.path, time_text(o.active_health.interval));
  }
  return out;
}

std::string service_text(const gateway_config& c, const std::string& name) {
  const auto at = std::ranges::find(c.services, name, &service_config::name);
  if (at == c.services.end()) return joined(c.upstream) + health_text(c.proxy, c.upstream.size());
  return name + " (" + joined(at->upstreams) + health_text(at->options, at->upstreams.size()) + ')';
}

std::string route_text(const route_config& r) {
  const std::string hosts = r.host.empty() ? "" : joined(r.host);
  return (r.methods.empty() ? "" : joined(r.methods) + ' ') + hosts + r.match;
}

/// Nothing when everything goes to `upstream`.
void routes(std::string& out, const gateway_config& c) {
  if (c.routes.empty()) return;
  constexpr std::size_t shown_at_most = 20;
  out += "\n  routes\n";
  for (std::size_t i = 0; i < c.routes.size(); ++i) {
    if (i == shown_at_most) {
      fmt::format_to(std::back_inserter(out), "    and {} more\n", c.routes.size() - i);
      break;
    }
    fmt::format_to(std::back_inserter(out), "    {:<30} {}\n", route_text(c.routes[i]),
                   service_text(c, c.routes[i].service));
  }
  if (!c.upstream.empty()) fmt::format_to(std::back_inserter(out), "    {:<30} {}\n", "all else", service_text(c, {}));
}

std::string front_of(const gateway_config& c) {
  if (c.routes.empty()) return service_text(c, {});
  const std::size_t services = c.services.size() + (c.upstream.empty() ? 0 : 1);
  return fmt::format("{} route{} to {} service{}", c.routes.size(), c.routes.size() == 1 ? "" : "s", services,
                     services == 1 ? "" : "s");
}

/// Which of file and flags said something, and that the flag won where both did.
std::string settings_text(const loaded_config& s) {
  std::string out = s.sources.file();
  for (const std::string_view key : {"upstream", "listen", "cors.origins"}) {
    const source_position where = s.sources.find(key);
    if (where.line == 0 && out != "the command line") out += ", " + where.file + " (wins over the file)";
  }
  return out;
}

}  // namespace

std::string start_screen(const loaded_config& settings, const std::vector<std::string>& addresses) {
  const gateway_config& c = settings.config;
  std::string out = fmt::format("\n  {} is in front of {}\n", joined(addresses), front_of(c));
  if (const std::string from = settings_text(settings); from != "the command line") out += "  settings: " + from + "\n";
  routes(out, c);
  protections(out, c);
  watched(out, c);
  exits(out, settings.report);
  // A certificate is for a name, seldom for an address.
  const std::string insecure = c.tls.is_on() ? "--insecure " : "";
  out += fmt::format("\n  try   curl -i {}{}/\n  stop  Ctrl-C\n\n", insecure, addresses.front());
  return out;
}

std::string start_sentence(const loaded_config& settings, const std::vector<std::string>& addresses) {
  const gateway_config& c = settings.config;
  return fmt::format(
      "listening on {} in front of {}; {}; deadlines: {}; {} connections a client; Host: {}; CORS: {}; CSRF: {}; "
      "cookies: {}; client address: {}; "
      "headers: {}; upstream_5xx: {}{}{}",
      joined(addresses), front_of(c), limits_text(c.limits), deadlines_text(c.limits), c.limits.connections_per_client,
      hosts_text(c), cors_text(c), csrf_text(c), cookies_text(c.cookies), client_text(c.client_ip), c.headers.profile,
      c.errors.upstream_5xx, upstream_tls_text(c).empty() ? "" : "; upstream TLS: " + upstream_tls_text(c),
      !c.report_only ? ""
      : has_cors(c)  ? "; report_only: the host check, CORS and the CSRF guard only watch; strict HTTP, limits and "
                       "deadlines stay enforced"
                     : "; report_only: the host check and the CSRF guard only watch; strict HTTP, limits and deadlines "
                       "stay enforced");
}

}  // namespace gatehouse::program
