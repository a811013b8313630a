#include <gtest/gtest.h>

#include <gatehouse/config/load.hpp>

namespace gatehouse {
namespace {

/// Everything the two steps and the lint say, a problem a line.
std::string said_of(std::string_view text) {
  loaded_config loaded = read_config(text, "t.toml");
  if (loaded.parsed) {
    judge_config(loaded);
    lint_config(loaded);
  }
  std::string out;
  for (const config_problem& p : loaded.report.problems) out += to_text(p) + "\n";
  return out;
}

/// "line:column code" of each.
std::string codes_of(std::string_view text) {
  loaded_config loaded = read_config(text, "t.toml");
  judge_config(loaded);
  lint_config(loaded);
  std::string out;
  for (const config_problem& p : loaded.report.problems) {
    out += (out.empty() ? "" : ", ") + std::to_string(p.where.line) + ":" + std::to_string(p.where.column) + " " +
           p.what.code;
  }
  return out;
}

/// As codes_of, without what is said of nearly every CORS policy in such a short file, or of the machine's list of
/// suffixes.
std::string rarer_codes_of(std::string_view text) {
  std::string out;
  const std::string all = codes_of(text);
  for (std::size_t at = 0; at < all.size();) {
    const std::string one = all.substr(at, all.find(", ", at) - at);
    at += one.size() + 2;
    if (one.ends_with("-c09") || one.ends_with("-c11") || one.ends_with("-c27")) continue;
    out += (out.empty() ? "" : ", ") + one;
  }
  return out;
}

constexpr std::string_view up = "upstream = \"http://127.0.0.1:5000\"\n";

TEST(judge, a_small_file_is_clean) { EXPECT_EQ(said_of(up), ""); }

// What the rule finds doubtful has its place in the file, and knows the rest of the configuration.
TEST(judge, doubtful_cors_policies_are_said_with_their_place) {
  EXPECT_EQ(codes_of(R"(upstream = "http://127.0.0.1:5000"
[tls]
certificate = "/nowhere/cert.pem"
key = "/nowhere/key.pem"
redirect_from = "127.0.0.1:8081"
[cors]
origins = ["http://app.example.com"]
methods = ["GET"]
expose_headers = ["x-request-id"]
disclose = "stepwise"
allow_private_network = true
preflight_status = 201
)"),
            "3:15 cannot-read, 4:7 cannot-read, 7:12 cors-c20, 10:12 cors-c30, 11:25 cors-c29, 12:20 unknown-value");
}

TEST(judge, a_cors_policy_that_is_tried_is_judged_as_the_one_in_force) {
  EXPECT_EQ(rarer_codes_of(std::string{up} + R"([cors]
origins = ["https://app.example.com"]
[cors_next]
origins = ["app.example.com", "https://a.example.com"]
credentials = true
[[route]]
match = "/a"
[route.cors_next]
max_age = "5m"
)"),
            "5:12 missing-scheme, 9:8 missing-origins");
  EXPECT_EQ(rarer_codes_of(std::string{up} + R"([cors_next]
origins = ["https://app.example.com"]
[[route]]
match = "/a"
cors_next = { origins = [] }
[[route]]
match = "/b"
cors = { origins = [] }
cors_next = { origins = ["https://b.example.com"], max_age = "3h" }
)"),
            "2:2 nothing-to-compare, 6:1 nothing-to-compare, 10:62 cors-c18");
  EXPECT_EQ(rarer_codes_of(std::string{up} + R"([cors]
upstream_headers = "pass"
[cors_next]
origins = ["https://app.example.com"]
[[route]]
match = "/a"
cors_next = { origins = [] }
)"),
            "4:2 nothing-to-compare, 8:1 nothing-to-compare");
}

TEST(judge, the_sites_of_credentials_are_compared_with_ours) {
  const std::string text = std::string{up} + R"(public_origin = "https://api.example.com"
[cors]
origins = ["https://app.example.com", "https://app.example.net"]
credentials = true
)";
  EXPECT_EQ(rarer_codes_of(text), "4:39 cors-c06");
  EXPECT_EQ(rarer_codes_of(text + "[cookies]\ncross_site = [\"sid\"]\n"), "");
}

TEST(judge, everything_that_is_wrong_is_said_at_once) {
  EXPECT_EQ(said_of(R"(port = 3000
upstream = "localhost:5000"
hosts = ["api.example.com", "https://x.example/"]

[limits]
max_body = "2mb"
max_fields = 500

[client_ip]
trusted_proxies = ["10.0.0.5", 5, "0.0.0.0/0"]

[headers]
profile = "ap"

[rate_limit]
per_minute = 60

[cors]
origins = ["app.example.com"]
)"),
            R"(t.toml:1:1: error[unknown-key]: there is no key "port"; it is called listen here
  write: listen = "127.0.0.1:8080"
t.toml:2:12: error[missing-scheme]: upstream "localhost:5000": an upstream is written as a URL, with http:// or https:// in front
  write: upstream = "http://localhost:5000"
t.toml:3:29: error[not-a-host]: hosts "https://x.example/": An accepted host is a name or an address, with or without a port.
  write: hosts = "x.example"
t.toml:6:12: error[not-a-size]: limits.max_body: "2mb" is not a size; they look like 1MiB, 64KiB or 4096
  write: max_body = "2MiB"
t.toml:7:14: error[out-of-range]: limits.max_fields can be 1 to 96, not 500
  write: max_fields = 96
t.toml:10:32: error[wrong-type]: client_ip.trusted_proxies must be a list of texts, not a number
  write: trusted_proxies = ["10.0.0.0/8"]
t.toml:10:35: error[trusts-everyone]: client_ip.trusted_proxies "0.0.0.0/0": This range holds every address, so that each client could choose its own.
  write: only the addresses of your own proxies
t.toml:13:11: error[unknown-profile]: headers.profile "ap": There is no such profile.
  write: profile = "api"
t.toml:15:2: error[not-available-yet]: rate_limit is not in this version yet: remove it
t.toml:19:12: error[missing-scheme]: cors.origins "app.example.com": An origin begins with its scheme.
  write: origins = "https://app.example.com"
)");
}

TEST(judge, what_two_rules_find_is_said_once) {
  EXPECT_EQ(said_of("upstream = \"http://127.0.0.1:5000\"\npublic_origin = \"api.example.com\"\n"
                    "[cors]\norigins = [\"https://app.example.com\"]\nmethods = [\"GET\"]\nexpose_headers = "
                    "[\"x-request-id\"]\n"),
            "t.toml:2:17: error[missing-scheme]: public_origin \"api.example.com\": An origin begins with its scheme.\n"
            "  write: public_origin = \"https://api.example.com\"\n");
}

TEST(judge, keys_of_tokens_are_judged_once_and_never_shown) {
  // A route with a guard of its own has the same keys: what is wrong with them is not said again.
  EXPECT_EQ(
      said_of("upstream = \"http://127.0.0.1:5000\"\n"
              "[csrf]\ntoken_keys = [\"hunter2\", \"0123456789abcdef0123456789abcdef\"]\nsession_cookie = \"a b\"\n"
              "[[route]]\nmatch = \"/pay\"\ncsrf.require_token = true\n"),
      R"(t.toml:3:15: error[short-key]: csrf.token_keys: A key has at least 32 bytes, or it can be guessed.
  write: what `openssl rand -base64 32` prints
t.toml:3:26: error[weak-key]: csrf.token_keys: Who knows the pattern can write the key.
  write: what `openssl rand -base64 32` prints
t.toml:4:18: error[not-a-cookie]: csrf.session_cookie "a b": No cookie has such a name.
)");
  EXPECT_EQ(codes_of("upstream = \"http://127.0.0.1:5000\"\n[csrf]\ntoken_keys = \"hunter2\"\n"), "3:14 short-key");
  EXPECT_EQ(codes_of("upstream = \"http://127.0.0.1:5000\"\n[[route]]\nmatch = \"/pay\"\ncsrf.require_token = true\n"),
            "4:22 needs-keys");
  const std::string plain =
      "upstream = \"http://127.0.0.1:5000\"\nlisten = \"0.0.0.0:80\"\nhosts = [\"a.example\"]\n"
      "insecure_plain_http = true\n[csrf]\n"
      "token_keys = [\"kX3v9QpL0sZt7RmY2wBc5NdF8hJg1aUe\"]\n";
  EXPECT_EQ(codes_of(plain), "4:23 insecure-plain-http, 6:14 csrf-token-without-session");
  EXPECT_EQ(codes_of(plain + "session_cookie = \"sid\"\n"), "4:23 insecure-plain-http");
  EXPECT_EQ(codes_of("upstream = \"http://127.0.0.1:5000\"\n[csrf]\nsession_cookie = \"sid\"\n"), "3:18 needs-keys");
}

TEST(judge, a_syntax_error_stops_at_the_first) {
  const std::string said = said_of("listen = \nupstream = \n");
  EXPECT_TRUE(said.starts_with("t.toml:1:10: error[syntax]: this is not TOML: ")) << said;
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
}

TEST(judge, listeners) {
  const std::string u{up};
  EXPECT_EQ(codes_of(u + "listen = \"localhost:80\""), "2:10 not-an-address");
  EXPECT_EQ(codes_of(u + "listen = []"), "2:10 empty");
  EXPECT_EQ(codes_of(u + "listen = [\"127.0.0.1:80\", \"[::1]:80\", \"127.0.0.1:80\"]"), "2:39 duplicate");
  EXPECT_EQ(codes_of(u + "listen = [\"127.0.0.1:0\", \"127.0.0.1:0\"]"), "");
  EXPECT_EQ(codes_of(u + "[telemetry]\nlisten = \"localhost:9081\""), "3:10 not-an-address");
  EXPECT_EQ(codes_of(u + "[telemetry]\nlisten = [\"0.0.0.0:9081\", \"127.0.0.1:8080\"]"), "3:27 duplicate");
  EXPECT_EQ(codes_of(u + "[telemetry]\nlisten = \"0.0.0.0:9081\""), "");
  EXPECT_EQ(codes_of(u + "listen = \"0.0.0.0:80\"\nhosts = [\"a.example\"]"), "2:10 insecure-plain-http");
  EXPECT_EQ(codes_of(u + "listen = \"0.0.0.0:80\"\ninsecure_plain_http = true"),
            "2:10 hosts-missing, 3:23 insecure-plain-http");
  EXPECT_EQ(
      codes_of(u + "listen = \"0.0.0.0:80\"\nhosts = [\"a.example\"]\n[client_ip]\ntrusted_proxies = [\"10.0.0.1\"]"),
      "");
}

TEST(judge, the_admin_listener) {
  struct row {
    const char* name;
    std::string_view section;
    std::string_view codes;
  };
  constexpr row rows[] = {
      {"on loopback without a token", "listen = \"127.0.0.1:9080\"", ""},
      {"a Unix socket", "listen = \"unix:/run/gatehouse/admin.sock\"", ""},
      {"off", "listen = \"off\"", ""},
      {"a relative path", "listen = \"unix:admin.sock\"", "3:10 not-an-address"},
      {"a name", "listen = \"localhost:9080\"", "3:10 not-an-address"},
      {"open to others without a token", "listen = \"0.0.0.0:9080\"",
       "3:10 admin-token-missing, 3:10 admin-plain-http"},
      {"open to others with one", "listen = \"0.0.0.0:9080\"\ntoken = \"0123456789abcdef0123456789abcdef\"",
       "3:10 admin-plain-http"},
      {"a short token", "token = \"secret\"", "3:9 weak-token"},
      {"a token that no field can hold", "token = \"0123456789abcdef 0123456789abcdef\"", "3:9 weak-token"},
  };
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    EXPECT_EQ(codes_of(std::string{up} + "[admin]\n" + std::string{r.section} + "\n"), r.codes);
  }
  EXPECT_EQ(said_of(std::string{up} + "[admin]\ntoken = \"hunter2\"\n").find("hunter2"), std::string::npos);
}

