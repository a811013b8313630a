#include "access_log_advice.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>
#include <gatehouse/http/method.hpp>
#include <gatehouse/http/origin.hpp>

#include "access_log_lines.hpp"

namespace gatehouse::detail::server {
namespace {

struct row {
  reason why;
  advice says;
};

// The public title says what; this says it to the person who may change it. A reason without a row has nothing to add.
constexpr std::array rows{
    row{reason::http_host_not_allowed,
        {{}, "a page that points its own name at this address (DNS rebinding) must not reach the API"}},
    row{reason::http_ambiguous_path,
        {{}, "servers read such a path differently: dot segments, // or an encoded / or . can step around a check"}},
    row{reason::http_conflicting_length,
        {{}, "with both Content-Length and Transfer-Encoding two servers see two different requests (smuggling)"}},
    row{reason::http_duplicate_content_length, {{}, "two servers could believe different ones (smuggling)"}},
    row{reason::http_unsupported_transfer_encoding, {{}, "only chunked can be read the same way by everybody"}},
    row{reason::http_bare_line_ending, {{}, "a lone CR or LF ends a line for some servers only (smuggling)"}},
    row{reason::http_obsolete_line_folding, {{}, "a folded field is one field for some servers and two for others"}},
    row{reason::http_space_before_colon, {{}, "some servers read another field name (smuggling)"}},
    row{reason::http_underscore_in_field_name, {{}, "many frameworks read X_Name as X-Name: a field could be forged"}},
    row{reason::http_trace_refused, {{}, "TRACE echoes credentials"}},
    row{reason::http_connect_refused, {{}, "Gatehouse is no forward proxy"}},
    row{reason::tls_client_certificate_required,
        {"a certificate of tls.client_ca in the client", "the route is only for clients that show one"}},
    row{reason::cors_origin_not_allowed, {{}, "pages of origins that are not listed read nothing of the answers"}},
    row{reason::cors_invalid_origin, {{}, "no browser sends such an Origin: a program did, or a proxy changed it"}},
    row{reason::cors_multiple_origins, {{}, "of two Origin fields two servers could believe different ones"}},
    row{reason::cors_method_not_allowed, {{}, "the page asked for a method that the route, or cors.methods, has not"}},
    row{reason::cors_header_not_allowed, {{}, "pages send only the fields that cors.request_headers lists"}},
    row{reason::cors_invalid_preflight,
        {{}, "what it asks for is no method or no list of field names, or far too long"}},
    row{reason::cors_credentials_not_allowed,
        {{}, "the request had cookies, and a page reads no answer to those without credentials"}},
    row{reason::csrf_cross_origin,
        {{}, "a page of another site made a browser send this, perhaps as one of your users"}},
    row{reason::csrf_websocket_origin,
        {{}, "CORS does not hold for WebSockets: any page could open one as whoever is logged in"}},
    row{reason::csrf_malformed_provenance, {{}, "no browser says so where a request comes from"}},
    row{reason::csrf_no_provenance,
        {"send the field that csrf.strict_header names",
         "csrf.strict: it acts as somebody and does not say where it "
         "comes from"}},
    row{reason::csrf_token,
        {"the page fetches a token (GET /.gatehouse/csrf-token) and sends it as X-CSRF-Token",
         "it acts as somebody, and has no token of that session, or one that was signed with another key"}},
    row{reason::limit_target_too_long, {"limits.max_target", "long targets are how parsers are tried"}},
    row{reason::limit_head_too_large, {"limits.max_head", "usually cookies that have grown; or somebody fills memory"}},
    row{reason::limit_too_many_fields, {"limits.max_fields", "each field costs work in every layer behind"}},
    row{reason::limit_body_too_large, {{}, "bodies fill memory and disks"}},
    row{reason::limit_body_budget, {"limits.max_buffered_bodies", "all bodies in memory together reached their bound"}},
    row{reason::limit_head_timeout,
        {"limits.head_timeout", "connections held by slow heads keep others out (Slowloris)"}},
    row{reason::limit_body_timeout, {"limits.body_idle_timeout", "connections held by slow bodies keep others out"}},
    row{reason::limit_body_too_slow, {"limits.min_body_rate", "connections held by slow bodies keep others out"}},
    row{reason::limit_write_stalled, {"limits.write_stall_timeout", "the client reads nothing of its response"}},
    row{reason::limit_connections, {"limits.max_connections", "all connections are in use"}},
    row{reason::limit_connections_per_client,
        {"limits.max_connections_per_client; behind a proxy client_ip.trusted_proxies", "one client may not take all"}},
    row{reason::upstream_unreachable, {"start the upstream, or correct `upstream`", "no connection could be made"}},
    row{reason::upstream_name_not_found, {"correct `upstream`", "its name is not known here"}},
    row{reason::upstream_connect_timeout, {"correct `upstream`, or look at its firewall", "it did not answer in time"}},
    row{reason::upstream_tls_untrusted,
        {"tls.ca of the service, if the authority is yours", "nobody that is believed answers for its certificate"}},
    row{reason::upstream_tls_name,
        {"the name in the URL, or tls.server_name of the service", "its certificate is for somebody else"}},
    row{reason::upstream_tls_expired,
        {"renew the upstream's certificate", "its certificate is not valid any more, or not yet"}},
    row{reason::upstream_tls_handshake, {{}, "no TLS came about with the upstream: see its log"}},
    row{reason::upstream_timeout, {"proxy.first_byte_timeout", "the upstream took longer than that to answer"}},
    row{reason::upstream_closed_early, {{}, "the upstream ended its answer before it was whole: see its log"}},
    row{reason::upstream_invalid_response, {{}, "the upstream's answer is not valid HTTP: it was not passed on"}},
    row{reason::upstream_overloaded,
        {"proxy.max_connections", "as many connections to the upstream as allowed are busy"}},
    row{reason::upstream_unavailable,
        {{}, "every upstream of the service is out of use: it failed, or its health check did"}},
    row{reason::upstream_error_replaced,
        {"errors.upstream_5xx = \"pass\" shows it to clients", "what an API says when it fails helps attackers"}},
    row{reason::upstream_leak_replaced,
        {"correct what the API says, or errors.upstream_5xx and upstream_4xx",
         "it names the API's code, files, database or addresses, or could not be looked at"}},
};

void append_number(std::string& out, std::uint64_t n) {
  std::array<char, 20> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), n).ptr;
  out.append(text.data(), end);
}

