// Which fields cross the gateway: rows of lines in, lines out, complete.
#include "hop_headers.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::detail::proxy {
namespace {

using lines = std::vector<std::pair<std::string_view, std::string_view>>;

void fill(fields& f, const lines& in) {
  for (const auto& [name, value] : in) ASSERT_TRUE(f.append(find_field(name), name, value));
}
lines read(const fields& f) {
  lines out;
  for (const field_line& l : f) out.emplace_back(l.name, l.value);
  return out;
}

struct facts {
  bool trusted = false;
  const char* peer = "203.0.113.7";
  const char* client = "203.0.113.7";
  bool secure = false;
  bool unix_socket = false;
  http_version version = http_version::http_1_1;
};

struct request_row {
  const char* name;
  facts who;
  lines in;
  lines out;  // without what is the same for all: see `usual`
};

lines with(lines first, const lines& rest) {
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}
const lines usual = {{"X-Forwarded-For", "203.0.113.7"},
                     {"X-Forwarded-Proto", "http"},
                     {"X-Forwarded-Host", "a.example"},
                     {"X-Request-Id", "rid-1"},
                     {"Via", "1.1 gateway"}};
lines usual_with(std::string_view forwarded_for, std::string_view proto = "http",
                 std::string_view via = "1.1 gateway") {
  return {{"X-Forwarded-For", forwarded_for},
          {"X-Forwarded-Proto", proto},
          {"X-Forwarded-Host", "a.example"},
          {"X-Request-Id", "rid-1"},
          {"Via", via}};
}

const std::vector<request_row>& request_rows() {
  static const std::vector<request_row> rows = {
      {"nothing but ours", {}, {{"Host", "a.example"}}, usual},
      {"end-to-end fields in their order and spelling",
       {},
       {{"accept", "*/*"}, {"X-b", "1"}, {"X-b", "2"}, {"cookie", "a=1"}},
       with({{"accept", "*/*"}, {"X-b", "1"}, {"X-b", "2"}, {"cookie", "a=1"}}, usual)},
      {"(1) what Connection names goes",
       {},
       {{"Connection", "x-mine, Close"},
        {"X-Mine", "1"},
        {"X-Other", "1"},
        {"Connection", "range"},
        {"Range", "bytes=0-1"}},
       with({{"X-Other", "1"}}, usual)},
      {"(2) hop-by-hop fields go unnamed, too",
       {},
       {{"Connection", ""},
        {"Keep-Alive", "1"},
        {"Proxy-Connection", "1"},
        {"Proxy-Authenticate", "1"},
        {"Proxy-Authorization", "1"},
        {"TE", "trailers"},
        {"Trailer", "X"},
        {"Transfer-Encoding", "chunked"},
        {"Upgrade", "h2c"},
        {"HTTP2-Settings", "x"}},
       usual},
      {"(3) nobody says who they are",
       {},
       {{"Forwarded", "for=1.1.1.1"},
        {"X-Forwarded-For", "1.1.1.1"},
        {"X-Forwarded-Host", "evil"},
        {"X-Forwarded-Proto", "https"},
        {"X-Forwarded-Port", "1"},
        {"X-Forwarded-Anything", "1"},
        {"X-Real-IP", "1.1.1.1"},
        {"Client-IP", "1.1.1.1"},
        {"True-Client-IP", "1.1.1.1"},
        {"CF-Connecting-IP", "1.1.1.1"},
        {"X-Request-Id", "mine"}},
       usual},
      {"(3) nor by an alias",
       {},
       {{"X_Forwarded_For", "1.1.1.1"},
        {"x-forwarded_proto", "https"},
        {"X_Real-IP", "1"},
        {"client_ip", "1"},
        {"True_Client_IP", "1"},
        {"CF_Connecting_IP", "1"},
        {"forwarded", "for=1"}},
       usual},
      {"the nonce of a page is ours to choose",
       {.trusted = true},
       {{"X-CSP-Nonce", "known"}, {"x_csp_nonce", "known"}, {"X_CSP-Nonce", "known"}, {"X-CSP-Nonces", "1"}},
       with({{"X-CSP-Nonces", "1"}}, usual)},
      {"(3) names that only look alike stay",
       {},
       {{"X-Forwarded", "1"}, {"X-Real-IPs", "1"}, {"Client-IP-2", "1"}},
       with({{"X-Forwarded", "1"}, {"X-Real-IPs", "1"}, {"Client-IP-2", "1"}}, usual)},
      {"(3) Proxy always goes", {.trusted = true}, {{"Proxy", "http://evil"}}, usual},
      {"(3) a trusted proxy is kept and added to",
       {.trusted = true, .peer = "10.0.0.1", .client = "198.51.100.9", .secure = true},
       {{"X-Forwarded-For", "192.0.2.1"},
        {"X-Forwarded-For", "198.51.100.9"},
        {"X-Forwarded-Proto", "https"},
        {"X-Forwarded-Host", "b.example"},
        {"X-Forwarded-Port", "443"},
        {"Forwarded", "for=198.51.100.9"},
        {"X-Real-IP", "198.51.100.9"}},
       {{"X-Forwarded-Host", "b.example"},
        {"X-Forwarded-Port", "443"},
        {"Forwarded", "for=198.51.100.9"},
        {"X-Real-IP", "198.51.100.9"},
        {"X-Forwarded-For", "192.0.2.1, 198.51.100.9, 10.0.0.1"},
        {"X-Forwarded-Proto", "https"},
        {"X-Request-Id", "rid-1"},
        {"Via", "1.1 gateway"}}},
      {"(4) a trusted proxy that says nothing of X-Forwarded-For",
       {.trusted = true, .peer = "10.0.0.1", .client = "198.51.100.9"},
       {},
       usual_with("198.51.100.9, 10.0.0.1")},
      {"(4) a trusted proxy that asks for itself",
       {.trusted = true, .peer = "10.0.0.1", .client = "10.0.0.1"},
       {},
       usual_with("10.0.0.1")},
      {"(4) a Unix socket has no address to add",
       {.trusted = true, .peer = "0.0.0.0", .client = "198.51.100.9", .unix_socket = true},
       {{"X-Forwarded-For", "198.51.100.9"}},
       usual_with("198.51.100.9")},
      {"(4) IPv6",
       {.peer = "2001:db8::1", .client = "2001:db8::1", .secure = true},
       {},
       usual_with("2001:db8::1", "https")},
      {"(4) Via is added to, with the version received",
       {.version = http_version::http_1_0},
       {{"Via", "1.0 fred"}},
       with({{"Via", "1.0 fred"}}, usual_with("203.0.113.7", "http", "1.0 gateway"))},
      {"(4) HTTP/2", {.version = http_version::http_2}, {}, usual_with("203.0.113.7", "http", "2 gateway")},
      {"(5) framing is ours",
       {},
       {{"Content-Length", "5"}, {"Expect", "100-continue"}, {"Content-Type", "text/plain"}},
       with({{"Content-Type", "text/plain"}}, usual)},
  };
  return rows;
}

struct prepared {
  std::array<char, 4096> memory{};
  exchange e{};
  prepared(const facts& who, const lines& in) {
    e.memory = arena{memory};
    e.request.authority = *authority::parse("a.example");
    e.request.version = who.version;
    e.peer_trusted = who.trusted;
    e.connection.peer = *ip_address::parse(who.peer);
    e.connection.unix_socket = who.unix_socket;
    e.client = *ip_address::parse(who.client);
    e.client_secure = who.secure;
    e.id = "rid-1";
    fill(e.request.fields, in);
  }
};

TEST(hop_headers, requests) {
  for (const request_row& row : request_rows()) {
    SCOPED_TRACE(row.name);
    prepared p{row.who, row.in};
    fields out;
    ASSERT_TRUE(forward_request_fields(p.e, out).has_value());
    EXPECT_EQ(read(out), row.out);
  }
}

const lines forged_certificates = {{"Client-Cert", ":AAAA:"},
                                   {"client-cert", ":AAAA:"},
                                   {"Client_Cert", ":AAAA:"},
                                   {"CLIENT-CERT-CHAIN", ":AAAA:"},
                                   {"X-Forwarded-Client-Cert", "Hash=1"},
                                   {"X_Forwarded_Client_Cert", "Hash=1"},
                                   {"X-Forwarded-Tls-Client-Cert", "AAAA"},
                                   {"X-Forwarded-Tls-Client-Cert-Info", "AAAA"},
                                   {"X-SSL-Client-Verify", "SUCCESS"},
                                   {"X-SSL-CLIENT-CN", "admin"},
                                   {"X-SSL-Cert", "AAAA"},
                                   {"SSL-Client-Subject-DN", "CN=admin"},
                                   {"ssl_client_verify", "SUCCESS"},
                                   {"X-Client-Cert", "AAAA"},
                                   {"X-Client-Certificate", "AAAA"},
                                   {"X-Client-Verify", "SUCCESS"},
                                   {"X-Client-DN", "CN=admin"},
                                   {"X-TLS-Client-Cert", "AAAA"},
                                   {"X-Amzn-Mtls-Clientcert-Leaf", "AAAA"},
                                   {"X-ARR-ClientCert", "AAAA"},
                                   {"Cf-Client-Cert-Der-Base64", "AAAA"}};

TEST(hop_headers, whose_certificate_a_client_has_is_never_its_own_word) {
  using enum client_certificate_fields;
  const client_certificate shown{.field_value = ":b3Vycw==:"};
  lines ours = usual;
  ours.insert(ours.begin() + 1, {"Client-Cert", ":b3Vycw==:"});
  const lines as_trusted = {{"Client-Cert", ":AAAA:"}, {"X-Forwarded-Client-Cert", "Hash=1"}, {"Accept", "*/*"}};
  struct row {
    const char* name;
    client_certificate_fields what;
    bool trusted;
    const client_certificate* client;
    lines in;
    lines out;
  };
  const lines like_it{{"X-Client-Id", "7"}, {"X-SSL", "on"}, {"X-Certificate", "1"}};
  const row rows[] = {
      {"forged, nothing is sent", strip, false, nullptr, forged_certificates, usual},
      {"forged, sent by a trusted proxy", strip, true, nullptr, forged_certificates, usual},
      {"nothing is sent of one that was shown", strip, false, &shown, forged_certificates, usual},
      {"sent, and what was forged is not", send, false, &shown, forged_certificates, ours},
      {"the same of a trusted proxy", send, true, &shown, forged_certificates, ours},
      {"none was shown, so there is none", send, false, nullptr, forged_certificates, usual},
      {"pass, but only of a trusted proxy", pass, false, &shown, forged_certificates, usual},
      {"pass, and it is trusted", pass, true, nullptr, as_trusted, with(as_trusted, usual)},
      {"pass, and what was shown here is another matter", pass, true, &shown, {}, usual},
      {"what only looks like it", strip, false, nullptr, like_it, with(like_it, usual)},
  };
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    prepared p{{.trusted = r.trusted}, r.in};
    const secure_channel channel{.client = r.client};
    p.e.connection.channel = &channel;
    fields out;
    ASSERT_TRUE(forward_request_fields(p.e, out, {.certificates = r.what}).has_value());
    EXPECT_EQ(read(out), r.out);
  }
  for (const auto& [name, value] : forged_certificates) {
    SCOPED_TRACE(name);
    prepared p{{}, {{"Connection", name}, {name, value}}};
    fields out;
    EXPECT_FALSE(forward_request_fields(p.e, out, {.certificates = send}).has_value())
        << "Connection must not take ours out, either";
  }
}