struct plain_http_case {
  std::string_view listen;  // as TOML
  std::string_view codes;   // without any exit
};

TEST(judge, plain_http_is_for_loopback_only) {
  constexpr plain_http_case rows[] = {
      {R"("127.0.0.1:80")", ""},
      {R"("127.255.255.254:80")", ""},
      {R"("[::1]:80")", ""},
      {R"("[::ffff:127.0.0.1]:80")", ""},
      {R"(["127.0.0.1:80", "[::1]:80"])", ""},
      {R"(":80")", ""},  // nothing is opened to others by leaving something out
      {R"("80")", ""},
      {R"("0.0.0.0:80")", "2:10 insecure-plain-http"},
      {R"("[::]:80")", "2:10 insecure-plain-http"},
      {R"("[::ffff:0.0.0.0]:80")", "2:10 insecure-plain-http"},
      {R"("10.0.0.1:80")", "2:10 insecure-plain-http"},
      {R"("[fe80::1]:80")", "2:10 insecure-plain-http"},
      {R"("[2001:db8::1]:80")", "2:10 insecure-plain-http"},
      {R"("[::ffff:10.0.0.1]:80")", "2:10 insecure-plain-http"},
      {R"(["127.0.0.1:80", "0.0.0.0:81", "[::]:82"])", "2:27 insecure-plain-http, 2:41 insecure-plain-http"},
      // What has no number is no address, whatever it would resolve to.
      {R"("localhost:80")", "2:10 not-an-address"},
      {R"("api.example.com:80")", "2:10 not-an-address"},
      {R"("*:80")", "2:10 not-an-address"},
      {R"("127.1:80")", "2:10 not-an-address"},
      {R"("0x7f.0.0.1:80")", "2:10 not-an-address"},
  };
  const std::string u = std::string{up} + "listen = ";
  const std::string hosts = "\nhosts = [\"a.example\"]\n";
  for (const auto& row : rows) {
    SCOPED_TRACE(row.listen);
    const std::string text = u + std::string{row.listen} + hosts;
    EXPECT_EQ(codes_of(text), row.codes);
    if (row.codes.find("insecure-plain-http") == std::string_view::npos) continue;
    EXPECT_EQ(codes_of(text + "[client_ip]\ntrusted_proxies = [\"10.0.0.1\"]"), "");
    EXPECT_EQ(codes_of(text + "insecure_plain_http = true"), "4:23 insecure-plain-http") << "then it is a warning";
    EXPECT_NE(codes_of(text + "report_only = true").find("insecure-plain-http"), std::string::npos)
        << "this is no rule that watches";
  }
}