/// As the keys of the configuration are written when that is exact, else in bytes: who compares it with a limit must
/// not be told a rounded number.
void append_exact_size(std::string& out, std::uint64_t bytes) {
  constexpr std::uint64_t kib = 1024;
  if (bytes >= kib && bytes % kib == 0) {
    const bool mebibytes = bytes % (kib * kib) == 0;
    append_number(out, bytes / (mebibytes ? kib * kib : kib));
    out.append(mebibytes ? "MiB" : "KiB");
    return;
  }
  append_number(out, bytes);
  out.append(bytes == 1 ? " byte" : " bytes");
}

/// Whether the length was known before the content came.
bool was_declared(const record_numbers& n) noexcept { return n.declared > n.body_limit; }

void append_body_size(std::string& out, const record_numbers& n) {
  if (was_declared(n)) {
    append_exact_size(out, n.declared);
    out.append(" came");
  } else {
    out.append("more came");  // how much was never said, or not yet
  }
  out.append(", ");
  append_exact_size(out, n.body_limit);
  out.append(" is allowed");
}

void append_larger_body(std::string& out, const record_numbers& n) {
  out.append("limits.max_body = \"");
  // The next whole MiB: a value to paste that lets this very request pass, or twice as much as now.
  constexpr std::uint64_t mib = 1024 * 1024;
  append_number(out, (was_declared(n) ? n.declared : std::max(n.bytes_in, n.body_limit) * 2) / mib + 1);
  out.append("MiB\"");
}

/// ":3000" of "http://localhost:3000"; of one without a port the usual one of its scheme.
std::string_view port_of(std::string_view origin) noexcept {
  const auto colon = origin.rfind(':');
  const bool written = colon != std::string_view::npos && !origin.substr(colon).starts_with("://") &&
                       origin.find(']', colon) == std::string_view::npos;
  if (written) return origin.substr(colon);
  return origin.starts_with("https:") ? ":443" : ":80";
}

void append_difference(std::string& out, const log_record& r) {
  switch (r.numbers.differs) {
    case origin_difference::port:
      out.append("only the port differs from ");
      append_printable(out, port_of(r.nearest));
      return;
    case origin_difference::scheme:
      out.append("only the scheme differs from ");
      append_printable(out, r.nearest.substr(0, r.nearest.find(':') + 1));
      return;
    case origin_difference::scheme_and_port: out.append("scheme and port differ from "); break;
    case origin_difference::loopback_name:
      out.append("localhost, 127.0.0.1 and [::1] are three origins; allowed is ");
      break;
    case origin_difference::apex: out.append("it is not itself one of "); break;
    case origin_difference::unknown:
      if (r.nearest.empty()) return;
      out.append("allowed is ");
      break;
  }
  append_printable(out, r.nearest);
}

bool is_of_cors(reason why) noexcept {
  return why == reason::cors_origin_not_allowed || why == reason::cors_method_not_allowed ||
         why == reason::cors_header_not_allowed || why == reason::cors_invalid_preflight ||
         why == reason::cors_credentials_not_allowed;
}