TEST(hop_headers, another_method_than_that_of_the_request_line) {
  const lines in = {{"X-HTTP-Method-Override", "DELETE"}, {"x-http-method", "PUT"}, {"X-Method-Override", "PATCH"}};
  const struct {
    const char* name;
    method_override_fields what;
    lines out;
  } rows[] = {{"nobody obeys it", method_override_fields::strip, usual},
              {"the service does", method_override_fields::pass, with(in, usual)}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    prepared p{{}, in};
    fields out;
    ASSERT_TRUE(forward_request_fields(p.e, out, {.method_override = row.what}).has_value());
    EXPECT_EQ(read(out), row.out);
  }
}

TEST(hop_headers, a_trace) {
  using origin = exchange::trace_origin;
  constexpr std::string_view theirs = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  constexpr std::string_view as_we_say = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const lines in = {{"traceparent", theirs}, {"tracestate", "a=1"}, {"tracestate", "b=2"}};
  const lines states = {{"tracestate", "a=1"}, {"tracestate", "b=2"}};
  lines ours = usual;
  ours.insert(ours.end() - 1, {"traceparent", as_we_say});
  const struct {
    const char* name;
    origin from;
    std::string_view traceparent;
    lines out;
  } rows[] = {
      {"no rule has looked at it: as it came", origin::unjudged, "", with(in, usual)},
      {"kept: the rule's text, and what others noted", origin::client, as_we_say, with(states, ours)},
      {"begun: what was noted belongs to another trace", origin::us, as_we_say, ours},
      {"never begun", origin::us, "", usual},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    prepared p{{}, in};
    p.e.trace_from = row.from;
    p.e.traceparent = row.traceparent;
    fields out;
    ASSERT_TRUE(forward_request_fields(p.e, out).has_value());
    EXPECT_EQ(read(out), row.out);
  }
}

