#include "hop_headers.hpp"

#include <algorithm>
#include <bitset>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>
#include <gatehouse/http/method_override.hpp>
#include <gatehouse/rules/client_ip.hpp>
#include <gatehouse/rules/security_headers.hpp>
#include <gatehouse/rules/trace_context.hpp>

#include "forwarded_for.hpp"

namespace gatehouse::detail::proxy {
namespace {

/// CHOICE: RFC 9110 section 7.6.3 obliges a gateway to add itself to Via in requests, and lets it use a pseudonym and
/// stay out of responses. The name says nothing of the product or its version.
constexpr std::string_view via_http_1_0 = "1.0 gateway";
constexpr std::string_view via_http_1_1 = "1.1 gateway";
constexpr std::string_view via_http_2 = "2 gateway";

std::string_view via_of(http_version received) noexcept {
  switch (received) {
    case http_version::http_1_0: return via_http_1_0;
    case http_version::http_2: return via_http_2;
    case http_version::http_1_1: break;
  }
  return via_http_1_1;
}

/// Step 2: these belong to one connection, named in Connection or not.
constexpr bool is_hop_by_hop(field f) noexcept {
  switch (f) {
    case field::connection:
    case field::keep_alive:
    case field::proxy_connection:
    case field::proxy_authenticate:
    case field::proxy_authorization:
    case field::te:
    case field::trailer:  // trailers are dropped, so nothing is left for it to announce
    case field::transfer_encoding:
    case field::upgrade:
    case field::http2_settings: return true;
    default: return false;
  }
}

/// What Connection may not take out of a request between our checks and the upstream (CVE-2024-45410).
bool is_protected(const field_line& line) noexcept {
  switch (line.id) {
    case field::host:
    case field::content_length:
    case field::authorization:
    case field::cookie:
    case field::x_request_id:
    case field::via: return true;
    default: return says_who_the_client_is(line) || says_whose_certificate(line);
  }
}

/// The fields that the Connection lines of a message name.
class connection_options {
 public:
  /// False: too many to look at.
  bool read(const fields& f) noexcept {
    bool all_read = true;
    f.for_each(field::connection, [&](std::string_view list) {
      all_read = grammar::for_each_element(list, [this](std::string_view option) { return add(option); }) && all_read;
    });
    return all_read;
  }
  [[nodiscard]] bool names(const field_line& line) const noexcept {
    if (line.id != field::other) return known_[static_cast<std::size_t>(line.id)];
    const auto same = [&](std::string_view option) { return ascii::equal_ignoring_case(option, line.name); };
    return std::any_of(others_.begin(), others_.begin() + static_cast<std::ptrdiff_t>(count_), same);
  }

 private:
  bool add(std::string_view option) noexcept {
    if (const field id = find_field(option); id != field::other) {
      known_.set(static_cast<std::size_t>(id));
      return true;
    }
    if (ascii::equal_ignoring_case(option, "close")) return true;  // no field has this name; the most common option
    if (count_ == others_.size()) return false;
    others_[count_++] = option;
    return true;
  }