void append_denied(std::string& out, const log_record& r) {
  if (r.numbers.why == reason::cors_origin_not_allowed) {
    if (r.origin == null_origin) {
      out.append("a sandboxed frame, a file or a redirect: nobody can be told from anybody there");
    } else {
      append_difference(out, r);
    }
    return;
  }
  if (r.denied.empty()) return;
  out.append(r.numbers.why == reason::cors_method_not_allowed ? "a preflight asked for the method "
                                                              : "a preflight asked for the field ");
  append_printable(out, r.denied);
}

/// As append_denied_fix, of a policy that has no flags.
void append_fix_of_next(std::string& out, const log_record& r) {
  switch (r.numbers.why) {
    case reason::cors_origin_not_allowed:
      if (origin::parse(r.origin)) out.append("cors_next.origins with ").append(r.origin);
      return;
    case reason::cors_method_not_allowed:
      if (parse_method(r.denied) != method::unknown) out.append("cors_next.methods with ").append(r.denied);
      return;
    case reason::cors_header_not_allowed:
      if (grammar::is_token(r.denied)) out.append("cors_next.request_headers with ").append(r.denied);
      return;
    case reason::cors_credentials_not_allowed: out.append("cors_next.credentials = true"); return;
    default: return;
  }
}

/// What to write is only told of what can be written.
void append_denied_fix(std::string& out, const log_record& r) {
  if (r.numbers.of_next) return append_fix_of_next(out, r);
  if (r.numbers.why == reason::cors_origin_not_allowed && origin::parse(r.origin)) {
    out.append("--allow-origin ").append(r.origin);
  } else if (r.numbers.why == reason::cors_header_not_allowed && grammar::is_token(r.denied)) {
    out.append("--allow-header ").append(r.denied);
  } else if (r.numbers.why == reason::cors_method_not_allowed) {
    if (parse_method(r.denied) != method::unknown) {
      out.append("--allow-method ").append(r.denied);
    } else if (ascii::equal_ignoring_case(r.denied, "patch")) {
      out.append("write PATCH in the page: fetch sends \"patch\" as it is");
    }
  }
}

/// What is known of a request that the CSRF guard refused.
void append_forged(std::string& out, const log_record& r) {
  switch (r.numbers.remedy) {
    case csrf_remedy::none:
      if (r.origin == null_origin) out.append("a sandboxed frame, a file or a redirect: it could be anybody's");
      return;
    case csrf_remedy::list_origin: return append_difference(out, r);
    case csrf_remedy::allow_credentials:
      out.append("its origin is listed, but not with the cookies or the login that it sent");
      return;
    case csrf_remedy::public_origin: out.append("only the scheme differs from where it was sent to"); return;
  }
}

void append_forged_fix(std::string& out, const log_record& r) {
  switch (r.numbers.remedy) {
    case csrf_remedy::none: out.append(advice_for(r.numbers.why).fix); return;
    case csrf_remedy::list_origin:
      out.append("--allow-origin ");
      append_printable(out, r.origin);
      return;
    case csrf_remedy::allow_credentials: out.append("--allow-credentials"); return;
    case csrf_remedy::public_origin:
      out.append("if TLS ends in front of this: public_origin = [\"");
      append_printable(out, r.origin);
      out.append("\"]");
      return;
  }
}

}  // namespace

advice advice_for(reason why) noexcept {
  for (const row& r : rows) {
    if (r.why == why) return r.says;
  }
  return {};
}

void append_particulars(std::string& out, const log_record& r) {
  if (r.numbers.why == reason::limit_body_too_large) {
    append_body_size(out, r.numbers);
  } else if (r.numbers.why == reason::http_host_not_allowed && !r.host.empty()) {
    out.append("Host ");
    append_printable(out, r.host);
  } else if (is_of_cors(r.numbers.why)) {
    append_denied(out, r);
  } else if (is_of_csrf(r.numbers.why)) {
    append_forged(out, r);
  }
}

void append_fix(std::string& out, const log_record& r) {
  if (r.numbers.why == reason::limit_body_too_large) {
    append_larger_body(out, r.numbers);
  } else if (r.numbers.why == reason::http_host_not_allowed && !r.host.empty()) {
    out.append("hosts = [\"");
    append_printable(out, r.host);
    out.append("\"]");
  } else if (is_of_cors(r.numbers.why)) {
    append_denied_fix(out, r);
  } else if (is_of_csrf(r.numbers.why)) {
    append_forged_fix(out, r);
  } else {
    out.append(advice_for(r.numbers.why).fix);
  }
}

void append_size(std::string& out, std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  std::uint64_t scale = 1;
  while (unit + 1 < units.size() && bytes / scale >= 1024) {
    scale *= 1024;
    ++unit;
  }
  append_number(out, bytes / scale);
  if (const std::uint64_t tenth = bytes % scale * 10 / scale; tenth != 0) {
    out += '.';
    append_number(out, tenth);
  }
  out.append(units[unit]);
}

}  // namespace gatehouse::detail::server
