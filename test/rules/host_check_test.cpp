#include <gatehouse/rules/host_check.hpp>

#include <gmock/gmock.h>

#include <gatehouse/http/problem.hpp>

#include "rules_kit.hpp"

namespace gatehouse {
namespace {

using testing::ElementsAre;

enum class on : bool { public_address, loopback };
enum class over : bool { http, https };

struct host_case {
  const char* name;
  std::vector<std::string> hosts;
  on listener;
  over scheme;
  std::string_view host;
  bool accepted;
};

const host_case cases[] = {
    {"loopback default: localhost", {}, on::loopback, over::http, "localhost", true},
    {"loopback default: localhost with any port", {}, on::loopback, over::http, "localhost:8080", true},
    {"loopback default: subdomain of localhost", {}, on::loopback, over::http, "app.localhost:8080", true},
    {"loopback default: 127.0.0.1", {}, on::loopback, over::http, "127.0.0.1:8080", true},
    {"loopback default: all of 127/8", {}, on::loopback, over::http, "127.8.9.1", true},
    {"loopback default: [::1]", {}, on::loopback, over::http, "[::1]:8080", true},
    {"loopback default: capitals", {}, on::loopback, over::http, "LocalHost", true},
    {"loopback default: DNS rebinding", {}, on::loopback, over::http, "evil.example:8080", false},
    {"loopback default: a name that begins so", {}, on::loopback, over::http, "localhost.evil.example", false},
    {"loopback default: a name that ends so", {}, on::loopback, over::http, "evillocalhost", false},
    {"loopback default: an address in a name", {}, on::loopback, over::http, "127.0.0.1.evil.example", false},
    {"loopback default: another address of this machine", {}, on::loopback, over::http, "192.168.1.5", false},
    {"loopback default: unspecified", {}, on::loopback, over::http, "0.0.0.0:8080", false},
    {"loopback default: no Host", {}, on::loopback, over::http, "", false},
    {"loopback default: not a host", {}, on::loopback, over::http, "local host", false},
    {"public default: anything", {}, on::public_address, over::http, "anything.example", true},
    {"public default: no Host", {}, on::public_address, over::http, "", true},
    {"listed", {"api.example.com"}, on::public_address, over::http, "api.example.com", true},
    {"listed, any port", {"api.example.com"}, on::public_address, over::http, "api.example.com:8443", true},
    {"listed, capitals", {"api.example.com"}, on::public_address, over::http, "API.Example.COM", true},
    {"listed with capitals", {"API.example.com"}, on::public_address, over::http, "api.example.com", true},
    {"listed, with the root's dot", {"api.example.com"}, on::public_address, over::http, "api.example.com.", true},
    {"the second of two", {"a.example", "b.example"}, on::public_address, over::http, "b.example", true},
    {"not listed", {"api.example.com"}, on::public_address, over::http, "www.example.com", false},
    {"subdomain of a listed one", {"example.com"}, on::public_address, over::http, "api.example.com", false},
    {"suffix without a dot", {"example.com"}, on::public_address, over::http, "evilexample.com", false},
    {"prefix", {"example.com"}, on::public_address, over::http, "example.com.evil", false},
    {"no Host", {"example.com"}, on::public_address, over::http, "", false},
    {"userinfo", {"example.com"}, on::public_address, over::http, "example.com@evil", false},
    {"a list closes the loopback names too", {"api.example.com"}, on::loopback, over::http, "localhost", false},
    {"a list on loopback", {"api.example.com"}, on::loopback, over::http, "api.example.com", true},
    {"port listed", {"api.example.com:8443"}, on::public_address, over::https, "api.example.com:8443", true},
    {"another port", {"api.example.com:8443"}, on::public_address, over::https, "api.example.com:8444", false},
    {"no port is not that port", {"api.example.com:8443"}, on::public_address, over::https, "api.example.com", false},
    {"no port is 443 over https", {"api.example.com:443"}, on::public_address, over::https, "api.example.com", true},
    {"no port is 80 over http", {"api.example.com:80"}, on::public_address, over::http, "api.example.com", true},
    {"no port is not 443 over http", {"api.example.com:443"}, on::public_address, over::http, "api.example.com", false},
    {"IPv6 by value", {"[2001:db8::1]"}, on::public_address, over::http, "[2001:DB8:0::1]:80", true},
    {"another IPv6", {"[2001:db8::1]"}, on::public_address, over::http, "[2001:db8::2]", false},
    {"IPv4", {"192.0.2.1"}, on::public_address, over::http, "192.0.2.1", true},
};

TEST(host_check_test, accepts_exactly_what_is_listed) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto policy = host_check_policy::make({.hosts = c.hosts});
    ASSERT_TRUE(policy);
    const reason why = (*policy)->check(authority::parse(c.host).value_or(authority{}), c.listener == on::loopback,
                                        c.scheme == over::https);
    EXPECT_EQ(why, c.accepted ? reason::none : reason::http_host_not_allowed);
  }
}

