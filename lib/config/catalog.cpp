#include <gatehouse/config/catalog.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace gatehouse {
namespace {

using c = gateway_config;
using l = limits;
using h = security_headers_config;
using p = proxy_options;
using o = cors_config;
using g = csrf_config;
using k = cookies_config;

/// The member at the end of a path of members: at<&gateway_config::limits, &limits::fields>.
template <auto... Path>
constexpr auto at = +[](gateway_config& config) -> auto& { return (config.*....*Path); };

/// As above, from what `Of` leads to.
template <auto Of, auto... Path>
constexpr auto in = +[](gateway_config& config) -> auto& { return (Of(config).*....*Path); };

/// The last one; made if there is none.
template <auto List>
auto& last(gateway_config& config) {
  auto& all = config.*List;
  if (all.empty()) all.emplace_back();
  return all.back();
}

service_config& last_service(gateway_config& config) { return last<&c::services>(config); }
proxy_options& last_service_options(gateway_config& config) { return last_service(config).options; }
proxy_options& upstream_options(gateway_config& config) { return config.proxy; }
route_config& last_route(gateway_config& config) { return last<&c::routes>(config); }
/// A route with one header of its own has all of them: nothing is inherited.
h& last_route_headers(gateway_config& config) {
  std::optional<h>& own = last_route(config).headers;
  if (!own) own.emplace();
  return *own;
}
h& all_headers(gateway_config& config) { return config.headers; }
/// So with CORS: who writes a key of it has a policy.
o& made(std::optional<o>& own) { return own ? *own : own.emplace(); }
o& cors_of_all(gateway_config& config) { return made(config.cors); }
o& last_route_cors(gateway_config& config) { return made(last_route(config).cors); }
o& next_cors_of_all(gateway_config& config) { return made(config.cors_next); }
o& last_route_next_cors(gateway_config& config) { return made(last_route(config).cors_next); }
g& csrf_of_all(gateway_config& config) { return config.csrf; }
g& last_route_csrf(gateway_config& config) {
  std::optional<g>& own = last_route(config).csrf;
  return own ? *own : own.emplace();
}

/// Text that is a template's argument, and two of them with a dot between as a key.
template <std::size_t N>
struct key_part {
  consteval key_part(const char (&text)[N]) { std::copy_n(text, N, all); }  // NOLINT: a literal becomes one
  char all[N];
  static constexpr std::size_t size = N - 1;
};
template <key_part Section, key_part Name>
struct joined_key {
  static constexpr auto all = [] {
    std::array<char, Section.size + 1 + Name.size> out{};
    *std::copy_n(Section.all, Section.size, out.begin()) = '.';
    std::copy_n(Name.all, Name.size, out.begin() + Section.size + 1);
    return out;
  }();
  static constexpr std::string_view value{all.data(), all.size()};
};
template <key_part Section, key_part Name>
constexpr std::string_view key = joined_key<Section, Name>::value;

template <std::size_t... Sizes>
constexpr auto joined(const std::array<catalog_entry, Sizes>&... parts) {
  constexpr auto member = +[](gateway_config& config) -> bool& { return config.report_only; };
  constexpr catalog_entry none{.key = {}, .kind = value_kind::boolean, .member = member, .example = {}, .summary = {}};
  std::array<catalog_entry, (Sizes + ...)> out = [none]<std::size_t... I>(std::index_sequence<I...>) {
    return std::array{((void)I, none)...};
  }(std::make_index_sequence<(Sizes + ...)>{});
  auto* to = out.data();
  ((to = std::copy(parts.begin(), parts.end(), to)), ...);
  return out;
}

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint64_t gib = 1024 * mib;
constexpr std::uint64_t second = 1'000;
constexpr std::uint64_t minute = 60 * second;
constexpr std::uint64_t hour = 60 * minute;
constexpr std::uint64_t u32 = UINT32_MAX;

// Every numeric key has a most, too: a slip of three zeros is then a message, not a machine without memory.
constexpr std::array top_and_hosts{
    // ---------------------------------------------------------------- what stands where
    catalog_entry{.key = "listen",
                  .kind = value_kind::text_list,
                  .member = at<&c::listen>,
                  .example = "\"127.0.0.1:8080\"",
                  .summary = "Address and port to listen on, or a list of them. Port 0 picks a free one.",
                  .needs_restart = true},
    catalog_entry{.key = "upstream",
                  .kind = value_kind::text_list,
                  .member = at<&c::upstream>,
                  .example = "\"http://127.0.0.1:5000\"",
                  .summary = "The API to protect: `http://` or `https://` with host and port, nothing behind it, or "
                             "`unix:/path`; several: "
                             "a list. It gets what no `[[route]]` takes."},
    catalog_entry{.key = "include",
                  .kind = value_kind::text_list,
                  .member = at<&c::include>,
                  .example = "[\"routes/*.toml\"]",
                  .summary = "More files with `[service.NAME]` and `[[route]]`: paths beside this file; `*` and `?` "
                             "stand for what they do in a shell."},
    catalog_entry{
        .key = "hosts",
        .kind = value_kind::text_list,
        .member = at<&c::host_check, &host_check_config::hosts>,
        .example = "[\"api.example.com\"]",
        .summary =
            "The `Host` values that are answered. Empty: the loopback names on a loopback listener, any elsewhere."},
    catalog_entry{
        .key = "public_origin",
        .kind = value_kind::text_list,
        .member = at<&c::public_origin>,
        .example = "\"https://api.example.com\"",
        .summary = "The origin that clients see, or several, where TLS ends elsewhere: requests from there are "
                   "not cross-origin. Empty: what `Host` says."},
    catalog_entry{.key = "threads",
                  .kind = value_kind::count,
                  .member = at<&c::threads>,
                  .range = {0, 256},
                  .example = "4",
                  .summary = "Event loops. 0: one a core.",
                  .needs_restart = true},
    catalog_entry{.key = "insecure_plain_http",
                  .kind = value_kind::boolean,
                  .member = at<&c::insecure_plain_http>,
                  .example = "true",
                  .summary = "Allows plain HTTP on an address that other machines reach. Whoever is on the way reads "
                             "and changes everything."},
    catalog_entry{.key = "report_only",
                  .kind = value_kind::boolean,
                  .member = at<&c::report_only>,
                  .example = "true",
                  .summary = "Rules that can block only watch: the host check, CORS and the CSRF guard. Strict HTTP, "
                             "limits and error hygiene "
                             "stay enforced."},
};

constexpr std::array transport{
    // ---------------------------------------------------------------- TLS
    catalog_entry{
        .key = "tls.certificate",
        .kind = value_kind::text_list,
        .member = at<&c::tls, &tls_config::certificate>,
        .example = "\"cert.pem\"",
        .summary =
            "PEM file with the certificate and the chain behind it, or a list of them; paths beside this file. Set: "
            "every address of `listen` is for HTTPS ([tls.md](tls.md)). The first one is shown to clients that "
            "ask for no name. Read again when it changes."},
    catalog_entry{.key = "tls.key",
                  .kind = value_kind::text_list,
                  .member = at<&c::tls, &tls_config::key>,
                  .example = "\"key.pem\"",
                  .summary = "PEM file with its private key, or a list in the same order. Not readable by others."},
    catalog_entry{
        .key = "tls.profile",
        .kind = value_kind::choice,
        .member = at<&c::tls, &tls_config::profile>,
        .choices = "intermediate | modern",
        .example = "\"intermediate\"",
        .summary = "Mozilla's: `intermediate` is TLS 1.2 and 1.3 for everybody's clients, `modern` is TLS 1.3 "
                   "with ECDSA certificates only."},
    catalog_entry{.key = "tls.client_certificate",
                  .kind = value_kind::choice,
                  .member = at<&c::tls, &tls_config::client_certificate>,
                  .choices = "none | optional | required",
                  .example = "\"required\"",
                  .summary = "Whether clients are asked for a certificate (mTLS). `required`: without one there is no "
                             "connection. `optional`: who shows one must show a good one. Who came with it: "
                             "`proxy.client_certificate`."},
    catalog_entry{.key = "tls.client_ca",
                  .kind = value_kind::text_list,
                  .member = at<&c::tls, &tls_config::client_ca>,
                  .example = "\"client-ca.pem\"",
                  .summary = "PEM file with the authorities whose clients are let in, or a list of them; all count. "
                             "Read again when it changes."},
    catalog_entry{
        .key = "tls.redirect_from",
        .kind = value_kind::text_list,
        .member = at<&c::redirect_from>,
        .example = "\"0.0.0.0:80\"",
        .summary = "Address and port where plain HTTP gets 308 to the same place on HTTPS, and nothing else; or "
                   "a list of them.",
        .needs_restart = true},
};

/// Of every response, or of those of a route.
template <key_part Section, auto Of>
constexpr std::array header_keys{
    catalog_entry{
        .key = key<Section, "profile">,
        .kind = value_kind::text,
        .member = in<Of, &h::profile>,
        .example = "\"api\"",
        .summary =
            "Which security headers every response gets: `api`, `strict`, `spa` (a frontend's build), `page` (an "
            "application renders pages; [nonces](security-headers.md)) or `helmet`; `api-1`, `strict-1`, `spa-1`, "
            "`page-1`, `helmet-8` stay with today's version."},
    catalog_entry{
        .key = key<Section, "content_security_policy">,
        .kind = value_kind::text,
        .member = in<Of, &h::content_security_policy>,
        .example = "\"default-src 'none'\"",
        .summary = "This value instead of the profile's; `\"\"` sends none. So for all below. `'nonce'` in it is "
                   "the nonce of each response."},
    catalog_entry{.key = key<Section, "content_security_policy_report_only">,
                  .kind = value_kind::text,
                  .member = in<Of, &h::content_security_policy_report_only>,
                  .example = "\"default-src 'self'\"",
                  .summary = "A second policy, of which browsers only report what it would forbid."},
    catalog_entry{.key = key<Section, "strict_transport_security">,
                  .kind = value_kind::text,
                  .member = in<Of, &h::strict_transport_security>,
                  .example = "\"max-age=63072000\"",
                  .summary = "Sent over HTTPS only."},
    catalog_entry{.key = key<Section, "x_frame_options">,
                  .kind = value_kind::text,
                  .member = in<Of, &h::x_frame_options>,
                  .example = "\"DENY\"",
                  .summary = "Who may frame a response."},
    catalog_entry{.key = key<Section, "referrer_policy">,
                  .kind = value_kind::text,
                  .member = in<Of, &h::referrer_policy>,
                  .example = "\"no-referrer\"",
                  .summary = "What a browser tells the next site about this one."},
    catalog_entry{.key = key<Section, "cross_origin_resource_policy">,
                  .kind = value_kind::text,
                  .member = in<Of, &h::cross_origin_resource_policy>,
                  .example = "\"same-origin\"",
                  .summary = "Which sites may load a response as an image or a script."},
    catalog_entry{.key = key<Section, "cross_origin_opener_policy">,
                  .kind = value_kind::text,
                  .member = in<Of, &h::cross_origin_opener_policy>,
                  .example = "\"same-origin\"",
                  .summary = "Which windows keep a handle on each other."},
    catalog_entry{.key = key<Section, "cross_origin_opener_policy_report_only">,
                  .kind = value_kind::text,
                  .member = in<Of, &h::cross_origin_opener_policy_report_only>,
                  .example = "\"same-origin\"",
                  .summary = "As that, only reported."},
    catalog_entry{
        .key = key<Section, "cross_origin_embedder_policy">,
        .kind = value_kind::text,
        .member = in<Of, &h::cross_origin_embedder_policy>,
        .example = "\"require-corp\"",
        .summary = "Whether a page may embed what does not allow it: `require-corp`, `credentialless`, `unsafe-none`."},
    catalog_entry{.key = key<Section, "cross_origin_embedder_policy_report_only">,
                  .kind = value_kind::text,
                  .member = in<Of, &h::cross_origin_embedder_policy_report_only>,
                  .example = "\"require-corp\"",
                  .summary = "As that, only reported."},
    catalog_entry{.key = key<Section, "permissions_policy">,
                  .kind = value_kind::text,
                  .member = in<Of, &h::permissions_policy>,
                  .example = "\"camera=(), geolocation=(self)\"",
                  .summary = "Which features of the browser a page may use."},
    catalog_entry{.key = key<Section, "origin_agent_cluster">,
                  .kind = value_kind::text,
                  .member = in<Of, &h::origin_agent_cluster>,
                  .example = "\"?1\"",
                  .summary = "`?1`: pages of this origin share no process with those of its site."},
    catalog_entry{.key = key<Section, "x_dns_prefetch_control">,
                  .kind = value_kind::text,
                  .member = in<Of, &h::x_dns_prefetch_control>,
                  .example = "\"off\"",
                  .summary = "Whether names in links are looked up beforehand: `on`, `off`."},
    catalog_entry{.key = key<Section, "x_permitted_cross_domain_policies">,
                  .kind = value_kind::text,
                  .member = in<Of, &h::x_permitted_cross_domain_policies>,
                  .example = "\"none\"",
                  .summary = "What Adobe's clients may load: `none`, `master-only`, `by-content-type`, `all`."},
    catalog_entry{.key = key<Section, "cache_control">,
                  .kind = value_kind::text,
                  .member = in<Of, &h::cache_control>,
                  .example = "\"no-store\"",
                  .summary = "For responses that say nothing about caching themselves."},
    catalog_entry{.key = key<Section, "override">,
                  .kind = value_kind::text_list,
                  .member = in<Of, &h::override>,
                  .example = "[\"Content-Security-Policy\"]",
                  .summary = "Security headers of which ours replaces what the application sends."},
    catalog_entry{.key = key<Section, "if_absent">,
                  .kind = value_kind::text_list,
                  .member = in<Of, &h::if_absent>,
                  .example = "[\"X-Frame-Options\"]",
                  .summary = "Security headers that the application may send itself; ours is sent where it does not."},
    catalog_entry{.key = key<Section, "remove">,
                  .kind = value_kind::text_list,
                  .member = in<Of, &h::remove>,
                  .example = "[\"Cross-Origin-Opener-Policy\"]",
                  .summary = "Security headers that are never sent, also not if the application does."},
    catalog_entry{.key = key<Section, "report_to">,
                  .kind = value_kind::text,
                  .member = in<Of, &h::report_to>,
                  .example = "\"/.gatehouse/reports\"",
                  .summary = "Where browsers report what the policies forbid: `/.gatehouse/reports`, which Gatehouse "
                             "collects, another path or an https URL."},
    catalog_entry{.key = key<Section, "clear_site_data">,
                  .kind = value_kind::text_list,
                  .member = in<Of, &h::clear_site_data>,
                  .example = "[\"cookies\", \"storage\"]",
                  .summary = "What browsers forget with each answer below 400: for the route that logs out only."},
};

/// Of all routes, or of one.
template <key_part Section, auto Of>
constexpr std::array cors_keys{
    catalog_entry{
        .key = key<Section, "origins">,
        .kind = value_kind::text_list,
        .member = in<Of, &o::origins>,
        .example = "[\"https://app.example.com\"]",
        .summary = "The origins whose pages may read answers, exactly as browsers send them. "
                   "`https://*.example.com`: every name below it; `:*`: any port, `:{8080,8443}`: these; `*` alone: "
                   "everybody, without credentials. Empty: nobody. [More](cors.md)"},
    catalog_entry{.key = key<Section, "credentials">,
                  .kind = value_kind::boolean,
                  .member = in<Of, &o::credentials>,
                  .example = "true",
                  .summary = "Cookies and HTTP authentication may come along."},
    catalog_entry{
        .key = key<Section, "methods">,
        .kind = value_kind::text_list,
        .member = in<Of, &o::methods>,
        .example = "[\"GET\", \"POST\", \"PUT\"]",
        .summary = "What pages may ask for. Left out: the methods that the route has; where nobody knows them GET, "
                   "HEAD, POST, PUT, PATCH and DELETE. GET, HEAD and POST always may."},
    catalog_entry{.key = key<Section, "request_headers">,
                  .kind = value_kind::text_list,
                  .member = in<Of, &o::request_headers>,
                  .example = "[\"content-type\", \"authorization\"]",
                  .summary = "Fields that pages may send. `*`: any but `authorization`."},
    catalog_entry{.key = key<Section, "expose_headers">,
                  .kind = value_kind::text_list,
                  .member = in<Of, &o::expose_headers>,
                  .example = "[\"etag\"]",
                  .summary = "Fields of answers that pages may read, besides the seven that they always may."},
    catalog_entry{
        .key = key<Section, "max_age">,
        .kind = value_kind::duration,
        .member = in<Of, &o::max_age>,
        .range = {0, 24 * hour},
        .example = "\"10m\"",
        .summary = "How long browsers keep a preflight's answer. Safari keeps none for longer than 10 minutes, "
                   "Chrome for 2 hours."},
    catalog_entry{
        .key = key<Section, "enforce">,
        .kind = value_kind::boolean,
        .member = in<Of, &o::enforce>,
        .example = "true",
        .summary = "Requests and WebSockets from other origins get 403, not only an answer that their page cannot "
                   "read. No authentication: who is no browser sends any Origin, or none."},
    catalog_entry{
        .key = key<Section, "disclose">,
        .kind = value_kind::choice,
        .member = in<Of, &o::disclose>,
        .choices = "full | minimal | stepwise",
        .example = "\"minimal\"",
        .summary = "What preflights are told: the whole lists, which browsers keep; only what was asked for; or, for "
                   "development, also what was missing, so that the browser's console names it."},
    catalog_entry{.key = key<Section, "preflight_status">,
                  .kind = value_kind::count,
                  .member = in<Of, &o::preflight_status>,
                  .range = {200, 204},
                  .example = "200",
                  .summary = "Of a preflight that is allowed: 204, or 200 for old clients that take nothing else."},
    catalog_entry{
        .key = key<Section, "allow_private_network">,
        .kind = value_kind::boolean,
        .member = in<Of, &o::allow_private_network>,
        .example = "true",
        .summary = "Deprecated: `Access-Control-Allow-Private-Network` for browsers that still ask. Newer ones "
                   "ask the user."},
    catalog_entry{.key = key<Section, "report_only">,
                  .kind = value_kind::boolean,
                  .member = in<Of, &o::report_only>,
                  .example = "true",
                  .summary = "Only watches: what would be denied is logged, and what the API says about CORS passes."},
    catalog_entry{
        .key = key<Section, "timing">,
        .kind = value_kind::boolean,
        .member = in<Of, &o::timing>,
        .example = "true",
        .summary = "Sends `Timing-Allow-Origin` to the same origins: their pages see how long a request took."},
    catalog_entry{
        .key = key<Section, "upstream_headers">,
        .kind = value_kind::choice,
        .member = in<Of, &o::upstream_headers>,
        .choices = "strip | pass",
        .example = "\"strip\"",
        .summary = "`Access-Control-*` and `Timing-Allow-Origin` of the API: removed, or passed because it does CORS "
                   "itself, preflights included."},
    catalog_entry{.key = key<Section, "single_label">,
                  .kind = value_kind::boolean,
                  .member = in<Of, &o::single_label>,
                  .example = "true",
                  .summary = "The `*.` of an origin stands for one label: `a.example.com`, not `b.a.example.com`."},
    catalog_entry{.key = key<Section, "public_suffix_list">,
                  .kind = value_kind::text,
                  .member = in<Of, &o::public_suffix_list>,
                  .example = "\"/var/lib/gatehouse/public_suffix_list.dat\"",
                  .summary = "A newer list of the names below which strangers register theirs than the system's."},
    catalog_entry{.key = key<Section, "dangerously_allow_insecure_origins">,
                  .kind = value_kind::boolean,
                  .member = in<Of, &o::dangerously_allow_insecure_origins>,
                  .example = "true",
                  .summary = "`http://` origins with credentials: whoever is on the way can be such a page."},
    catalog_entry{
        .key = key<Section, "dangerously_allow_public_suffixes">,
        .kind = value_kind::boolean,
        .member = in<Of, &o::dangerously_allow_public_suffixes>,
        .example = "true",
        .summary = "Patterns such as `https://*.github.io` with credentials: every stranger with a page there acts as "
                   "your users."},
};

constexpr std::array clients_and_limits{
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
                  .summary = "Request line and header fields together. Over it: 431.",
                  .needs_restart = true},
    catalog_entry{.key = "limits.max_target",
                  .kind = value_kind::size,
                  .member = at<&c::limits, &l::target_bytes>,
                  .range = {64, 64 * kib},
                  .example = "\"4KiB\"",
                  .summary = "Path and query. Over it: 414. At most `limits.max_head`.",
                  .needs_restart = true},
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
    catalog_entry{
        .key = "limits.shutdown_delay",
        .kind = value_kind::duration,
        .member = at<&c::limits, &l::shutdown_delay>,
        .range = {0, hour},
        .example = "\"5s\"",
        .summary = "Before that: how long after SIGTERM it goes on accepting while `/ready` says 503, so that "
                   "load balancers notice first. A second SIGTERM ends it."},
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
        .summary = "Of one address (IPv6: of one /64). Trusted proxies are exempt, and loopback on loopback listeners.",
        .needs_restart = true},
    catalog_entry{.key = "limits.max_connections",
                  .kind = value_kind::count,
                  .member = at<&c::limits, &l::connections>,
                  .range = {0, u32},
                  .example = "10000",
                  .summary = "Of the whole process. 0: four fifths of the descriptors it may open.",
                  .needs_restart = true},
    catalog_entry{.key = "limits.tls_handshake_timeout",
                  .kind = value_kind::duration,
                  .member = at<&c::limits, &l::tls_handshake_timeout>,
                  .range = {100, minute},
                  .example = "\"5s\"",
                  .summary = "From accepting a connection to the end of its TLS handshake; then it is closed."},
    catalog_entry{.key = "limits.max_tls_handshakes",
                  .kind = value_kind::count,
                  .member = at<&c::limits, &l::tls_handshakes>,
                  .range = {1, 65'535},
                  .example = "1024",
                  .summary = "TLS handshakes under way at once, of each event loop; above it new ones are closed."},
};

