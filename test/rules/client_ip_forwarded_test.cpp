#include <gatehouse/rules/client_ip.hpp>

#include "client_ip_kit.hpp"

namespace gatehouse {
namespace {

using test::behind;
using test::client_case;
using test::expect_decision;
using test::yes;

const client_case forwarded_cases[] = {
    {"one address", {{"Forwarded", "for=198.51.100.1"}}, {"198.51.100.1", 1}},
    {"with proto", {{"Forwarded", "for=198.51.100.1;proto=https"}}, {"198.51.100.1", 1, yes}},
    {"the RFC's own example, with spaces",
     {{"Forwarded", "for=192.0.2.60; proto=http; by=203.0.113.43"}},
     {"192.0.2.60", 1}},
    {"names and scheme in any case", {{"Forwarded", "FOR=198.51.100.1;Proto=HTTPS"}}, {"198.51.100.1", 1, yes}},
    {"IPv6 with port", {{"Forwarded", "for=\"[2001:db8::17]:4711\""}}, {"2001:db8::17", 1}},
    {"IPv4 with port", {{"Forwarded", "for=\"198.51.100.1:4711\""}}, {"198.51.100.1", 1}},
    {"obfuscated port", {{"Forwarded", "for=\"198.51.100.1:_x-1\""}}, {"198.51.100.1", 1}},
    {"the right hop of two",
     {{"Forwarded", "for=198.51.100.1;proto=https, for=10.0.0.7;proto=http"}},
     {"198.51.100.1", 2, yes}},
    {"the proxies' own hop says nothing of the client's",
     {{"Forwarded", "for=198.51.100.1;proto=http, for=10.0.0.7;proto=https"}},
     {"198.51.100.1", 2}},
    {"two lines are one list",
     {{"Forwarded", "for=6.6.6.6, for=198.51.100.1"}, {"Forwarded", "for=10.0.0.7"}},
     {"198.51.100.1", 2}},
    {"X-Forwarded-Proto is not of this family",
     {{"Forwarded", "for=198.51.100.1"}, {"X-Forwarded-Proto", "https"}, {"X-Forwarded-For", "6.6.6.6"}},
     {"198.51.100.1", 1}},
    {"comma in quotes",
     {{"Forwarded", "for=198.51.100.1;host=\"a,b\", for=10.0.0.7;host=\"c,d;e\""}},
     {"198.51.100.1", 2}},
    {"the client's unbalanced quote swallows nothing",
     {{"Forwarded", "for=\"x, for=198.51.100.1"}},
     {"198.51.100.1", 1}},
    {"the client's escaped quote swallows nothing",
     {{"Forwarded", "for=\"x\\\", for=198.51.100.1"}},
     {"198.51.100.1", 1}},
    {"unbalanced quote in the nearest element", {{"Forwarded", "for=198.51.100.1, for=\"10.0.0.7"}}, {"10.0.0.9", 0}},
    {"a quote across two elements hides both", {{"Forwarded", "for=\"6.6.6.6, for=6.6.6.7\""}}, {"10.0.0.9", 0}},
    {"obfuscated", {{"Forwarded", "for=\"_gazonk\""}}, {"10.0.0.9", 0}},
    {"obfuscated, as a token", {{"Forwarded", "for=_gazonk"}}, {"10.0.0.9", 0}},
    {"unknown", {{"Forwarded", "for=unknown"}}, {"10.0.0.9", 0}},
    {"unknown behind a hop", {{"Forwarded", "for=6.6.6.6, for=unknown, for=10.0.0.7"}}, {"10.0.0.7", 1}},
    {"two addresses in one element", {{"Forwarded", "for=1.2.3.4;for=5.6.7.8"}}, {"10.0.0.9", 0}},
    {"two schemes in one element", {{"Forwarded", "for=1.2.3.4;proto=https;proto=http"}}, {"10.0.0.9", 0}},
    {"no for", {{"Forwarded", "proto=https;by=10.0.0.9"}}, {"10.0.0.9", 0}},
    {"extension parameter", {{"Forwarded", "secret=x;for=198.51.100.1"}}, {"198.51.100.1", 1}},
    {"empty pairs", {{"Forwarded", ";for=198.51.100.1;;proto=https;"}}, {"198.51.100.1", 1, yes}},
    {"IPv6 without brackets", {{"Forwarded", "for=\"2001:db8::17\""}}, {"10.0.0.9", 0}},
    {"IPv6 without quotes", {{"Forwarded", "for=[2001:db8::17]"}}, {"10.0.0.9", 0}},
    {"IPv4 in brackets", {{"Forwarded", "for=\"[198.51.100.1]\""}}, {"10.0.0.9", 0}},
    {"port without quotes", {{"Forwarded", "for=198.51.100.1:80"}}, {"10.0.0.9", 0}},
    {"port of six digits", {{"Forwarded", "for=\"198.51.100.1:123456\""}}, {"10.0.0.9", 0}},
    {"empty port", {{"Forwarded", "for=\"198.51.100.1:\""}}, {"10.0.0.9", 0}},
    {"open bracket", {{"Forwarded", "for=\"[2001:db8::17\""}}, {"10.0.0.9", 0}},
    {"backslash in quotes", {{"Forwarded", "for=\"198.51.100.\\1\""}}, {"10.0.0.9", 0}},
    {"spaces around the equals sign", {{"Forwarded", "for = 198.51.100.1"}}, {"10.0.0.9", 0}},
    {"empty value", {{"Forwarded", "for="}}, {"10.0.0.9", 0}},
    {"no equals sign", {{"Forwarded", "198.51.100.1"}}, {"10.0.0.9", 0}},
    {"empty", {{"Forwarded", ""}}, {"10.0.0.9", 0}},
};

TEST(client_ip_forwarded_test, reads_forwarded_as_rfc_7239) {
  const auto& policy = behind({.trusted_proxies = {"10.0.0.0/8"}, .header = "Forwarded"});
  for (const auto& c : forwarded_cases) expect_decision(policy, c);
}

}  // namespace
}  // namespace gatehouse