TEST(judge, suggestions_for_addresses) {
  const std::string u{up};
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"localhost:80", "write: listen = \"127.0.0.1:80\""},         {"*:9000", "write: listen = \"0.0.0.0:9000\""},
      {"http://127.0.0.1:81/", "write: listen = \"127.0.0.1:81\""}, {"0.0.0.0", "write: listen = \"0.0.0.0:8080\""},
      {"example.com:443", "write: listen = \"127.0.0.1:443\""},
  };
  for (const auto& [listen, want] : rows) {
    SCOPED_TRACE(listen);
    const std::string said = said_of(u + "listen = \"" + std::string{listen} + "\"");
    EXPECT_NE(said.find(want), std::string::npos) << said;
  }
}

TEST(judge, upstreams) {
  EXPECT_EQ(codes_of("upstream = \"https://api.example/x\""), "1:12 path-in-upstream");
  EXPECT_EQ(codes_of("upstream = \"http://a:1/\""), "1:12 trailing-slash");
  EXPECT_EQ(codes_of("upstream = [\"http://a:1\", \"unix:/run/b.sock\"]"), "");
  EXPECT_EQ(codes_of("upstream = [\"http://a:1\", \"b:1\", \"http://a:1\"]"), "1:27 missing-scheme, 1:34 duplicate");
  EXPECT_EQ(codes_of("[proxy]\npassive_health.out_at_most = \"100ms\"\n[proxy.active_health]\npath = \"health\""),
            "1:1 no-upstream, 2:30 out-of-range, 4:8 invalid-path");
  EXPECT_EQ(codes_of(""), "1:1 no-upstream");
}