TEST(host_check_test, refuses_with_421_before_anything_is_routed) {
  for (const bool report_only : {false, true}) {
    const auto rules = test::make_policy(
        test::standard_set_with(host_check({.hosts = {"a.example"}, .report_only = report_only})));
    test::test_exchange x;
    std::size_t at = 0;
    const step s = rules->request(x.e, at);
    EXPECT_EQ(s.what(), report_only ? step::kind::pass : step::kind::refuse);
    const auto traced = std::find_if(x.e.trace.begin(), x.e.trace.end(),
                                     [](const auto& t) { return t.rule == "host_check"; });
    ASSERT_NE(traced, x.e.trace.end());
    EXPECT_EQ(traced->what, report_only ? decision_trace::verdict::would_refuse : decision_trace::verdict::refuse);
    EXPECT_EQ(traced->why, reason::http_host_not_allowed);
    EXPECT_EQ(status_of(traced->why), status::misdirected_request);
  }
}

// Behind a proxy that ends TLS a Host without port means 443.
TEST(host_check_test, the_scheme_is_the_clients) {
  const auto rules = test::make_policy(
      {client_ip({.trusted_proxies = {"10.0.0.0/8"}}), host_check({.hosts = {"api.example.com:443"}})});
  test::test_exchange x;
  x.e.connection.peer = *ip_address::parse("10.0.0.9");
  std::size_t at = 0;
  EXPECT_EQ(rules->request(x.e, at).what(), step::kind::refuse);
  x.reset();
  test::add_lines(x.e.request.fields, {{"X-Forwarded-Proto", "https"}});
  EXPECT_EQ(rules->request(x.e, at = 0).what(), step::kind::pass);
}

TEST(host_check_test, every_mistake_is_reported_with_what_to_write) {
  const auto made = host_check_policy::make({.hosts = {"https://api.example.com/", "*.example.com", "good.example", "",
                                                       "::1", "a.example:0", "a b", "https://*"}});
  ASSERT_FALSE(made);
  EXPECT_THAT(test::summaries(made.error()),
              ElementsAre("hosts|https://api.example.com/|not-a-host|api.example.com",
                          "hosts|*.example.com|wildcard-host|each host by its own name",
                          "hosts||not-a-host|a host such as api.example.com or api.example.com:8443",
                          "hosts|::1|not-a-host|[::1]",
                          "hosts|a.example:0|not-a-host|a host such as api.example.com or api.example.com:8443",
                          "hosts|a b|not-a-host|a host such as api.example.com or api.example.com:8443",
                          "hosts|https://*|wildcard-host|each host by its own name"));
}

TEST(host_check, hosts_of_routes_are_accepted_besides) {
  const auto besides_loopback = *host_check_policy::make({.also = {"api.example.com"}});
  EXPECT_EQ(besides_loopback->check(*authority::parse("api.example.com:8080"), true, false), reason::none);
  EXPECT_EQ(besides_loopback->check(*authority::parse("localhost"), true, false), reason::none);
  EXPECT_EQ(besides_loopback->check(*authority::parse("evil.example"), true, false), reason::http_host_not_allowed);
  EXPECT_EQ(besides_loopback->check(*authority::parse("evil.example"), false, false), reason::none)
      << "elsewhere any, as before";
  const auto besides_listed = *host_check_policy::make({.hosts = {"a.example"}, .also = {"b.example"}});
  EXPECT_EQ(besides_listed->check(*authority::parse("a.example"), true, false), reason::none);
  EXPECT_EQ(besides_listed->check(*authority::parse("b.example"), false, false), reason::none);
  EXPECT_EQ(besides_listed->check(*authority::parse("localhost"), true, false), reason::http_host_not_allowed);
  EXPECT_FALSE(host_check_policy::make({.also = {"*.example"}}).has_value());
}

struct channel_case {
  const char* name;
  std::string_view server_name;
  std::string_view host;
  reason want;
};
constexpr channel_case channel_cases[] = {
    {"the name that was asked for", "a.example", "a.example", reason::none},
    {"with a port", "a.example", "a.example:8443", reason::none},
    {"capitals and the root's dot", "a.example", "A.Example.", reason::none},
    {"another name of the certificate", "a.example", "x.w.example", reason::none},
    {"an address of the certificate", "a.example", "192.0.2.1:8443", reason::none},
    {"another's name", "a.example", "b.example", reason::tls_misdirected},
    {"another's address", "a.example", "192.0.2.2", reason::tls_misdirected},
    {"below a wildcard's label", "a.example", "y.x.w.example", reason::tls_misdirected},
    {"no Host at all", "a.example", "", reason::none},
    {"no name was asked for", "", "b.example", reason::none},
};

TEST(host_check, refuses_what_a_connection_was_not_made_for) {
  host_names names;
  names.add("a.example");
  names.add("*.w.example");
  names.add(*ip_address::parse("192.0.2.1"));
  const auto made = host_check_policy::make({});
  ASSERT_TRUE(made.has_value());
  for (const channel_case& c : channel_cases) {
    SCOPED_TRACE(c.name);
    const secure_channel channel{.server_name = std::string{c.server_name}, .names = &names};
    test::test_exchange x;
    x.e.connection.secure = true;
    x.e.connection.channel = &channel;
    x.e.request.authority = authority::parse(c.host).value_or(authority{});
    slot s;
    EXPECT_EQ((*made)->on_request(x.e, s).why(), c.want);
    x.e.connection.channel = nullptr;
    EXPECT_EQ((*made)->on_request(x.e, s).why(), reason::none) << "without TLS there is nothing to compare";
  }
  EXPECT_EQ(status_of(reason::tls_misdirected), status::misdirected_request);
}

}  // namespace
}  // namespace gatehouse
