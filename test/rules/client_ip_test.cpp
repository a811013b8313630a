#include <gatehouse/rules/client_ip.hpp>

#include "client_ip_kit.hpp"

namespace gatehouse {
namespace {

using test::behind;
using test::client_case;
using test::expect_decision;
using test::untrusted;
using test::yes;

const std::string ten_kilobytes(10'000, 'a');
const std::string ten_kilobytes_of_commas(10'000, ',');
// Twenty trusted hops and behind them one address that is not looked at any more.
const std::string twenty_one_entries = [] {
  std::string all = "198.51.100.1";
  for (int i = 0; i < 20; ++i) all += ", 10.0.0." + std::to_string(i + 1);
  return all;
}();
const std::string twenty_entries = "198.51.100.1" +
                                   twenty_one_entries.substr(std::string("198.51.100.1, 10.0.0.1").size());

const client_case list_cases[] = {
    {"no field", {}, {"10.0.0.9", 0}},
    {"one address", {{"X-Forwarded-For", "198.51.100.1"}}, {"198.51.100.1", 1}},
    {"IPv6", {{"X-Forwarded-For", "2001:db8::1"}}, {"2001:db8::1", 1}},
    {"the right hop of two", {{"X-Forwarded-For", "198.51.100.1, 10.0.0.7"}}, {"198.51.100.1", 2}},
    {"rotating the leftmost changes nothing", {{"X-Forwarded-For", "6.6.6.6, 198.51.100.1"}}, {"198.51.100.1", 1}},
    {"trusted address claimed by the client", {{"X-Forwarded-For", "10.1.1.1, 198.51.100.1"}}, {"198.51.100.1", 1}},
    {"two lines are one list",
     {{"X-Forwarded-For", "6.6.6.6, 198.51.100.1"}, {"X-Forwarded-For", "10.0.0.7"}},
     {"198.51.100.1", 2}},
    {"two lines, the last decides",
     {{"X-Forwarded-For", "6.6.6.6"}, {"X-Forwarded-For", "198.51.100.1"}},
     {"198.51.100.1", 1}},
    {"all hops trusted: the leftmost", {{"X-Forwarded-For", "10.0.0.1, 10.0.0.2"}}, {"10.0.0.1", 2}},
    {"only the chosen field is read",
     {{"Forwarded", "for=6.6.6.6"},
      {"X-Real-IP", "6.6.6.7"},
      {"X-Forwarded-For", "198.51.100.1"},
      {"CF-Connecting-IP", "6.6.6.8"},
      {"True-Client-IP", "6.6.6.9"}},
     {"198.51.100.1", 1}},
    {"others do not stand in for the chosen field",
     {{"Forwarded", "for=6.6.6.6"}, {"X-Real-IP", "6.6.6.7"}, {"CF-Connecting-IP", "6.6.6.8"}},
     {"10.0.0.9", 0}},
    {"an alias with underscores is another field", {{"X_Forwarded_For", "6.6.6.6"}}, {"10.0.0.9", 0}},
    {"any case of the name", {{"x-FORWARDED-for", "198.51.100.1"}}, {"198.51.100.1", 1}},
    {"empty", {{"X-Forwarded-For", ""}}, {"10.0.0.9", 0}},
    {"commas only", {{"X-Forwarded-For", ",,"}}, {"10.0.0.9", 0}},
    {"empty element behind the client's text", {{"X-Forwarded-For", "6.6.6.6,"}}, {"10.0.0.9", 0}},
    {"empty element to the left is not reached", {{"X-Forwarded-For", ",,198.51.100.1"}}, {"198.51.100.1", 1}},
    {"empty line behind", {{"X-Forwarded-For", "6.6.6.6"}, {"X-Forwarded-For", ""}}, {"10.0.0.9", 0}},
    {"tabs and spaces", {{"X-Forwarded-For", "6.6.6.6,\t 198.51.100.1 \t"}}, {"198.51.100.1", 1}},
    {"10 kB of letters", {{"X-Forwarded-For", ten_kilobytes}}, {"10.0.0.9", 0}},
    {"10 kB of commas", {{"X-Forwarded-For", ten_kilobytes_of_commas}}, {"10.0.0.9", 0}},
    {"twenty entries: the client is the twentieth", {{"X-Forwarded-For", twenty_entries}}, {"198.51.100.1", 20}},
    {"twenty-one entries: the last that is looked at", {{"X-Forwarded-For", twenty_one_entries}}, {"10.0.0.1", 20}},
    {"invalid text ends the walk at the nearest hop",
     {{"X-Forwarded-For", "198.51.100.1, junk, 10.0.0.7"}},
     {"10.0.0.7", 1}},
    {"port", {{"X-Forwarded-For", "1.2.3.4:80"}}, {"10.0.0.9", 0}},
    {"IPv6 with brackets and port", {{"X-Forwarded-For", "[::1]:80"}}, {"10.0.0.9", 0}},
    {"IPv6 in brackets", {{"X-Forwarded-For", "[2001:db8::1]"}}, {"10.0.0.9", 0}},
    {"mapped, dotted", {{"X-Forwarded-For", "::ffff:1.2.3.4"}}, {"1.2.3.4", 1}},
    {"mapped, hexadecimal", {{"X-Forwarded-For", "::ffff:102:304"}}, {"1.2.3.4", 1}},
    {"mapped, long", {{"X-Forwarded-For", "0:0:0:0:0:ffff:0102:0304"}}, {"1.2.3.4", 1}},
    {"mapped trusted hop is trusted", {{"X-Forwarded-For", "198.51.100.1, ::ffff:10.0.0.7"}}, {"198.51.100.1", 2}},
    {"mapped peer is trusted", {{"X-Forwarded-For", "198.51.100.1"}}, {"198.51.100.1", 1}, "::ffff:10.0.0.9"},
    {"dotted tail is IPv6", {{"X-Forwarded-For", "2001:db8::1.2.3.4"}}, {"2001:db8::102:304", 1}},
    {"NAT64 is IPv6", {{"X-Forwarded-For", "64:ff9b::1.2.3.4"}}, {"64:ff9b::102:304", 1}},
    {"zone", {{"X-Forwarded-For", "fe80::1%eth0"}}, {"10.0.0.9", 0}},
    {"octal", {{"X-Forwarded-For", "010.0.0.1"}}, {"10.0.0.9", 0}},
    {"hexadecimal", {{"X-Forwarded-For", "0x7f.1"}}, {"10.0.0.9", 0}},
    {"two parts", {{"X-Forwarded-For", "127.1"}}, {"10.0.0.9", 0}},
    {"unknown", {{"X-Forwarded-For", "unknown"}}, {"10.0.0.9", 0}},
    {"quotes are not of this field", {{"X-Forwarded-For", "\"198.51.100.1\""}}, {"10.0.0.9", 0}},
};

TEST(client_ip_test, walks_the_list_from_the_right_through_trusted_hops) {
  const auto& policy = behind({.trusted_proxies = {"10.0.0.0/8"}});
  for (const auto& c : list_cases) expect_decision(policy, c);
}

const client_case untrusted_cases[] = {
    {"public peer, no field", {}, untrusted("203.0.113.9"), "203.0.113.9"},
    {"public peer lies",
     {{"X-Forwarded-For", "6.6.6.6"}, {"X-Forwarded-Proto", "https"}},
     untrusted("203.0.113.9"),
     "203.0.113.9"},
    {"public peer claims a trusted address",
     {{"X-Forwarded-For", "198.51.100.1, 10.0.0.7"}},
     untrusted("203.0.113.9"),
     "203.0.113.9"},
    {"private peer, no field", {}, untrusted("192.168.1.5"), "192.168.1.5"},
    {"private peer with X-Forwarded-For",
     {{"X-Forwarded-For", "6.6.6.6"}},
     untrusted("192.168.1.5", yes),
     "192.168.1.5"},
    {"private peer with Forwarded", {{"Forwarded", "for=6.6.6.6"}}, untrusted("192.168.1.5", yes), "192.168.1.5"},
    {"private peer with X-Real-IP", {{"X-Real-IP", "6.6.6.6"}}, untrusted("fd00::5", yes), "fd00::5"},
    {"private peer with X-Forwarded-Proto alone",
     {{"X-Forwarded-Proto", "https"}},
     untrusted("192.168.1.5", yes),
     "192.168.1.5"},
    {"loopback peer with X-Forwarded-For", {{"X-Forwarded-For", "6.6.6.6"}}, untrusted("127.0.0.1", yes), "127.0.0.1"},
    {"private is not trusted", {{"X-Forwarded-For", "6.6.6.6"}}, untrusted("10.9.9.9", yes), "10.9.9.9"},
};

TEST(client_ip_test, an_untrusted_peer_is_the_client_whatever_it_says) {
  const auto& nobody_trusted = behind({});
  const auto& others_trusted = behind({.trusted_proxies = {"10.0.0.0/16", "2001:db8::/32"}});
  const auto& forwarded = behind({.trusted_proxies = {"10.0.0.0/16"}, .header = "forwarded"});
  for (const auto& c : untrusted_cases) {
    expect_decision(nobody_trusted, c);
    expect_decision(others_trusted, c);
    expect_decision(forwarded, c);
  }
}

const client_case single_cases[] = {
    {"one address", {{"CF-Connecting-IP", "198.51.100.1"}}, {"198.51.100.1", 1}},
    {"a trusted address is taken too", {{"CF-Connecting-IP", "10.0.0.7"}}, {"10.0.0.7", 1}},
    {"absent", {{"X-Forwarded-For", "6.6.6.6"}}, {"10.0.0.9", 0}},
    {"a list is not one address", {{"CF-Connecting-IP", "198.51.100.1, 6.6.6.6"}}, {"10.0.0.9", 0}},
    {"two lines", {{"CF-Connecting-IP", "6.6.6.6"}, {"CF-Connecting-IP", "198.51.100.1"}}, {"10.0.0.9", 0}},
    {"not an address", {{"CF-Connecting-IP", "x"}}, {"10.0.0.9", 0}},
    {"scheme", {{"CF-Connecting-IP", "198.51.100.1"}, {"X-Forwarded-Proto", "https"}}, {"198.51.100.1", 1, yes}},
};

TEST(client_ip_test, takes_a_single_address_from_one_field) {
  const auto& policy = behind({.trusted_proxies = {"10.0.0.0/8"}, .header = "cf-connecting-ip"});
  for (const auto& c : single_cases) expect_decision(policy, c);
}

TEST(client_ip_test, a_field_of_any_name_can_hold_the_single_address) {
  const auto& policy = behind({.trusted_proxies = {"10.0.0.0/8"}, .header = "Fly-Client-IP"});
  expect_decision(policy, {"any case", {{"fly-client-ip", "198.51.100.1"}}, {"198.51.100.1", 1}});
  expect_decision(policy, {"another unknown name", {{"fry-client-ip", "6.6.6.6"}}, {"10.0.0.9", 0}});
}

TEST(client_ip_test, header_none_reads_nothing_and_still_knows_its_proxies) {
  const auto& policy = behind({.trusted_proxies = {"10.0.0.0/8"}, .header = "none"});
  expect_decision(policy, {"all fields",
                           {{"X-Forwarded-For", "6.6.6.6"},
                            {"Forwarded", "for=6.6.6.6;proto=https"},
                            {"X-Forwarded-Proto", "https"},
                            {"none", "6.6.6.6"}},
                           {"10.0.0.9", 0}});
}

const client_case scheme_cases[] = {
    {"https", {{"X-Forwarded-Proto", "https"}}, {"10.0.0.9", 0, yes}},
    {"wss", {{"X-Forwarded-Proto", "wss"}}, {"10.0.0.9", 0, yes}},
    {"any case", {{"X-Forwarded-Proto", "HTTPS"}}, {"10.0.0.9", 0, yes}},
    {"http", {{"X-Forwarded-Proto", "http"}}, {"10.0.0.9", 0}},
    {"the nearest proxy's word counts", {{"X-Forwarded-Proto", "https, http"}}, {"10.0.0.9", 0}},
    {"of two lines the last", {{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Proto", "http"}}, {"10.0.0.9", 0}},
    {"something else", {{"X-Forwarded-Proto", "https;x"}}, {"10.0.0.9", 0}},
    {"from nobody we trust", {{"X-Forwarded-Proto", "https"}}, untrusted("203.0.113.9"), "203.0.113.9"},
};

TEST(client_ip_test, the_scheme_is_believed_from_trusted_peers_only) {
  const auto& policy = behind({.trusted_proxies = {"10.0.0.0/8"}});
  for (const auto& c : scheme_cases) expect_decision(policy, c);
}

TEST(client_ip_test, own_tls_is_secure_whatever_fields_say) {
  for (const char* header : {"x-forwarded-for", "forwarded", "none", "x-real-ip"}) {
    const auto& policy = behind({.trusted_proxies = {"10.0.0.0/8"}, .header = header});
    expect_decision(
        policy, {header, {{"X-Forwarded-Proto", "http"}}, untrusted("203.0.113.9", false, yes), "203.0.113.9"}, true);
    expect_decision(policy, {header, {{"X-Forwarded-Proto", "http"}}, {"10.0.0.9", 0, yes}}, true);
  }
}

TEST(client_ip_test, a_unix_socket_is_trusted) {
  const auto& policy = behind({});
  request_head head;
  test::add_lines(head.fields, {{"X-Forwarded-For", "198.51.100.1"}});
  const connection_info connection{.unix_socket = true};
  EXPECT_TRUE(policy.trusts_peer(connection));
  EXPECT_EQ(policy.check(head, connection).client.to_string(), "198.51.100.1");
  EXPECT_TRUE(policy.check({}, connection).client.is_unspecified());
}

TEST(client_ip_test, max_hops_ends_the_walk) {
  const auto& policy = behind({.trusted_proxies = {"10.0.0.0/8"}, .max_hops = 1});
  expect_decision(policy, {"one hop", {{"X-Forwarded-For", "198.51.100.1, 10.0.0.7"}}, {"10.0.0.7", 1}});
}

TEST(client_ip_test, the_rule_writes_its_decision_into_the_exchange) {
  const auto rules = test::make_policy({client_ip({.trusted_proxies = {"10.0.0.0/8"}})});
  test::test_exchange x;
  x.e.connection.peer = *ip_address::parse("10.0.0.9");
  test::add_lines(x.e.request.fields, {{"X-Forwarded-For", "198.51.100.1"}, {"X-Forwarded-Proto", "https"}});
  std::size_t at = 0;
  EXPECT_EQ(rules->request(x.e, at).what(), step::kind::pass);
  EXPECT_EQ(x.e.client.to_string(), "198.51.100.1");
  EXPECT_TRUE(x.e.client_secure);
  EXPECT_TRUE(x.e.peer_trusted);
  EXPECT_FALSE(x.e.untrusted_forwarding);
  x.e.connection.peer = *ip_address::parse("192.168.0.1");
  x.reset();
  EXPECT_EQ(x.e.client.to_string(), "192.168.0.1");
  test::add_lines(x.e.request.fields, {{"X-Forwarded-For", "198.51.100.1"}});
  EXPECT_EQ(rules->request(x.e, at = 0).what(), step::kind::pass);
  EXPECT_EQ(x.e.client.to_string(), "192.168.0.1");
  EXPECT_TRUE(x.e.untrusted_forwarding);
}

static_assert(is_forwarding_field(field::x_forwarded_for) && is_forwarding_field(field::forwarded));
static_assert(!is_forwarding_field(field::other) && !is_forwarding_field(field::host));

}  // namespace
}  // namespace gatehouse