TEST(judge, cookies_are_names) {
  const std::string u{up};
  EXPECT_EQ(codes_of(u + "[cookies]\nreadable_by_scripts = [\"theme\", \"a=b\"]\ncross_site = \"*\""),
            "3:33 not-a-cookie-name, 4:14 pattern");
  EXPECT_EQ(codes_of(u + "[cookies]\nmap_to_host_prefix = \"__Host-a\""), "3:22 has-prefix, 3:22 no-effect");
  EXPECT_EQ(codes_of(u + "[cookies]\ncross_site = \"a\"\ndangerously_off = true"),
            "4:19 contradiction, 4:19 cookies-off");
}

TEST(judge, the_target_is_part_of_the_head) {
  EXPECT_EQ(codes_of(std::string{up} + "[limits]\nmax_target = \"32KiB\""), "3:14 out-of-range");
  EXPECT_EQ(codes_of(std::string{up} + "[limits]\nmax_head = \"2KiB\""), "3:12 out-of-range");
  EXPECT_EQ(codes_of(std::string{up} + "[limits]\nmax_head = \"64KiB\"\nmax_target = \"32KiB\""), "");
}

TEST(judge, errors_each_with_its_place) {
  const std::string u{up};
  EXPECT_EQ(codes_of(u + "[errors]\nupstream_5xx = \"replace_leaks\"\nupstream_4xx = \"replace_leaks\""), "");
  EXPECT_EQ(codes_of(u + "[errors]\nupstream_5xx = \"leaks\"\nupstream_4xx = \"replace\""),
            "3:16 not-a-choice, 4:16 not-a-choice");
  EXPECT_EQ(codes_of(u + "[errors]\nkeep_headers = [\"Server\", \"X-Powerd-By\", \"a b\", \"server\"]"),
            "3:27 not-removed, 3:42 invalid-field-name, 3:49 duplicate");
  // Others would read what went wrong.
  EXPECT_EQ(
      codes_of("listen = [\"127.0.0.1:1\", \"0.0.0.0:2\"]\nhosts = [\"a.example\"]\ninsecure_plain_http = true\n" + u +
               "[errors]\ndev_errors = true"),
      "3:23 insecure-plain-http, 6:14 dev-errors-off-loopback, 6:14 dev-errors");
}

