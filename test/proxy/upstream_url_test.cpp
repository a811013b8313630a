#include <gatehouse/proxy/upstream_url.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include <gatehouse/proxy/proxy.hpp>

namespace gatehouse {
namespace {

struct valid_row {
  std::string_view text;
  std::string_view host;
  std::uint16_t port;
  std::string_view address;
  std::string_view authority;
};
constexpr valid_row valid[] = {
    {"http://127.0.0.1:5000", "127.0.0.1", 5000, "127.0.0.1:5000", "127.0.0.1:5000"},
    {"http://localhost", "localhost", 80, "localhost:80", "localhost"},
    {"HTTP://api.internal:8080", "api.internal", 8080, "api.internal:8080", "api.internal:8080"},
    {"http://[::1]:5000", "::1", 5000, "[::1]:5000", "[::1]:5000"},
    {"http://[2001:db8::2]", "2001:db8::2", 80, "[2001:db8::2]:80", "[2001:db8::2]"},
    {"http://notes_api:5000", "notes_api", 5000, "notes_api:5000", "notes_api:5000"},
    {"https://api.internal:8443", "api.internal", 8443, "api.internal:8443", "api.internal:8443"},
    {"HTTPS://api.internal", "api.internal", 443, "api.internal:443", "api.internal"},
    {"https://api.internal:80", "api.internal", 80, "api.internal:80", "api.internal:80"},
    {"https://[::1]", "::1", 443, "[::1]:443", "[::1]"},
    {"unix:/run/notes.sock", "", 0, "unix:/run/notes.sock", "localhost"},
};

TEST(upstream_url, valid_ones) {
  for (const valid_row& r : valid) {
    SCOPED_TRACE(r.text);
    const auto u = upstream_url::parse(r.text);
    ASSERT_TRUE(u.has_value()) << u.error().front().message;
    EXPECT_EQ(u->host, r.host);
    EXPECT_EQ(u->port, r.port);
    EXPECT_EQ(u->address(), r.address);
    EXPECT_EQ(u->authority(), r.authority);
  }
}

struct invalid_row {
  std::string_view text;
  std::vector<std::string> codes;
  std::string suggestion;
};
const invalid_row invalid[] = {
    {"127.0.0.1:5000", {"missing-scheme"}, "http://127.0.0.1:5000"},
    {"localhost:5000", {"missing-scheme"}, "http://localhost:5000"},
    {"5000", {"missing-scheme"}, "http://localhost:5000"},
    {":5000", {"missing-scheme"}, "http://localhost:5000"},
    {"", {"missing-scheme", "missing-host"}, ""},
    {"https://localhost:5000/api", {"path-in-upstream"}, "https://localhost:5000"},
    {"ftp://localhost", {"unknown-scheme"}, "http://localhost"},
    {"unix:///run/notes.sock", {"not-a-socket-path"}, "unix:/run/notes.sock"},
    {"unix:notes.sock", {"not-a-socket-path"}, "unix:/run/notes.sock"},
    {"unix:/", {"not-a-socket-path"}, "unix:/run/notes.sock"},
    {"unix:/a\nb", {"not-a-socket-path"}, ""},
    {"http://localhost:5000/", {"trailing-slash"}, "http://localhost:5000"},
    {"http://localhost:5000/api", {"path-in-upstream"}, "http://localhost:5000"},
    {"http://localhost:5000?x", {"query-in-upstream"}, "http://localhost:5000"},
    {"http://user:secret@localhost:5000", {"userinfo-in-upstream"}, "http://localhost:5000"},
    {"http://localhost:0", {"not-a-port"}, ""},
    {"http://localhost:65536", {"not-a-port"}, ""},
    {"http://localhost:", {"not-a-port"}, ""},
    {"http://localhost:5k", {"not-a-port"}, ""},
    {"http://::1:5000", {"not-a-host"}, ""},
    {"http://[::1", {"not-a-host"}, ""},
    {"http://a b:5000", {"not-a-host"}, ""},
    {"http://:5000", {"missing-host"}, "http://localhost:5000"},
    {"https://u:p@ho st:99999/x", {"userinfo-in-upstream", "not-a-port", "not-a-host", "path-in-upstream"}, ""},
};

TEST(upstream_url, every_mistake_is_told_and_what_to_write_instead) {
  for (const invalid_row& r : invalid) {
    SCOPED_TRACE(r.text);
    const auto u = upstream_url::parse(r.text, "services.notes");
    ASSERT_FALSE(u.has_value());
    std::vector<std::string> codes;
    for (const config_error& e : u.error()) {
      codes.push_back(e.code);
      EXPECT_EQ(e.key, "services.notes");
      EXPECT_EQ(e.suggestion, r.suggestion);
      EXPECT_FALSE(e.message.empty());
      EXPECT_EQ(e.value.find("secret"), std::string::npos);
    }
    EXPECT_EQ(codes, r.codes);
  }
}

TEST(proxy, options_and_url_are_judged_together) {
  proxy_options o;
  o.host = "backend";
  o.connect_timeout = milliseconds{0};
  o.connections = 0;
  const auto made = proxy("localhost:1", o).make();
  ASSERT_FALSE(made.has_value());
  std::vector<std::string> keys;
  for (const config_error& e : made.error()) keys.push_back(e.key + " " + e.code);
  EXPECT_EQ(keys,
            (std::vector<std::string>{"upstream missing-scheme", "upstream.host unknown-value",
                                      "upstream.connect_timeout out-of-range", "upstream.connections out-of-range"}));
  EXPECT_TRUE(proxy("http://localhost:1").make().has_value());
}

TEST(describe_unreachable, says_what_a_person_can_act_on) {
  const upstream_url local{.host = "127.0.0.1", .port = 5000};
  const upstream_url name{.host = "api.internal", .port = 80};
  EXPECT_EQ(describe_unreachable(local, ECONNREFUSED, false), "nothing listens on 127.0.0.1:5000");
  EXPECT_EQ(describe_unreachable(local, ECONNREFUSED, true),
            "nothing listens on 127.0.0.1:5000; in a container that is the container itself: the host is "
            "host.docker.internal");
  EXPECT_EQ(describe_unreachable(name, ECONNREFUSED, true), "nothing listens on api.internal:80");
  EXPECT_EQ(describe_unreachable(name, 0, false), "the name api.internal is not known");
  EXPECT_EQ(describe_unreachable(name, ETIMEDOUT, false), "api.internal:80 did not answer in time");
  EXPECT_EQ(describe_unreachable(name, EHOSTUNREACH, false), "there is no route to api.internal:80");
}

}  // namespace
}  // namespace gatehouse
