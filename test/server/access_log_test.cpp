#include <gatehouse/server/access_log.hpp>
#include <gatehouse/server/decision_log.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gatehouse/net/tls.hpp>

#include "access_log_advice.hpp"
#include "access_log_kit.hpp"
#include "access_log_lines.hpp"
#include "access_log_record.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using detail::server::append_printable;
using detail::server::query_keys;
using test::finished;
using test::noon;
using test::written;

std::string json_of(const finished& f) {
  written w({.style = log_style::json});
  w.log().record(f.e, f.o);
  return w.all();
}

/// Without the time of day, which is local.
std::string terminal_of(const finished& f) {
  written w({.style = log_style::terminal});
  w.log().record(f.e, f.o);
  const std::string line = w.all();
  return line.size() > 14 ? line.substr(14) : line;
}

TEST(access_log, a_request_as_json) {
  EXPECT_EQ(
      json_of({}),
      R"({"time":"2023-11-15T12:00:00.000Z","level":"info","event":"request","id":"5e0f5b6e-0000-4000-8000-000000000001",)"
      R"("client":"192.0.2.7","method":"GET","path":"/notes","status":200,"duration_ms":1.500,"bytes_in":0,)"
      R"("bytes_out":1536,"route":"/*","aborted":false})"
      "\n");
}

TEST(access_log, a_trace_stands_behind_the_id) {
  finished f;
  f.e.trace_id = "0af7651916cd43dd8448eb211c80319c";
  EXPECT_NE(json_of(f).find(R"(-000000000001","trace":"0af7651916cd43dd8448eb211c80319c","client":)"),
            std::string::npos)
      << json_of(f);
}

TEST(access_log, whose_certificate_it_is_stands_behind_the_address_where_that_is_whole) {
  const client_certificate shown{.subject = "CN=SECRET", .fingerprint = std::string(64, 'a')};
  const secure_channel channel{.client = &shown};
  finished f;
  f.e.connection.channel = &channel;
  EXPECT_NE(json_of(f).find(R"("client":"192.0.2.7","client_certificate":")" + shown.fingerprint + R"(","method":)"),
            std::string::npos)
      << json_of(f);
  EXPECT_EQ(json_of(f).find("SECRET"), std::string::npos);
  f.e.why = reason::http_not_found;  // a record that another thread makes a line of
  EXPECT_NE(json_of(f).find(shown.fingerprint), std::string::npos) << json_of(f);
  for (const logged_client less : {logged_client::network, logged_client::none}) {
    written w({.style = log_style::json, .client = less});
    w.log().record(f.e, f.o);
    EXPECT_EQ(w.all().find("aaaa"), std::string::npos);
  }
}

TEST(access_log, says_once_a_second_whose_certificate_was_refused) {
  const connection_info from{.peer = *ip_address::parse("192.0.2.7")};
  struct row {
    logged_client how;
    const char* text;
  };
  const row rows[] = {
      {logged_client::full, "a client at 192.0.2.7 was refused: its certificate: certificate has expired: CN=old"},
      {logged_client::network, "a client at 192.0.2.0 was refused: its certificate: certificate has expired"},
      {logged_client::none, "a client was refused: its certificate: certificate has expired"},
  };
  for (const row& r : rows) {
    written w({.style = log_style::json, .client = r.how});
    w.log().refused_handshake(from, tls_failure::refused, {});
    w.log().refused_handshake(from, tls_failure::plain_text, {});
    w.log().refused_handshake(from, tls_failure::client_certificate_refused, "certificate has expired: CN=old");
    for (int i = 0; i < 1'000; ++i) w.log().refused_handshake(from, tls_failure::client_certificate_missing, {});
    const std::string all = w.all();
    EXPECT_NE(all.find(std::string{R"("event":"client-certificate-refused","text":")"} + r.text + R"("})"),
              std::string::npos)
        << all;
    EXPECT_LE(std::ranges::count(all, '\n'), 3) << all;
  }
}

TEST(access_log, a_request_for_people) { EXPECT_EQ(terminal_of({}), "200  GET /notes  1.5 ms  1.5KiB  192.0.2.7\n"); }

TEST(access_log, names_of_query_parameters_and_never_their_values) {
  finished f;
  f.e.request.query = "page=2&token=SECRET&BARESECRET&=SECRET";
  const std::string json = json_of(f);
  EXPECT_NE(json.find(R"("query":["page","token","-","-"])"), std::string::npos) << json;
  EXPECT_EQ(json.find("SECRET"), std::string::npos) << json;
  EXPECT_EQ(terminal_of(f), "200  GET /notes?page=…&token=…&-=…&-=…  1.5 ms  1.5KiB  192.0.2.7\n");
}

TEST(access_log, who_explains_a_refusal_is_named_with_as_much_of_its_id_as_finds_it) {
  finished f;
  f.e.why = reason::http_trace_refused;
  f.o.answered = status::method_not_allowed;
  written w({.style = log_style::terminal});
  w.log().explained_by("gatehouse explain");
  w.log().record(f.e, f.o);
  EXPECT_NE(w.all().find("  why: gatehouse explain 5e0f5b\n"), std::string::npos);
  written trusted({.style = log_style::terminal});
  trusted.log().explained_by("gatehouse explain -c x.toml");
  f.e.id = "order-2023-0000017";  // what a trusted proxy sends may begin like the one before
  trusted.log().record(f.e, f.o);
  EXPECT_NE(trusted.all().find("  why: gatehouse explain -c x.toml order-2023-0000017\n"), std::string::npos);
}

TEST(access_log, only_allowed_fields_of_a_request_are_logged) {
  finished f;
  ASSERT_TRUE(f.e.request.fields.append(field::authorization, "Bearer SECRET"));
  ASSERT_TRUE(f.e.request.fields.append(field::cookie, "sid=SECRET"));
  ASSERT_TRUE(f.e.request.fields.append(field::other, "X-Api-Key", "SECRET"));
  EXPECT_EQ(json_of(f).find("SECRET"), std::string::npos);
  EXPECT_EQ(terminal_of(f).find("SECRET"), std::string::npos);
}

TEST(access_log, nothing_a_client_sends_ends_a_line_or_moves_a_cursor) {
  finished f;
  f.e.request.path = "/a\r\n\x1b[2J\x9b\xc2\x9b\xe2\x80\xae\x7f\"<";
  const std::string json = json_of(f);
  const std::string terminal = terminal_of(f);
  for (const std::string& line : {json, terminal}) {
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    for (const char c : line) EXPECT_FALSE(c == '\r' || c == '\x1b') << line;
  }
  EXPECT_NE(terminal.find(R"(/a\x0d\x0a\x1b[2J\x9b\xc2\x9b\xe2\x80\xae\x7f"<)"), std::string::npos) << terminal;
}

TEST(access_log, lengths_are_bounded) {
  finished f;
  const std::string long_path(100'000, 'p');
  const std::string long_query = std::string(100'000, 'q') + "=1";
  f.e.request.path = long_path;
  f.e.request.query = long_query;
  f.e.request.method_text = long_path;
  EXPECT_LT(json_of(f).size(), 1'200U);
}

TEST(access_log, the_first_refusal_of_a_kind_is_explained_and_later_ones_are_counted) {
  finished f;
  f.e.why = reason::limit_body_too_large;
  f.e.request.method_text = "POST";
  f.e.request.framing = {.how = body_framing::kind::length, .length = 3 * 1024 * 1024};
  f.o.answered = status::content_too_large;
  written w({.style = log_style::terminal});
  w.log().record(f.e, f.o);
  w.log().record(f.e, f.o);
  const std::string both = w.all();
  EXPECT_NE(
      both.find(
          "413 limit.body-too-large  POST /notes from 192.0.2.7  3MiB came, 1MiB is allowed  fix: limits.max_body = "
          "\"4MiB\"  why: bodies fill memory and disks\n"),
      std::string::npos)
      << both;
  EXPECT_TRUE(both.ends_with("413 limit.body-too-large  POST /notes from 192.0.2.7  ×2\n")) << both;
  EXPECT_NE(json_of(f).find(R"("reason":"limit.body-too-large")"), std::string::npos);
  EXPECT_NE(json_of(f).find(R"("declared_bytes":3145728)"), std::string::npos);
}

struct size_case {
  const char* name;
  std::uint64_t declared;  // 0: chunks
  std::uint64_t limit;
  const char* want;
};

TEST(access_log, a_body_over_the_limit_is_told_in_exact_sizes_with_the_key) {
  constexpr std::uint64_t mib = 1024 * 1024;
  const size_case rows[] = {
      {"one byte too much", mib + 1, mib, "1048577 bytes came, 1MiB is allowed  fix: limits.max_body = \"2MiB\""},
      {"whole KiB", 1536, 1024, "1536 bytes came, 1KiB is allowed  fix: limits.max_body = \"1MiB\""},
      {"odd limits", 2048, 1000, "2KiB came, 1000 bytes is allowed  fix: limits.max_body = \"1MiB\""},
      {"no body is allowed", 1, 0, "1 byte came, 0 bytes is allowed  fix: limits.max_body = \"1MiB\""},
      {"chunks", 0, mib, "more came, 1MiB is allowed  fix: limits.max_body = \"3MiB\""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    finished f;
    f.e.why = reason::limit_body_too_large;
    f.e.body_limit = row.limit;
    f.e.request.framing.how = row.declared != 0 ? body_framing::kind::length : body_framing::kind::chunked;
    f.e.request.framing.length = row.declared;
    f.o.answered = status::content_too_large;
    const std::string line = terminal_of(f);
    EXPECT_NE(line.find(std::string{"  "} + row.want + "  why: bodies fill memory and disks\n"), std::string::npos)
        << line;
  }
}

TEST(access_log, a_foreign_host_is_named_with_the_key_that_allows_it) {
  finished f;
  f.e.why = reason::http_host_not_allowed;
  f.e.request.authority = *authority::parse("evil.example");
  f.o.answered = status::misdirected_request;
  const std::string line = terminal_of(f);
  EXPECT_NE(line.find("Host evil.example  fix: hosts = [\"evil.example\"]"), std::string::npos) << line;
  EXPECT_NE(json_of(f).find(R"("host":"evil.example")"), std::string::npos);
  f.e.why = reason::none;
  EXPECT_EQ(json_of(f).find("evil.example"), std::string::npos);
}

struct denied_case {
  const char* name;
  cors_denial denied;
  const char* want;  // behind the request
};

constexpr std::string_view dev_page = "http://localhost:5173";
const denied_case denied_cases[] = {
    {"the port",
     {.why = reason::cors_origin_not_allowed,
      .differs = origin_difference::port,
      .origin = dev_page,
      .nearest = "http://localhost:3000"},
     " from http://localhost:5173  only the port differs from :3000  fix: --allow-origin http://localhost:5173  why: "},
    {"the usual port",
     {.why = reason::cors_origin_not_allowed,
      .differs = origin_difference::port,
      .origin = "https://a.example:8443",
      .nearest = "https://a.example"},
     " from https://a.example:8443  only the port differs from :443  fix: --allow-origin https://a.example:8443  "
     "why: "},
    {"the scheme",
     {.why = reason::cors_origin_not_allowed,
      .differs = origin_difference::scheme,
      .origin = "http://a.example",
      .nearest = "https://a.example"},
     " from http://a.example  only the scheme differs from https:  fix: --allow-origin http://a.example  why: "},
    {"another name of this machine",
     {.why = reason::cors_origin_not_allowed,
      .differs = origin_difference::loopback_name,
      .origin = "http://127.0.0.1:3000",
      .nearest = "http://localhost:3000"},
     " from http://127.0.0.1:3000  localhost, 127.0.0.1 and [::1] are three origins; allowed is http://localhost:3000  "
     "fix: --allow-origin http://127.0.0.1:3000  why: "},
    {"null",
     {.why = reason::cors_origin_not_allowed, .origin = "null"},
     " from null  a sandboxed frame, a file or a redirect: nobody can be told from anybody there  why: "},
    {"what could move a cursor",
     {.why = reason::cors_invalid_origin, .origin = "https://\x1b[2J"},
     " from https://\\x1b[2J  why: "},
    {"a method",
     {.why = reason::cors_method_not_allowed, .origin = dev_page, .what = "PATCH"},
     " from http://localhost:5173  a preflight asked for the method PATCH  fix: --allow-method PATCH  why: "},
    {"a method in lower case",
     {.why = reason::cors_method_not_allowed, .origin = dev_page, .what = "patch"},
     "  a preflight asked for the method patch  fix: write PATCH in the page: fetch sends \"patch\" as it is  why: "},
    {"a field",
     {.why = reason::cors_header_not_allowed, .origin = dev_page, .what = "x-a"},
     "  a preflight asked for the field x-a  fix: --allow-header x-a  why: "},
    {"what is no field",
     {.why = reason::cors_invalid_preflight, .origin = dev_page, .what = "x a"},
     "  a preflight asked for the field x a  why: "},
};

TEST(access_log, a_denied_origin_is_told_what_differs_and_which_flag_allows_it) {
  for (const auto& c : denied_cases) {
    SCOPED_TRACE(c.name);
    finished f;
    f.e.denied = c.denied;
    const std::string line = terminal_of(f);
    EXPECT_TRUE(line.starts_with("200 (unreadable) " + std::string{code(c.denied.why)} + "  GET /notes")) << line;
    EXPECT_NE(line.find(c.want), std::string::npos) << line;
    f.e.why = c.denied.why;  // refused, by enforce or as a preflight
    f.o.answered = status::forbidden;
    EXPECT_TRUE(terminal_of(f).starts_with("403 " + std::string{code(c.denied.why)})) << terminal_of(f);
    EXPECT_NE(terminal_of(f).find(c.want), std::string::npos);
  }
}

/// What a CORS policy that is tried would deny, or allow.
struct next_case {
  const char* name;
  cors_change change;
  cors_denial denied;  // of the policy in force
  cors_denial next_denied;
  std::string_view terminal;
  std::string_view json;
};
const next_case next_cases[] = {
    {"an origin it would deny",
     cors_change::would_deny,
     {},
     {.why = reason::cors_origin_not_allowed,
      .differs = origin_difference::port,
      .origin = dev_page,
      .nearest = "http://localhost:3000"},
     "200 (cors_next) cors.origin-not-allowed  GET /notes from http://localhost:5173  only the port differs from :3000 "
     " "
     "fix: cors_next.origins with http://localhost:5173  why: ",
     R"("status":200,"would_refuse":"cors.origin-not-allowed","cors_next":"would_deny","duration_ms":)"},
    {"a field it would deny",
     cors_change::would_deny,
     {},
     {.why = reason::cors_header_not_allowed, .origin = dev_page, .what = "x-a"},
     "200 (cors_next) cors.header-not-allowed  GET /notes from http://localhost:5173  a preflight asked for the field "
     "x-a  "
     "fix: cors_next.request_headers with x-a  why: ",
     R"("would_refuse":"cors.header-not-allowed","cors_next":"would_deny")"},
    {"cookies it would not take",
     cors_change::would_deny,
     {},
     {.why = reason::cors_credentials_not_allowed, .origin = dev_page},
     "200 (cors_next) cors.credentials-not-allowed  GET /notes from http://localhost:5173  "
     "fix: cors_next.credentials = true  why: ",
     R"("would_refuse":"cors.credentials-not-allowed","cors_next":"would_deny")"},
    {"an origin it would allow",
     cors_change::would_allow,
     {.why = reason::cors_origin_not_allowed, .origin = dev_page},
     {},
     "200 (unreadable) cors.origin-not-allowed (cors_next allows it)  GET /notes from http://localhost:5173  "
     "fix: --allow-origin http://localhost:5173  why: ",
     R"("unreadable":"cors.origin-not-allowed","cors_next":"would_allow")"},
};

TEST(access_log, what_a_policy_that_is_tried_would_change_is_told) {
  for (const auto& c : next_cases) {
    SCOPED_TRACE(c.name);
    finished f;
    f.e.denied = c.denied;
    f.e.next_cors = c.change;
    f.e.next_denied = c.next_denied;
    if (c.change == cors_change::would_deny) f.e.would_refuse = c.next_denied.why;
    EXPECT_TRUE(terminal_of(f).starts_with(c.terminal)) << terminal_of(f);
    EXPECT_NE(json_of(f).find(c.json), std::string::npos) << json_of(f);
  }
}

// Another rule with report_only had its reason first: it is not the tried policy's.
TEST(access_log, a_watching_rule_and_a_policy_that_is_tried_are_told_apart) {
  finished f;
  f.e.would_refuse = reason::http_host_not_allowed;
  f.e.next_cors = cors_change::would_deny;
  f.e.next_denied = {.why = reason::cors_origin_not_allowed, .origin = dev_page};
  EXPECT_TRUE(terminal_of(f).starts_with("200 (report_only) http.host-not-allowed  GET /notes")) << terminal_of(f);
  EXPECT_NE(json_of(f).find(R"("would_refuse":"http.host-not-allowed","cors_next":"would_deny")"), std::string::npos)
      << json_of(f);
  EXPECT_EQ(decision_of(f.e, f.o).of_next, false);
}

TEST(access_log, what_a_policy_that_is_tried_changes_nothing_of_is_a_line_as_any) {
  finished f;
  f.e.next_cors = cors_change::same;
  EXPECT_EQ(json_of(f), json_of({}));
  EXPECT_EQ(terminal_of(f), terminal_of({}));
}

TEST(access_log, each_denied_origin_is_explained_once_on_each_route) {
  written w({.style = log_style::terminal});
  finished f;
  for (const std::string_view origin : {dev_page, dev_page, std::string_view{"http://localhost:4200"}, dev_page}) {
    f.e.denied = {.why = reason::cors_origin_not_allowed, .origin = origin};
    w.log().record(f.e, f.o);
  }
  const std::string all = w.all();
  std::size_t explained = 0;
  for (std::size_t at = all.find("fix: "); at != std::string::npos; at = all.find("fix: ", at + 1)) ++explained;
  EXPECT_EQ(explained, 2U) << all;
}

TEST(access_log, a_denied_origin_as_json) {
  finished f;
  f.e.denied = {.why = reason::cors_header_not_allowed, .origin = "http://a\"b", .what = "x-a"};
  const std::string line = json_of(f);
  EXPECT_NE(line.find(R"("unreadable":"cors.header-not-allowed")"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("origin":"http://a\"b","denied":"x-a")"), std::string::npos) << line;
  f.e.would_refuse = reason::cors_header_not_allowed;
  EXPECT_NE(json_of(f).find(R"("would_refuse":"cors.header-not-allowed")"), std::string::npos);
  // Of another reason it is nobody's business.
  f.e.why = reason::limit_body_too_large;
  EXPECT_EQ(json_of(f).find("http://a"), std::string::npos);
}

TEST(access_log, what_a_watching_rule_would_have_refused_is_said) {
  finished f;
  f.e.would_refuse = reason::http_host_not_allowed;
  EXPECT_NE(json_of(f).find(R"("would_refuse":"http.host-not-allowed")"), std::string::npos);
  EXPECT_NE(terminal_of(f).find("200 (report_only) http.host-not-allowed"), std::string::npos);
}

TEST(access_log, an_aborted_exchange_says_so) {
  finished f;
  f.o.aborted = true;
  EXPECT_NE(json_of(f).find(R"("aborted":true)"), std::string::npos);
  EXPECT_TRUE(terminal_of(f).ends_with("(cut off)\n"));
}

TEST(access_log, an_unreadable_head_has_a_line_too) {
  exchange e;
  e.why = reason::http_malformed_request_line;
  e.head_refused = true;
  e.began_at = noon;
  written w({.style = log_style::terminal});
  w.log().record(e, {.answered = status::bad_request});
  EXPECT_NE(w.all().find("400 http.malformed-request-line  (unreadable request) from 0.0.0.0"), std::string::npos);
}

TEST(access_log, times_are_right_in_any_order) {
  written w({.style = log_style::json});
  finished f;
  for (const milliseconds after : {0ms, 7ms, 999ms, 1'000ms, 86'400'000ms, 500ms}) {
    f.e.began_at = noon + after;
    w.log().record(f.e, f.o);
  }
  const std::string all = w.all();
  std::string times;
  for (std::size_t at = 0; (at = all.find("{\"time\":\"", at)) != std::string::npos; ++at) {
    times += all.substr(at + 9, 24) + "\n";
  }
  EXPECT_EQ(times,
            "2023-11-15T12:00:00.000Z\n2023-11-15T12:00:00.007Z\n2023-11-15T12:00:00.999Z\n"
            "2023-11-15T12:00:01.000Z\n2023-11-16T12:00:00.000Z\n2023-11-15T12:00:00.500Z\n");
}

TEST(access_log, a_refused_target_is_shown_without_its_query) {
  finished f;
  f.e.request.path = {};
  f.e.request.target = "/a/../b?token=SECRET";
  f.e.why = reason::http_ambiguous_path;
  const std::string line = terminal_of(f);
  EXPECT_NE(line.find("GET /a/../b from"), std::string::npos) << line;
  EXPECT_EQ(line.find("SECRET"), std::string::npos) << line;
}

TEST(access_log, notes_and_screens) {
  written json({.style = log_style::json});
  json.log().screen("for people\n");
  json.log().note(log_level::error, "upstream-down", "nothing listens on 127.0.0.1:5000\x1b\n", "the-id");
  const std::string line = json.all();
  EXPECT_NE(
      line.find(R"("level":"error","event":"upstream-down","id":"the-id","text":"nothing listens on 127.0.0.1:5000)"),
      std::string::npos)
      << line;
  EXPECT_EQ(line.find("for people"), std::string::npos);

  written terminal({.style = log_style::terminal});
  terminal.log().screen("for people\n");
  terminal.log().note(log_level::error, "upstream-down", "nothing listens\x1b\n", "the-id");
  const std::string lines = terminal.all();
  EXPECT_TRUE(lines.starts_with("for people\n")) << lines;
  EXPECT_TRUE(lines.ends_with("error  nothing listens\\x1b\\x0a  id the-id\n")) << lines;
}

TEST(access_log, what_repeats_is_counted_and_no_count_is_lost) {
  written w({.style = log_style::json, .sample_repeats = 3, .ring_bytes = 1024 * 1024});
  finished f;
  f.e.why = reason::limit_body_too_large;
  f.o.answered = status::content_too_large;
  for (int i = 0; i < 1'000; ++i) w.log().record(f.e, f.o);
  finished good;
  for (int i = 0; i < 10; ++i) w.log().record(good.e, good.o);
  const std::string all = w.all();
  EXPECT_EQ(w.log().dropped(), 0U);
  std::size_t requests = 0;
  std::size_t repeated = 0;
  for (std::size_t at = 0; (at = all.find(R"("event":"request")", at)) != std::string::npos; ++at) ++requests;
  for (std::size_t at = 0; (at = all.find(R"("event":"repeated","count":)", at)) != std::string::npos; ++at) {
    repeated += std::stoul(all.substr(at + 27));
  }
  EXPECT_EQ(requests + repeated, 1'010U) << all;
  EXPECT_LT(requests, 200U);  // 13, unless this takes many seconds
  EXPECT_NE(all.find(R"("status":413,"reason":"limit.body-too-large","route":"/*"})"), std::string::npos) << all;
}

TEST(access_log, which_requests_have_a_line) {
  finished good;
  finished refused;
  refused.e.why = reason::http_not_found;
  finished watched;
  watched.e.would_refuse = reason::http_host_not_allowed;
  finished broken;
  broken.o.aborted = true;
  finished own_error;
  own_error.o.answered = status::internal_server_error;
  finished not_found;  // the API's own answer: nothing failed
  not_found.o.answered = status::not_found;
  struct row {
    std::string_view name;
    const finished& f;
    bool problem;
  };
  for (const row& r :
       {row{"good", good, false}, row{"refused", refused, true}, row{"would be refused", watched, true},
        row{"broken off", broken, true}, row{"5xx", own_error, true}, row{"4xx of the API", not_found, false}}) {
    const auto has_line = [&r](logged_requests wanted) {
      written w({.style = log_style::json, .requests = wanted});
      w.log().record(r.f.e, r.f.o);
      return !w.all().empty();
    };
    EXPECT_TRUE(has_line(logged_requests::all)) << r.name;
    EXPECT_EQ(has_line(logged_requests::problems), r.problem) << r.name;
    EXPECT_FALSE(has_line(logged_requests::none)) << r.name;
  }
  written w({.style = log_style::json, .requests = logged_requests::none});
  w.log().note(log_level::warning, "upstream-down", "nothing listens");
  EXPECT_NE(w.all().find("upstream-down"), std::string::npos);
}

TEST(access_log, repeats_for_people) {
  written w({.style = log_style::terminal, .sample_repeats = 1});
  finished f;
  f.e.why = reason::http_not_found;
  f.e.route = nullptr;
  f.o.answered = status::not_found;
  for (int i = 0; i < 3; ++i) w.log().record(f.e, f.o);
  std::string all = w.all();
  EXPECT_NE(all.find("404 http.not-found  2 more within a second\n"), std::string::npos) << all;
  w.log().record(f.e, f.o);
  all += w.all();  // told or counted: the number is right
  EXPECT_TRUE(all.find("×4") != std::string::npos || all.find("  1 more within a second") != std::string::npos) << all;
}

struct client_case {
  const char* name;
  const char* address;
  logged_client how;
  const char* want;  // in JSON; empty: no such member
};

TEST(access_log, of_a_client_no_more_is_logged_than_was_allowed) {
  const client_case rows[] = {
      {"full", "192.0.2.7", logged_client::full, R"("client":"192.0.2.7",)"},
      {"the network of IPv4", "192.0.2.7", logged_client::network, R"("client":"192.0.2.0",)"},
      {"the network of IPv6", "2001:db8:1:2:3:4:5:6", logged_client::network, R"("client":"2001:db8:1::",)"},
      {"none", "192.0.2.7", logged_client::none, ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    for (const bool refused : {false, true}) {
      for (const log_style style : {log_style::json, log_style::terminal}) {
        finished f;
        f.e.client = *ip_address::parse(row.address);
        if (refused) f.e.why = reason::http_not_found;
        written w({.style = style, .client = row.how});
        w.log().record(f.e, f.o);
        const std::string line = w.all();
        EXPECT_TRUE(style != log_style::json || line.find(row.want) != std::string::npos) << line;
        EXPECT_EQ(line.find(row.address) != std::string::npos, row.how == logged_client::full) << line;
        EXPECT_EQ(line.find("192.0.2") != std::string::npos || line.find("2001:db8:1:") != std::string::npos,
                  row.how != logged_client::none)
            << line;
        EXPECT_EQ(line.find("from") != std::string::npos,
                  refused && style == log_style::terminal && row.how != logged_client::none)
            << line;
      }
    }
  }
}

TEST(access_log_text, printable_text_stays_as_it_is) {
  std::string out;
  append_printable(out, "Grüße, 世界 🙂");
  EXPECT_EQ(out, "Grüße, 世界 🙂");
  out.clear();
  append_printable(out, "\xff\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe4\xb8");
  EXPECT_EQ(out, R"(\xff\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe4\xb8)");
}

TEST(access_log_record, query_keys_fit_their_space) {
  std::array<char, 8> space{};
  EXPECT_EQ(query_keys("abc=1&def=2&ghi=3", space), "abc&def");
  EXPECT_EQ(query_keys("", space), "");
  EXPECT_EQ(query_keys("&&", space), "-&-");
  EXPECT_EQ(query_keys("much-too-long-a-key=1", space), "");
}

}  // namespace
}  // namespace gatehouse