TEST(hop_headers, a_protected_field_named_in_connection_is_refused) {
  for (const std::string_view name :
       {"Authorization", "cookie", "Host", "Content-Length", "X-Forwarded-For", "x-forwarded-mine", "Forwarded",
        "X-Real-IP", "X-Request-Id", "X_Forwarded_For", "Client-IP"}) {
    SCOPED_TRACE(name);
    prepared p{{}, {{"Connection", name}, {name, "1"}}};
    fields out;
    const auto r = forward_request_fields(p.e, out);
    ASSERT_FALSE(r.has_value());
    EXPECT_EQ(r.error().why, reason::http_invalid_connection);
  }
}

TEST(hop_headers, bounds) {
  {
    prepared p{{}, {{"Connection", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p"}}};
    fields out;
    EXPECT_TRUE(forward_request_fields(p.e, out).has_value());
  }
  {
    prepared p{{}, {{"Connection", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p"}, {"Connection", "q"}}};
    fields out;
    EXPECT_EQ(forward_request_fields(p.e, out).error().why, reason::http_invalid_connection);
  }
  {
    prepared p{{}, lines(max_field_lines, {"X-A", "1"})};
    fields out;
    EXPECT_EQ(forward_request_fields(p.e, out).error().why, reason::limit_too_many_fields);
  }
  {
    prepared p{{}, {}};
    std::array<char, 8> little{};
    p.e.memory = arena{little};
    fields out;
    EXPECT_EQ(forward_request_fields(p.e, out).error().why, reason::limit_exchange_memory);
  }
}

struct response_row {
  const char* name;
  lines in;
  lines out;
};
const response_row response_rows[] = {
    {"end-to-end fields",
     {{"Content-Type", "a/b"}, {"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}, {"X-Mine", "1"}, {"Server", "x"}},
     {{"Content-Type", "a/b"}, {"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}, {"X-Mine", "1"}, {"Server", "x"}}},
    {"hop-by-hop fields, named and not",
     {{"Connection", "keep-alive, X-Hop"},
      {"X-Hop", "1"},
      {"Keep-Alive", "timeout=5"},
      {"Transfer-Encoding", "chunked"},
      {"Trailer", "X"},
      {"Upgrade", "h2c"},
      {"Proxy-Authenticate", "Basic"},
      {"Proxy-Connection", "x"},
      {"TE", "x"}},
     {}},
    {"what the serializer writes",
     {{"Date", "x"}, {"Content-Length", "5"}, {"Last-Modified", "x"}},
     {{"Last-Modified", "x"}}},
    {"no way around us", {{"Alt-Svc", "h3=\":443\""}}, {}},
};

TEST(hop_headers, responses) {
  for (const response_row& row : response_rows) {
    SCOPED_TRACE(row.name);
    fields in;
    fill(in, row.in);
    response_head out;
    ASSERT_TRUE(forward_response_fields(in, out).has_value());
    EXPECT_EQ(read(out.fields()), row.out);
  }
}

}  // namespace
}  // namespace gatehouse::detail::proxy