  std::bitset<known_field_count> known_;
  std::array<std::string_view, max_connection_options> others_{};
  std::size_t count_ = 0;
};

/// CGI and what came after it read "X_CSP_Nonce" as the same name: a client could choose the nonce of its page.
bool is_nonce_alias(const field_line& line) noexcept {
  const std::string_view ours = name(field::x_csp_nonce);
  if (line.id != field::other || line.name.size() != ours.size()) return false;
  return std::ranges::equal(line.name, ours,
                            [](char a, char b) { return (a == '_' ? '-' : ascii::to_lower(a)) == ascii::to_lower(b); });
}

/// Written by us, or not for the upstream at all.
bool is_written_by_us(const field_line& line) noexcept {
  switch (line.id) {
    case field::host:            // by the serializer
    case field::content_length:  // by the serializer, from the framing
    case field::x_forwarded_for:
    case field::x_forwarded_proto:
    case field::x_request_id:
    case field::x_csp_nonce:
    // DEVIATION: RFC 9110 section 10.1.1 wants 100-continue forwarded. We send the 100 ourselves, when the upstream's
    // connection stands, and stream: waiting for the upstream's 100 would stall behind every server that never sends
    // one.
    case field::expect: return true;
    default: return is_nonce_alias(line);
  }
}

/// The rule's traceparent goes on instead of the client's; what others noted about a trace that was not taken over
/// belongs to another one (https://www.w3.org/TR/trace-context-1/#a-traceparent-is-received).
bool is_dropped_trace(const field_line& line, const exchange& e) noexcept {
  if (line.id == field::traceparent) return e.trace_from != exchange::trace_origin::unjudged;
  return line.id == field::tracestate && e.trace_from == exchange::trace_origin::us;
}

/// Step 4 without X-Forwarded-For. X-Forwarded-Host of a trusted proxy was kept: it knows the name that the client
/// used.
bool write_ours(exchange& e, fields& out) noexcept {
  bool fits = out.append(field::x_forwarded_proto, e.client_secure ? "https" : "http").has_value();
  if (!out.has(field::x_forwarded_host) && !e.request.authority.empty()) {
    fits = out.append(field::x_forwarded_host, e.request.authority.text) && fits;
  }
  if (!e.id.empty()) fits = out.append(field::x_request_id, e.id) && fits;
  if (const auto parent = ensure_traceparent(e); !parent.empty()) fits = out.append(field::traceparent, parent) && fits;
  if (const auto nonce = csp_nonce(e); !nonce.empty()) fits = out.append(field::x_csp_nonce, nonce) && fits;
  return out.append(field::via, via_of(e.request.version)) && fits;
}

}  // namespace

bool says_who_the_client_is(const field_line& line) noexcept {
  if (line.id != field::other) return is_forwarding_field(line.id);
  // Aliases are never interned, so only names nobody knows are compared as text.
  constexpr std::string_view names[] = {"forwarded", "x-real-ip", "client-ip", "true-client-ip", "cf-connecting-ip"};
  constexpr std::string_view family = "x-forwarded-";
  const auto same = [](char a, char b) { return (a == '_' ? '-' : ascii::to_lower(a)) == b; };
  const std::string_view start = line.name.substr(0, family.size());
  if (std::ranges::equal(start, family, same)) return true;
  return std::ranges::any_of(names, [&](std::string_view n) { return std::ranges::equal(line.name, n, same); });
}

bool says_whose_certificate(const field_line& line) noexcept {
  if (line.id != field::other) return false;  // none of them is interned
  // Beginnings: RFC 9440; Envoy, Traefik; nginx's and Apache's customs, ingress-nginx; HAProxy's; AWS; Azure;
  // Cloudflare.
  constexpr std::string_view beginnings[] = {
      "client-cert",      "x-client-cert",  "x-forwarded-client-cert", "x-forwarded-tls-client-cert",
      "x-client-verify",  "x-client-dn",    "x-client-subject",        "x-ssl-client",
      "x-ssl-cert",       "ssl-client-",    "x-tls-client-",           "x-amzn-mtls-",
      "x-arr-clientcert", "cf-client-cert",

      "x-clientcert"};
  const auto same = [](char a, char b) { return (a == '_' ? '-' : ascii::to_lower(a)) == b; };
  const auto begins = [&](std::string_view b) { return std::ranges::equal(line.name.substr(0, b.size()), b, same); };
  return std::ranges::any_of(beginnings, begins);
}

std::optional<client_certificate_fields> client_certificate_fields_of(std::string_view text) noexcept {
  if (text == "strip") return client_certificate_fields::strip;
  if (text == "send") return client_certificate_fields::send;
  if (text == "pass") return client_certificate_fields::pass;
  return std::nullopt;
}

std::optional<method_override_fields> method_override_fields_of(std::string_view text) noexcept {
  if (text == "strip") return method_override_fields::strip;
  if (text == "pass") return method_override_fields::pass;
  return std::nullopt;
}

result<void> forward_request_fields(exchange& e, fields& out, forwarded_fields wanted) noexcept {
  out.clear();
  const bool strips_override = wanted.method_override == method_override_fields::strip;
  const bool passes = wanted.certificates == client_certificate_fields::pass && e.peer_trusted;
  const fields& in = e.request.fields;
  connection_options named;
  if (!named.read(in)) return error{reason::http_invalid_connection};
  bool fits = true;
  for (const field_line& line : in) {
    const bool is_named = named.names(line);  // (1)
    if (is_named && is_protected(line)) return error{reason::http_invalid_connection};
    if (is_named || is_hop_by_hop(line.id)) continue;               // (1), (2)
    if (line.id == field::proxy) continue;                          // (3) httpoxy
    if (is_written_by_us(line)) continue;                           // (4), (5)
    if (is_dropped_trace(line, e)) continue;                        // (6)
    if (!e.peer_trusted && says_who_the_client_is(line)) continue;  // (3)
    // (3) Also of trusted proxies: who is listed for addresses may well pass on what it does not know.
    if (!passes && says_whose_certificate(line)) continue;
    if (strips_override && overrides_method(line.id)) continue;  // spec/browser_hardening.md section 3b
    fits = out.append(line.id, line.name, line.value) && fits;
  }
  const std::string_view for_value = forwarded_for(e);  // (4)
  if (for_value.data() == nullptr) return error{reason::limit_exchange_memory, error_source::internal};
  if (!for_value.empty()) fits = out.append(field::x_forwarded_for, for_value) && fits;
  if (wanted.certificates == client_certificate_fields::send && e.connection.has_client_certificate()) {
    fits = out.append(field::other, "Client-Cert", e.connection.channel->client->field_value) && fits;
  }
  if (!write_ours(e, out) || !fits) return error{reason::limit_too_many_fields};
  return {};
}

result<void> forward_response_fields(const fields& received, response_head& out) noexcept {
  const error invalid{reason::upstream_invalid_response, error_source::upstream};
  connection_options named;
  if (!named.read(received)) return invalid;
  for (const field_line& line : received) {
    if (named.names(line) || is_hop_by_hop(line.id)) continue;
    // Content-Length and Date are written by the serializer. Alt-Svc would lead clients past the gateway (as Caddy).
    if (line.id == field::content_length || line.id == field::date || line.id == field::alt_svc) continue;
    const auto added = line.id == field::other ? out.append(line.name, line.value) : out.append(line.id, line.value);
    if (!added) return invalid;
  }
  return {};
}

}  // namespace gatehouse::detail::proxy