/// How upstreams are asked: those of a service, or the short form's.
template <key_part Section, auto Of>
constexpr std::array asking_keys{
    catalog_entry{.key = key<Section, "host">,
                  .kind = value_kind::choice,
                  .member = in<Of, &p::host>,
                  .choices = "client | upstream",
                  .example = "\"client\"",
                  .summary = "The `Host` that the upstream sees: what the client sent, or the upstream's own."},
    catalog_entry{.key = key<Section, "client_certificate">,
                  .kind = value_kind::choice,
                  .member = in<Of, &p::client_certificate>,
                  .choices = "strip | send | pass",
                  .example = "\"strip\"",
                  .summary = "What the upstream learns of clients' certificates: nothing, `Client-Cert` (RFC 9440) of "
                             "one that was verified here, or what trusted proxies say in such fields. From anybody "
                             "else they are removed always."},
    catalog_entry{
        .key = key<Section, "method_override">,
        .kind = value_kind::choice,
        .member = in<Of, &p::method_override>,
        .choices = "strip | pass",
        .example = "\"pass\"",
        .summary = "`X-HTTP-Method-Override`, `X-HTTP-Method` and `X-Method-Override`: removed, or passed to an "
                   "upstream that obeys them. `route.methods` is about the request line alone."},
    catalog_entry{.key = key<Section, "balance">,
                  .kind = value_kind::choice,
                  .member = in<Of, &p::balance>,
                  .choices = "round-robin | least-loaded",
                  .example = "\"least-loaded\"",
                  .summary = "Which of several upstreams gets a request: each in turn, or the least busy one."},
    catalog_entry{.key = key<Section, "connect_timeout">,
                  .kind = value_kind::duration,
                  .member = in<Of, &p::connect_timeout>,
                  .range = {10, minute},
                  .example = "\"2s\"",
                  .summary = "To connect, all addresses of an upstream together, and its TLS handshake: 504."},
    catalog_entry{.key = key<Section, "first_byte_timeout">,
                  .kind = value_kind::duration,
                  .member = in<Of, &p::first_byte_timeout>,
                  .range = {100, 24 * hour},
                  .example = "\"30s\"",
                  .summary = "From the whole request to the head of the answer: 504."},
    catalog_entry{
        .key = key<Section, "response_idle_timeout">,
        .kind = value_kind::duration,
        .member = in<Of, &p::response_idle_timeout>,
        .range = {100, 24 * hour},
        .example = "\"1m\"",
        .summary = "Between two pieces of an answer; not of event streams and WebSockets: the answer is cut."},
    catalog_entry{
        .key = key<Section, "keep_alive_timeout">,
        .kind = value_kind::duration,
        .member = in<Of, &p::keep_alive_timeout>,
        .range = {0, hour},
        .example = "\"4s\"",
        .summary =
            "How long an idle connection to the upstream is kept. Below the upstream's own: Node closes after 5 s."},
    catalog_entry{.key = key<Section, "max_idle_connections">,
                  .kind = value_kind::count,
                  .member = in<Of, &p::idle_connections>,
                  .range = {0, 65'535},
                  .example = "64",
                  .summary = "To each upstream, of each event loop."},
    catalog_entry{.key = key<Section, "max_connections">,
                  .kind = value_kind::count,
                  .member = in<Of, &p::connections>,
                  .range = {1, 65'535},
                  .example = "1024",
                  .summary = "To each upstream, of each event loop. Above it: 503."},
    catalog_entry{.key = key<Section, "passive_health.failures">,
                  .kind = value_kind::count,
                  .member = in<Of, &p::passive_health, &passive_health_options::failures>,
                  .range = {0, 1'000},
                  .example = "3",
                  .summary = "Requests in a row without a valid answer after which one of several upstreams is out. 0: "
                             "never."},
    catalog_entry{.key = key<Section, "passive_health.out_for">,
                  .kind = value_kind::duration,
                  .member = in<Of, &p::passive_health, &passive_health_options::out_for>,
                  .range = {100, hour},
                  .example = "\"1s\"",
                  .summary = "For how long; twice as long each time it fails soon after it came back."},
    catalog_entry{.key = key<Section, "passive_health.out_at_most">,
                  .kind = value_kind::duration,
                  .member = in<Of, &p::passive_health, &passive_health_options::out_at_most>,
                  .range = {100, hour},
                  .example = "\"30s\"",
                  .summary = "And never longer."},
    catalog_entry{.key = key<Section, "active_health.path">,
                  .kind = value_kind::text,
                  .member = in<Of, &p::active_health, &active_health_options::path>,
                  .example = "\"/health\"",
                  .summary = "Asked for again and again; 200 to 399 is well. `\"\"`: nobody asks."},
    catalog_entry{.key = key<Section, "active_health.interval">,
                  .kind = value_kind::duration,
                  .member = in<Of, &p::active_health, &active_health_options::interval>,
                  .range = {100, hour},
                  .example = "\"5s\"",
                  .summary = "Between two questions."},
    catalog_entry{.key = key<Section, "active_health.timeout">,
                  .kind = value_kind::duration,
                  .member = in<Of, &p::active_health, &active_health_options::timeout>,
                  .range = {100, hour},
                  .example = "\"2s\"",
                  .summary = "Of each question."},
    catalog_entry{.key = key<Section, "active_health.unhealthy">,
                  .kind = value_kind::count,
                  .member = in<Of, &p::active_health, &active_health_options::unhealthy>,
                  .range = {1, 1'000},
                  .example = "3",
                  .summary = "Bad answers in a row after which an upstream is out."},
    catalog_entry{.key = key<Section, "active_health.healthy">,
                  .kind = value_kind::count,
                  .member = in<Of, &p::active_health, &active_health_options::healthy>,
                  .range = {1, 1'000},
                  .example = "2",
                  .summary = "Good answers in a row after which it is in again."},
    catalog_entry{.key = key<Section, "tls.ca">,
                  .kind = value_kind::text_list,
                  .member = in<Of, &p::tls, &tls_client_config::ca>,
                  .example = "\"ca.pem\"",
                  .summary = "Of `https://` upstreams: a PEM file with the authorities that are believed, or a list of "
                             "them; paths beside this file. Left out: those of the system. "
                             "([tls.md](tls.md#to-the-upstream)) Read again when it changes."},
    catalog_entry{.key = key<Section, "tls.server_name">,
                  .kind = value_kind::text,
                  .member = in<Of, &p::tls, &tls_client_config::server_name>,
                  .example = "\"api.internal\"",
                  .summary = "The name that is asked for (SNI) and that the certificate has to be for. Left out: the "
                             "host of the URL."},
    catalog_entry{.key = key<Section, "tls.certificate">,
                  .kind = value_kind::text,
                  .member = in<Of, &p::tls, &tls_client_config::certificate>,
                  .example = "\"client.pem\"",
                  .summary = "PEM file with a certificate of our own and the chain behind it, for upstreams that ask "
                             "who we are (mTLS). Read again when it changes."},
    catalog_entry{.key = key<Section, "tls.key">,
                  .kind = value_kind::text,
                  .member = in<Of, &p::tls, &tls_client_config::key>,
                  .example = "\"client.key\"",
                  .summary = "PEM file with its private key. Not readable by others."},
    catalog_entry{.key = key<Section, "tls.dangerously_accept_any_certificate">,
                  .kind = value_kind::boolean,
                  .member = in<Of, &p::tls, &tls_client_config::dangerously_accept_any_certificate>,
                  .example = "false",
                  .summary = "Whoever answers is taken for the upstream: who stands in between reads and changes "
                             "everything. Not together with `ca`."},
};

constexpr std::array errors_and_log{
    // ---------------------------------------------------------------- the rest
    catalog_entry{.key = "errors.upstream_5xx",
                  .kind = value_kind::choice,
                  .member = at<&c::errors, &error_hygiene_config::upstream_5xx>,
                  .choices = "replace | replace_leaks | pass",
                  .example = "\"replace\"",
                  .summary = "What a client sees of an upstream's 500 to 599: a bland problem document, that only in "
                             "place of content in which stack traces, paths, addresses, SQL or secrets are found, or "
                             "whatever the upstream wrote."},
    catalog_entry{.key = "errors.upstream_4xx",
                  .kind = value_kind::choice,
                  .member = at<&c::errors, &error_hygiene_config::upstream_4xx>,
                  .choices = "replace_leaks | pass",
                  .example = "\"pass\"",
                  .summary = "The same for 400 to 499."},
    catalog_entry{.key = "errors.keep_headers",
                  .kind = value_kind::text_list,
                  .member = at<&c::errors, &error_hygiene_config::keep_headers>,
                  .example = "[\"Server-Timing\"]",
                  .summary = "Response fields that reach clients although they only name software, machines or times."},
    catalog_entry{.key = "errors.dev_errors",
                  .kind = value_kind::boolean,
                  .member = at<&c::errors, &error_hygiene_config::dev_errors>,
                  .example = "false",
                  .summary = "Gatehouse's own problem documents say what went wrong. Only while every listener is on "
                             "loopback."},
    catalog_entry{
        .key = "trace_context.begin",
        .kind = value_kind::choice,
        .member = at<&c::trace_context, &trace_context_config::begin>,
        .choices = "sampled | not-sampled | never",
        .example = "\"sampled\"",
        .summary = "What a request without a valid `traceparent` gets: a new trace whose sampled flag is set or "
                   "not, or none. `never` where the API decides by itself which requests it samples."},
    catalog_entry{.key = "log.format",
                  .kind = value_kind::choice,
                  .member = at<&c::log, &log_config::format>,
                  .choices = "auto | terminal | json",
                  .example = "\"json\"",
                  .summary = "`auto`: lines for people on a terminal, JSON lines elsewhere.",
                  .needs_restart = true},
    catalog_entry{
        .key = "telemetry.listen",
        .kind = value_kind::text_list,
        .member = at<&c::telemetry, &telemetry_config::listen>,
        .example = "\"127.0.0.1:9081\"",
        .summary = "Where `/metrics`, `/health` and `/ready` are served, or a list of places; others may reach "
                   "them. Left out: nowhere, and nothing is counted.",
        .needs_restart = true},
    catalog_entry{
        .key = "admin.listen",
        .kind = value_kind::text,
        .member = at<&c::admin, &admin_config::listen>,
        .example = "\"127.0.0.1:9080\"",
        .summary = "Where `gatehouse explain` and [the admin API](admin.md) are: an address and port, "
                   "`unix:/path`, `off`, or `auto`: a Unix socket of this user's, where there is a safe place "
                   "for one.",
        .needs_restart = true},
    catalog_entry{
        .key = "admin.token",
        .kind = value_kind::text,
        .member = at<&c::admin, &admin_config::token>,
        .example = "\"0123456789abcdef0123456789abcdef\"",
        .summary = "What an admin client sends as `Authorization: Bearer`: 32 characters or more. Needed where "
                   "`admin.listen` is not on loopback.",
        .needs_restart = true,
        .secret = true},
    catalog_entry{.key = "log.file",
                  .kind = value_kind::text,
                  .member = at<&c::log, &log_config::file>,
                  .example = "\"/var/log/gatehouse/gatehouse.log\"",
                  .summary = "Appended to; SIGUSR1 opens it again. Left out: standard error.",
                  .needs_restart = true},
    catalog_entry{
        .key = "log.client",
        .kind = value_kind::choice,
        .member = at<&c::log, &log_config::client>,
        .choices = "full | network | none",
        .example = "\"network\"",
        .summary = "How much of a client's address is logged: all, its network (IPv4 /24, IPv6 /48), or none.",
        .needs_restart = true},
    catalog_entry{
        .key = "log.requests",
        .kind = value_kind::choice,
        .member = at<&c::log, &log_config::requests>,
        .choices = "all | problems | none",
        .example = "\"problems\"",
        .summary = "Which requests get a line: all, those that were refused, failed or broke off, or none. What "
                   "Gatehouse itself has to say is logged in any case.",
        .needs_restart = true},
    catalog_entry{.key = "log.sample_repeats",
                  .kind = value_kind::count,
                  .member = at<&c::log, &log_config::sample_repeats>,
                  .range = {0, 1'000'000},
                  .example = "100",
                  .summary = "Lines a second for one reason on one route; what is more is counted, and the number is "
                             "logged. 0: every line.",
                  .needs_restart = true},
};

constexpr std::array services{
    catalog_entry{.key = "service.upstreams",
                  .kind = value_kind::text_list,
                  .member = in<last_service, &service_config::upstreams>,
                  .example = "[\"http://10.0.0.1:5000\"]",
                  .summary = "Those that answer alike: `http://` or `https://` with host and port, or `unix:/path`."},
};

constexpr std::array routes{
    catalog_entry{
        .key = "route.host",
        .kind = value_kind::text_list,
        .member = in<last_route, &route_config::host>,
        .example = "\"api.example.com\"",
        .summary = "For this `Host`, or these, on any port; they are accepted then. Left out: any. A route for "
                   "a host wins over one for any."},
    catalog_entry{
        .key = "route.match",
        .kind = value_kind::text,
        .member = in<last_route, &route_config::match>,
        .example = "\"/notes/*\"",
        .summary = "The path: `/notes` alone, `/notes/:id` with any segment there, `/notes/*` with everything "
                   "below. The longest match wins, segment by segment."},
    catalog_entry{.key = "route.methods",
                  .kind = value_kind::text_list,
                  .member = in<last_route, &route_config::methods>,
                  .example = "[\"GET\", \"POST\"]",
                  .summary = "Others get 405. HEAD comes with GET, OPTIONS is answered. Left out: every method."},
    catalog_entry{.key = "route.service",
                  .kind = value_kind::text,
                  .member = in<last_route, &route_config::service>,
                  .example = "\"notes\"",
                  .summary = "The NAME of a `[service.NAME]`. Left out: `upstream`."},
    catalog_entry{.key = "route.strip_prefix",
                  .kind = value_kind::text,
                  .member = in<last_route, &route_config::strip_prefix>,
                  .example = "\"/notes\"",
                  .summary = "What `match` begins with and the service does not know: `/notes/1` reaches it as `/1`."},
    catalog_entry{.key = "route.require_client_certificate",
                  .kind = value_kind::boolean,
                  .member = in<last_route, &route_config::require_client_certificate>,
                  .example = "false",
                  .summary = "Where `tls.client_certificate` is `optional`: 403 for clients that have shown none."},
    catalog_entry{.key = "route.limits.max_body",
                  .kind = value_kind::size,
                  .member = in<last_route, &route_config::max_body>,
                  .range = {0, 1024 * gib},
                  .example = "\"8MiB\"",
                  .summary = "A request's body here. 0: as `limits.max_body` says."},
};

/// Of all routes, or of one.
template <key_part Section, auto Of>
constexpr std::array csrf_keys{
    catalog_entry{
        .key = key<Section, "trusted_origins">,
        .kind = value_kind::text_list,
        .member = in<Of, &g::trusted_origins>,
        .example = "[\"https://pay.example.com\"]",
        .summary = "Origins whose pages may send anything, with cookies, without reading answers. Each exact. "
                   "[More](csrf.md)"},
    catalog_entry{.key = key<Section, "exempt">,
                  .kind = value_kind::text_list,
                  .member = in<Of, &g::exempt>,
                  .example = "[\"POST /saml/acs\"]",
                  .summary = "Requests that pages of anybody may cause: a method and the whole path, byte for byte."},
    catalog_entry{.key = key<Section, "strict">,
                  .kind = value_kind::boolean,
                  .member = in<Of, &g::strict>,
                  .example = "true",
                  .summary = "Requests with cookies, HTTP authentication or a client certificate that say nothing of "
                             "where they come from are refused, too: browsers of before 2020, and programs."},
    catalog_entry{
        .key = key<Section, "strict_header">,
        .kind = value_kind::text,
        .member = in<Of, &g::strict_header>,
        .example = "\"X-Requested-With\"",
        .summary = "With `strict`: the field that lets such a request pass, since own pages and programs send "
                   "it and others cannot without a preflight."},
    catalog_entry{
        .key = key<Section, "require_token">,
        .kind = value_kind::boolean,
        .member = in<Of, &g::require_token>,
        .example = "false",
        .summary = "With `csrf.token_keys`: own pages need a token, too, when they act as somebody. Not what is "
                   "exempt, nor pages of listed and trusted origins, which cannot have one. [More](csrf.md#tokens)"},
    catalog_entry{.key = key<Section, "unsafe_get">,
                  .kind = value_kind::boolean,
                  .member = in<Of, &g::unsafe_get>,
                  .example = "true",
                  .summary = "GET and HEAD change something here: they are judged as POST is. Links from elsewhere get "
                             "403 then."},
    catalog_entry{.key = key<Section, "report_only">,
                  .kind = value_kind::boolean,
                  .member = in<Of, &g::report_only>,
                  .example = "true",
                  .summary = "Only watches: what would be refused is forwarded and logged."},
    catalog_entry{.key = key<Section, "dangerously_off">,
                  .kind = value_kind::boolean,
                  .member = in<Of, &g::dangerously_off>,
                  .example = "true",
                  .summary = "No guard: every page on the web can make your users' browsers send anything."},
};

/// Of the gateway as a whole: a token is for an application, not for a route.
constexpr std::array csrf_token_keys{
    catalog_entry{
        .key = "csrf.token_keys",
        .kind = value_kind::text_list,
        .member = at<&c::csrf, &g::token_keys>,
        .example = "[\"replace me: openssl rand -base64 32\"]",
        .summary = "Keys of signed tokens, 32 bytes or more each, for every route: the first signs, all verify. Set: "
                   "what says nothing of where it comes from, and acts as somebody, needs an `X-CSRF-Token`, which own "
                   "pages get at `/.gatehouse/csrf-token`. [More](csrf.md#tokens)",
        .secret = true},
    catalog_entry{.key = "csrf.session_cookie",
                  .kind = value_kind::text,
                  .member = at<&c::csrf, &g::session_cookie>,
                  .example = "\"connect.sid\"",
                  .summary = "With `csrf.token_keys`: the API's cookie that a token is bound to, and that changes at "
                             "login. Left out, or where there is none: a `__Host-gh-csrf` of our own."},
};

constexpr std::array cookie_keys{
    catalog_entry{.key = "cookies.readable_by_scripts",
                  .kind = value_kind::text_list,
                  .member = at<&c::cookies, &k::readable_by_scripts>,
                  .example = "[\"theme\"]",
                  .summary = "Cookies of the API that scripts of its pages read: these get no `HttpOnly`. Names with "
                             "`csrf` or `xsrf` in them never do. [More](cookies.md)"},
    catalog_entry{
        .key = "cookies.cross_site",
        .kind = value_kind::text_list,
        .member = at<&c::cookies, &k::cross_site>,
        .example = "[\"saml_state\"]",
        .summary = "Cookies that have to come along when another site's page sends a form or embeds this one: "
                   "these get no `SameSite=Lax`."},
    catalog_entry{
        .key = "cookies.map_to_host_prefix",
        .kind = value_kind::text_list,
        .member = at<&c::cookies, &k::map_to_host_prefix>,
        .example = "[\"session\"]",
        .summary =
            "Cookies that browsers see as `__Host-session` over HTTPS, which nobody else can set, and the API as "
            "`session`. Everybody who has one from before logs in once more."},
    catalog_entry{.key = "cookies.dangerously_off",
                  .kind = value_kind::boolean,
                  .member = at<&c::cookies, &k::dangerously_off>,
                  .example = "true",
                  .summary = "`Set-Cookie` passes as the API wrote it."},
};

constexpr auto catalog = joined(
    top_and_hosts, transport, cors_keys<"cors", cors_of_all>, cors_keys<"cors_next", next_cors_of_all>,
    csrf_keys<"csrf", csrf_of_all>, csrf_token_keys, cookie_keys, header_keys<"headers", all_headers>,
    clients_and_limits, asking_keys<"proxy", upstream_options>, errors_and_log, services,
    asking_keys<"service", last_service_options>, routes, header_keys<"route.headers", last_route_headers>,
    cors_keys<"route.cors", last_route_cors>, cors_keys<"route.cors_next", last_route_next_cors>,
    csrf_keys<"route.csrf", last_route_csrf>);

constexpr std::array planned{
    planned_key{"rate_limit", ""},
    planned_key{"openapi", ""},
};

}  // namespace

std::span<const catalog_entry> config_catalog() noexcept { return catalog; }
std::span<const planned_key> planned_keys() noexcept { return planned; }

const catalog_entry* find_entry(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(catalog, name, &catalog_entry::key);
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

section_kind kind_of_section(std::string_view section) noexcept {
  const std::string_view first = section.substr(0, section.find('.'));
  if (first == "service") return section_kind::named;
  return first == "route" ? section_kind::listed : section_kind::once;
}

std::string section_header(std::string_view section) {
  const auto dot = section.find('.');
  switch (kind_of_section(section)) {
    case section_kind::named:
      return '[' + std::string{section.substr(0, dot)} + ".NAME" +
             (dot == std::string_view::npos ? "" : std::string{section.substr(dot)}) + ']';
    case section_kind::listed:
      if (dot == std::string_view::npos) return "[[" + std::string{section} + "]]";
      break;
    case section_kind::once: break;
  }
  return '[' + std::string{section} + ']';
}

std::string catalog_key(std::string_view name) {
  if (name.ends_with(']')) name = name.substr(0, name.rfind('['));
  const auto first_end = std::min(name.find_first_of(".["), name.size());
  std::string out{name.substr(0, first_end)};
  std::string_view rest = name.substr(first_end);
  // What stands between the section and the key: a name, or a number.
  const bool has_name = kind_of_section(out) == section_kind::named && rest.starts_with('.');
  if (has_name || rest.starts_with('[')) {
    const auto dot = rest.find('.', 1);
    rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot);
  }
  return out.append(rest);
}

}  // namespace gatehouse