TEST(lint, each_exit_in_use_is_a_warning) {
  const std::string u{up};
  EXPECT_EQ(codes_of(u + "[errors]\nupstream_5xx = \"pass\""), "3:16 upstream-errors-pass");
  EXPECT_EQ(codes_of(u + "[errors]\ndev_errors = true"), "3:14 dev-errors");
  EXPECT_EQ(codes_of(u + "report_only = true"), "2:15 report-only");
  EXPECT_EQ(codes_of(u + "[cookies]\ndangerously_off = true"), "3:19 cookies-off");
  EXPECT_EQ(codes_of(u + "[cookies]\nmap_to_host_prefix = \"a\""), "3:22 no-effect");
  EXPECT_EQ(codes_of(u + "[client_ip]\ntrusted_proxies = \"10.0.0.0/8\"\n[cookies]\nmap_to_host_prefix = \"a\""), "");
  EXPECT_EQ(codes_of(u + "insecure_plain_http = true"), "2:23 no-effect");
  EXPECT_EQ(codes_of(u + "[limits]\nmin_body_rate = 0"), "3:17 limit-off");
  EXPECT_EQ(codes_of(u + "[headers]\nx_frame_options = \"\""), "3:19 header-off");
}

TEST(judge, a_flag_is_quoted_as_it_was_written) {
  loaded_config loaded = read_config(up, "t.toml");
  loaded.config.upstream = {"localhost:5000/"};
  loaded.sources.replace("upstream", {.file = "--to"});
  judge_config(loaded);
  ASSERT_EQ(loaded.report.problems.size(), 2U);
  EXPECT_EQ(
      to_text(loaded.report.problems[0]),
      "--to: error[missing-scheme]: upstream \"localhost:5000/\": an upstream is written as a URL, with http:// or "
      "https:// in front\n"
      "  write: --to http://localhost:5000");
}

