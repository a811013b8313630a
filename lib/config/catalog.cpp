#include <gatehouse/config/catalog.hpp>

#include <algorithm>
#include <array>

namespace gatehouse {
namespace {

using c = gateway_config;
using l = limits;
using h = security_headers_config;
using p = proxy_options;

/// The member at the end of a path of members: at<&gateway_config::limits, &limits::fields>.
template <auto... Path>
constexpr auto at = +[](gateway_config& config) -> auto& { return (config.*....*Path); };

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint64_t gib = 1024 * mib;
constexpr std::uint64_t second = 1'000;
constexpr std::uint64_t minute = 60 * second;
constexpr std::uint64_t hour = 60 * minute;
constexpr std::uint64_t u32 = UINT32_MAX;

// Every numeric key has a most, too: a slip of three zeros is then a message, not a machine without memory.
constexpr std::array catalog{
    // ---------------------------------------------------------------- what stands where
    catalog_entry{.key = "listen",
                  .kind = value_kind::text_list,
                  .member = at<&c::listen>,
                  .example = "\"127.0.0.1:8080\"",
                  .summary = "Address and port to listen on, or a list of them. Port 0 picks a free one."},
    catalog_entry{
        .key = "upstream",
        .kind = value_kind::text_list,
        .member = at<&c::upstream>,
        .example = "\"http://127.0.0.1:5000\"",
        .summary = "The API to protect: `http://` with host and port, nothing behind it. A list may hold one for now."},
    catalog_entry{
        .key = "hosts",
        .kind = value_kind::text_list,
        .member = at<&c::host_check, &host_check_config::hosts>,
        .example = "[\"api.example.com\"]",
        .summary =
            "The `Host` values that are answered. Empty: the loopback names on a loopback listener, any elsewhere."},
    catalog_entry{.key = "threads",
                  .kind = value_kind::count,
                  .member = at<&c::threads>,
                  .range = {0, 256},
                  .example = "4",
                  .summary = "Event loops. 0: one a core."},
    catalog_entry{.key = "insecure_plain_http",
                  .kind = value_kind::boolean,
                  .member = at<&c::insecure_plain_http>,
                  .example = "true",
                  .summary = "Allows plain HTTP on an address that other machines reach. Whoever is on the way reads "
                             "and changes everything."},
    catalog_entry{
        .key = "report_only",
        .kind = value_kind::boolean,
        .member = at<&c::report_only>,
        .example = "true",
        .summary = "Rules that can block only watch (for now: the host check). Strict HTTP and limits stay enforced."},
    // ---------------------------------------------------------------- headers
    catalog_entry{
        .key = "headers.profile",
        .kind = value_kind::text,
        .member = at<&c::headers, &h::profile>,
        .example = "\"api\"",
        .summary = "Which security headers every response gets: `api`, or `api-1` to stay with today's version of it."},
    catalog_entry{.key = "headers.content_security_policy",
                  .kind = value_kind::text,
                  .member = at<&c::headers, &h::content_security_policy>,
                  .example = "\"default-src 'none'\"",
                  .summary = "This value instead of the profile's; `\"\"` sends none. So for all below."},
    catalog_entry{.key = "headers.strict_transport_security",
                  .kind = value_kind::text,
                  .member = at<&c::headers, &h::strict_transport_security>,
                  .example = "\"max-age=63072000\"",
                  .summary = "Sent over HTTPS only."},
    catalog_entry{.key = "headers.x_frame_options",
                  .kind = value_kind::text,
                  .member = at<&c::headers, &h::x_frame_options>,
                  .example = "\"DENY\"",
                  .summary = "Who may frame a response."},
    catalog_entry{.key = "headers.referrer_policy",
                  .kind = value_kind::text,
                  .member = at<&c::headers, &h::referrer_policy>,
                  .example = "\"no-referrer\"",
                  .summary = "What a browser tells the next site about this one."},
    catalog_entry{.key = "headers.cross_origin_resource_policy",
                  .kind = value_kind::text,
                  .member = at<&c::headers, &h::cross_origin_resource_policy>,
                  .example = "\"same-origin\"",
                  .summary = "Which sites may load a response as an image or a script."},
    catalog_entry{.key = "headers.cross_origin_opener_policy",
                  .kind = value_kind::text,
                  .member = at<&c::headers, &h::cross_origin_opener_policy>,
                  .example = "\"same-origin\"",
                  .summary = "Which windows keep a handle on each other."},
    catalog_entry{.key = "headers.cache_control",
                  .kind = value_kind::text,
                  .member = at<&c::headers, &h::cache_control>,
                  .example = "\"no-store\"",
                  .summary = "For responses that say nothing about caching themselves."},
    // ---------------------------------------------------------------- who is the client
    catalog_entry{.key = "client_ip.trusted_proxies",
                  .kind = value_kind::text_list,
                  .member = at<&c::client_ip, &client_ip_config::trusted_proxies>,
                  .example = "[\"10.0.0.0/8\"]",
                  .summary = "Addresses or ranges whose word about the client is believed. Empty: nobody's."},
    catalog_entry{.key = "client_ip.header",
                  .kind = value_kind::text,
                  .member = at<&c::client_ip, &client_ip_config::header>,
                  .example = "\"x-forwarded-for\"",
                  .summary = "Where they say it: `x-forwarded-for`, `forwarded`, `none`, or the name of a header that "
                             "holds one address."},
    catalog_entry{.key = "client_ip.max_hops",
                  .kind = value_kind::count,
                  .member = at<&c::client_ip, &client_ip_config::max_hops>,
                  .range = {1, 100},
                  .example = "20",
                  .summary = "How many addresses of that header are looked at."},
    // ---------------------------------------------------------------- limits: the head
    catalog_entry{.key = "limits.max_head",
                  .kind = value_kind::size,
                  .member = at<&c::limits, &l::head_bytes>,
                  .range = {kib, 64 * kib},
                  .example = "\"16KiB\"",
                  .summary = "Request line and header fields together. Over it: 431."},
    catalog_entry{.key = "limits.max_target",
                  .kind = value_kind::size,
                  .member = at<&c::limits, &l::target_bytes>,
                  .range = {64, 64 * kib},
                  .example = "\"4KiB\"",
                  .summary = "Path and query. Over it: 414. At most `limits.max_head`."},
    catalog_entry{.key = "limits.max_fields",
                  .kind = value_kind::count,
                  .member = at<&c::limits, &l::fields>,
                  .range = {1, max_field_lines - 32},
                  .example = "64",
                  .summary = "Header fields of a request. Over it: 431."},
    // ---------------------------------------------------------------- limits: bodies
    catalog_entry{.key = "limits.max_body",
                  .kind = value_kind::size,
                  .member = at<&c::limits, &l::body_bytes>,
                  .range = {0, 1024 * gib},
                  .example = "\"1MiB\"",
                  .summary = "A request's body. Over it: 413. 0: none is accepted."},
    catalog_entry{.key = "limits.max_buffered_bodies",
                  .kind = value_kind::size,
                  .member = at<&c::limits, &l::buffered_body_bytes_total>,
                  .range = {mib, 1024 * gib},
                  .example = "\"256MiB\"",
                  .summary = "Bodies that are held in memory, of the whole process. Over it: 503."},
    catalog_entry{.key = "limits.max_chunk_extension",
                  .kind = value_kind::size,
                  .member = at<&c::limits, &l::chunk_extension_bytes>,
                  .range = {0, 4 * kib},
                  .example = "\"256B\"",
                  .summary = "Extensions of one chunk; they are dropped."},
    catalog_entry{.key = "limits.max_trailers",
                  .kind = value_kind::size,
                  .member = at<&c::limits, &l::trailer_bytes>,
                  .range = {0, 64 * kib},
                  .example = "\"4KiB\"",
                  .summary = "Trailers of one body; they are dropped."},
    // ---------------------------------------------------------------- limits: time
    catalog_entry{.key = "limits.head_timeout",
                  .kind = value_kind::duration,
                  .member = at<&c::limits, &l::head_timeout>,
                  .range = {100, hour},
                  .example = "\"10s\"",
                  .summary = "From the first byte of a request to the end of its head: 408."},
    catalog_entry{.key = "limits.body_idle_timeout",
                  .kind = value_kind::duration,
                  .member = at<&c::limits, &l::body_idle_timeout>,
                  .range = {100, hour},
                  .example = "\"15s\"",
                  .summary = "Between two pieces of a body: 408."},
    catalog_entry{.key = "limits.min_body_rate",
                  .kind = value_kind::size,
                  .member = at<&c::limits, &l::body_min_bytes_per_second>,
                  .range = {0, gib},
                  .example = "\"1KiB\"",
                  .summary = "Bytes a second that a body must arrive with, on average: 408. 0: any."},
    catalog_entry{.key = "limits.body_rate_grace",
                  .kind = value_kind::duration,
                  .member = at<&c::limits, &l::body_rate_grace>,
                  .range = {100, hour},
                  .example = "\"10s\"",
                  .summary = "Before this the rate is not judged."},
    catalog_entry{.key = "limits.write_stall_timeout",
                  .kind = value_kind::duration,
                  .member = at<&c::limits, &l::write_stall_timeout>,
                  .range = {100, hour},
                  .example = "\"30s\"",
                  .summary = "A client that reads nothing of its response for so long is cut off."},
    catalog_entry{.key = "limits.idle_timeout",
                  .kind = value_kind::duration,
                  .member = at<&c::limits, &l::idle_timeout>,
                  .range = {100, 24 * hour},
                  .example = "\"75s\"",
                  .summary = "A kept-alive connection without a request."},
    catalog_entry{
        .key = "limits.linger_timeout",
        .kind = value_kind::duration,
        .member = at<&c::limits, &l::linger_timeout>,
        .range = {0, minute},
        .example = "\"2s\"",
        .summary = "After an early answer: how long the unread rest is read and dropped, so that the answer arrives."},
    catalog_entry{.key = "limits.max_linger",
                  .kind = value_kind::size,
                  .member = at<&c::limits, &l::linger_bytes>,
                  .range = {0, 64 * mib},
                  .example = "\"32MiB\"",
                  .summary = "And how much of it."},
    catalog_entry{.key = "limits.shutdown_timeout",
                  .kind = value_kind::duration,
                  .member = at<&c::limits, &l::shutdown_timeout>,
                  .range = {0, hour},
                  .example = "\"10s\"",
                  .summary = "After SIGTERM: how long running requests may take; then they are cut."},
    // ---------------------------------------------------------------- limits: connections and responses
    catalog_entry{.key = "limits.max_connection_requests",
                  .kind = value_kind::count,
                  .member = at<&c::limits, &l::requests_per_connection>,
                  .range = {1, u32},
                  .example = "10000",
                  .summary = "Requests on one connection; then it is closed."},
    catalog_entry{.key = "limits.max_connection_age",
                  .kind = value_kind::duration,
                  .member = at<&c::limits, &l::connection_age>,
                  .range = {second, 24 * hour},
                  .example = "\"1h\"",
                  .summary = "Older ones are closed after their request."},
    catalog_entry{
        .key = "limits.max_connections_per_client",
        .kind = value_kind::count,
        .member = at<&c::limits, &l::connections_per_client>,
        .range = {1, u32},
        .example = "256",
        .summary =
            "Of one address (IPv6: of one /64). Trusted proxies are exempt, and loopback on loopback listeners."},
    catalog_entry{.key = "limits.max_connections",
                  .kind = value_kind::count,
                  .member = at<&c::limits, &l::connections>,
                  .range = {0, u32},
                  .example = "10000",
                  .summary = "Of the whole process. 0: four fifths of the descriptors it may open."},
    // ---------------------------------------------------------------- how the upstream is asked
    catalog_entry{.key = "proxy.host",
                  .kind = value_kind::choice,
                  .member = at<&c::proxy, &p::host>,
                  .choices = "client | upstream",
                  .example = "\"client\"",
                  .summary = "The `Host` that the upstream sees: what the client sent, or the upstream's own."},
    catalog_entry{.key = "proxy.connect_timeout",
                  .kind = value_kind::duration,
                  .member = at<&c::proxy, &p::connect_timeout>,
                  .range = {10, minute},
                  .example = "\"2s\"",
                  .summary = "To connect, all its addresses together: 504."},
    catalog_entry{.key = "proxy.first_byte_timeout",
                  .kind = value_kind::duration,
                  .member = at<&c::proxy, &p::first_byte_timeout>,
                  .range = {100, 24 * hour},
                  .example = "\"30s\"",
                  .summary = "From the whole request to the head of the answer: 504."},
    catalog_entry{
        .key = "proxy.response_idle_timeout",
        .kind = value_kind::duration,
        .member = at<&c::proxy, &p::response_idle_timeout>,
        .range = {100, 24 * hour},
        .example = "\"1m\"",
        .summary = "Between two pieces of an answer; not of event streams and WebSockets: the answer is cut."},
    catalog_entry{
        .key = "proxy.keep_alive_timeout",
        .kind = value_kind::duration,
        .member = at<&c::proxy, &p::keep_alive_timeout>,
        .range = {0, hour},
        .example = "\"4s\"",
        .summary =
            "How long an idle connection to the upstream is kept. Below the upstream's own: Node closes after 5 s."},
    catalog_entry{.key = "proxy.max_idle_connections",
                  .kind = value_kind::count,
                  .member = at<&c::proxy, &p::idle_connections>,
                  .range = {0, 65'535},
                  .example = "64",
                  .summary = "Of each event loop."},
    catalog_entry{.key = "proxy.max_connections",
                  .kind = value_kind::count,
                  .member = at<&c::proxy, &p::connections>,
                  .range = {1, 65'535},
                  .example = "1024",
                  .summary = "Of each event loop. Above it: 503."},
    // ---------------------------------------------------------------- the rest
    catalog_entry{.key = "errors.upstream_5xx",
                  .kind = value_kind::choice,
                  .member = at<&c::errors, &error_hygiene_config::upstream_5xx>,
                  .choices = "replace | pass",
                  .example = "\"replace\"",
                  .summary = "What a client sees of an upstream's 500 to 599: a bland problem document, or whatever "
                             "the upstream wrote."},
    catalog_entry{.key = "log.format",
                  .kind = value_kind::choice,
                  .member = at<&c::log, &log_config::format>,
                  .choices = "auto | terminal | json",
                  .example = "\"json\"",
                  .summary = "`auto`: lines for people on a terminal, JSON lines elsewhere."},
};

constexpr std::array planned{
    planned_key{"tls", "let a proxy in front end TLS, and name it in client_ip.trusted_proxies"},
    planned_key{"cors", "the upstream's own CORS headers pass unchanged"},
    planned_key{"csrf", ""},
    planned_key{"rate_limit", ""},
    planned_key{"route", "everything goes to `upstream`"},
    planned_key{"service", "one `upstream` takes everything"},
    planned_key{"include", "keep everything in this file"},
    planned_key{"openapi", ""},
    planned_key{"cookies", ""},
    planned_key{"public_origin", ""},
    planned_key{"shutdown_delay", ""},
    planned_key{"admin", ""},
    planned_key{"telemetry", ""},
    planned_key{"csp", "headers.content_security_policy sets the value"},
};

}  // namespace

std::span<const catalog_entry> config_catalog() noexcept { return catalog; }
std::span<const planned_key> planned_keys() noexcept { return planned; }

const catalog_entry* find_entry(std::string_view key) noexcept {
  const auto* const found = std::ranges::find(catalog, key, &catalog_entry::key);
  return found == catalog.end() ? nullptr : found;
}

const planned_key* find_planned(std::string_view key) noexcept {
  const std::string_view first = key.substr(0, key.find_first_of(".["));
  const auto* const found = std::ranges::find(planned, first, &planned_key::key);
  return found == planned.end() ? nullptr : found;
}

std::vector<std::string_view> config_sections() {
  std::vector<std::string_view> out;
  for (const catalog_entry& e : catalog) {
    const std::string_view section = section_of(e.key);
    if (!section.empty() && std::ranges::find(out, section) == out.end()) out.push_back(section);
  }
  return out;
}

}  // namespace gatehouse