TEST(report, control_bytes_of_the_file_do_not_reach_the_terminal) {
  const std::string said = said_of("\"\\u001b[31m\\n\" = 1\nupstream = \"http://\\u001b[2J\"\n");
  EXPECT_EQ(said.find('\x1b'), std::string::npos) << said;
}

TEST(read, what_cannot_be_opened_is_a_problem_like_any_other) {
  EXPECT_EQ(read_config_file("/nonexistent/x.toml").report.problems.front().what.code, "cannot-read");
  EXPECT_EQ(read_config_file("/tmp").report.problems.front().what.code, "not-a-file");
  EXPECT_EQ(read_config(std::string(max_config_bytes + 1, '#'), "big.toml").report.problems.front().what.code,
            "too-long");
}

TEST(judge, a_tls_section_needs_a_certificate_and_its_key) {
  const std::string u{up};
  EXPECT_EQ(codes_of(u + "[tls]"), "2:2 missing");
  EXPECT_EQ(codes_of(u + "[tls]\nprofile = \"modern\""), "2:2 missing");
  EXPECT_EQ(codes_of(u + "[tls]\ncertificate = []"), "") << "off, and said so";
  EXPECT_EQ(codes_of(u + "[tls]\nkey = \"none.key\""), "2:2 missing");
  EXPECT_EQ(codes_of(u + "[tls]\ncertificate = \"none.pem\""), "2:2 missing");
  EXPECT_EQ(codes_of(u + "[tls]\ncertificate = \"none.pem\"\nkey = [\"none.key\", \"more.key\"]"), "4:7 not-in-pairs");
  EXPECT_EQ(codes_of(u + "[tls]\ncertificate = \"none.pem\"\nkey = \"none.key\""), "3:15 cannot-read, 4:7 cannot-read");
  EXPECT_EQ(codes_of(u + "[tls]\nprofile = \"old\"").substr(0, 4), "2:2 ") << "and the profile";
}

TEST(judge, certificates_of_clients_are_asked_for_or_nothing_is_made_of_them) {
  const std::string u{up};
  const std::string tls = "[tls]\ncertificate = \"none.pem\"\nkey = \"none.key\"\n";
  const std::string missing = "3:15 cannot-read, 4:7 cannot-read";
  EXPECT_EQ(codes_of(u + tls + "client_certificate = \"required\""), missing + ", 5:22 missing");
  EXPECT_EQ(codes_of(u + tls + "client_certificate = \"always\"").substr(missing.size(), 6), ", 5:22");
  EXPECT_EQ(codes_of(u + tls + "client_ca = \"none.pem\""), missing + ", 5:13 not-asked-for, 5:13 cannot-read");
  EXPECT_EQ(codes_of(u + tls + "client_certificate = \"optional\"\nclient_ca = [\"none.pem\"]"),
            missing + ", 6:14 cannot-read");
  EXPECT_EQ(codes_of(u + "[tls]\ncertificate = []\nclient_certificate = \"required\"\nclient_ca = \"none.pem\""),
            "3:15 missing, 5:13 cannot-read")
      << "who demands certificates does not mean plain HTTP";
  EXPECT_EQ(codes_of(u + "[[route]]\nmatch = \"/admin/*\"\nrequire_client_certificate = true"), "4:30 not-asked-for");
  EXPECT_EQ(codes_of(u + "[proxy]\nclient_certificate = \"send\""), "3:22 not-asked-for");
  EXPECT_EQ(codes_of(u + "[proxy]\nclient_certificate = \"pass\""), "3:22 nobody-trusted");
  EXPECT_EQ(codes_of(u + "[proxy]\nclient_certificate = \"pass\"\n[client_ip]\ntrusted_proxies = [\"10.0.0.1\"]"), "");
  EXPECT_EQ(codes_of(u + "[proxy]\nclient_certificate = \"forward\"").substr(0, 4), "3:22");
  EXPECT_EQ(
      codes_of(
          "[service.a]\nupstreams = \"http://127.0.0.1:1\"\nclient_certificate = \"send\"\n[[route]]\nservice = \"a\""),
      "3:22 not-asked-for");
}

}  // namespace
}  // namespace gatehouse
