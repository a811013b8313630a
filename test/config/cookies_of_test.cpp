// What the gateway's configuration makes of the rule cookies: which Domain is an upstream's.
#include <string>

#include <gtest/gtest.h>

#include <gatehouse/config/load.hpp>
#include <gatehouse/config/rules_of.hpp>
#include <gatehouse/rules/policy.hpp>

namespace gatehouse {
namespace {

/// The attributes behind "a=1; Secure; HttpOnly; SameSite=Strict" of a cookie with this Domain, for who asked for
/// `host`.
std::string kept(const gateway_config& c, std::string_view domain, std::string_view host) {
  state_registry states;
  const auto rules = policy::make(rules_of(c), states);
  EXPECT_TRUE(rules);
  exchange e;
  std::array<char, 4096> memory;
  e.memory = arena{memory};
  seeded_random random{1};
  e.random = &random;
  e.clear();
  e.request.authority = *authority::parse(host);
  e.source = response_source::upstream;
  response_head head;
  const std::string hard = "a=1; Secure; HttpOnly; SameSite=Strict";
  const std::string line = hard + "; Domain=" + std::string{domain};
  EXPECT_TRUE(head.append(field::set_cookie, line));
  (void)(*rules)->finalise(e, head);
  return std::string{head.fields().get(field::set_cookie).value_or("none")}.substr(hard.size());
}

TEST(cookies_of, know_the_hosts_of_all_upstreams) {
  gateway_config c;
  c.upstream = {"http://api.internal:5000", "unix:/run/api.sock"};
  c.services = {{.name = "notes", .upstreams = {"https://notes.internal", "http://127.0.0.1:4000"}}};
  EXPECT_EQ(kept(c, "api.internal", "www.example.com"), "");
  EXPECT_EQ(kept(c, "notes.internal", "www.example.com"), "");
  EXPECT_EQ(kept(c, "127.0.0.1", "www.example.com"), "");
  EXPECT_EQ(kept(c, "example.com", "www.example.com"), "; Domain=example.com");
  EXPECT_EQ(kept(c, "internal", "www.example.com"), "; Domain=internal");
  EXPECT_EQ(kept(c, "127.0.0.1", "127.0.0.1:8080"), "; Domain=127.0.0.1");
  EXPECT_EQ(kept(c, "localhost", "localhost:8080"), "; Domain=localhost");
}

TEST(cookies_of, leave_the_name_that_clients_know) {
  gateway_config c;
  c.upstream = {"https://api.example.com"};
  EXPECT_EQ(kept(c, "api.example.com", "10.0.0.1"), "");
  c.public_origin = {"https://v1.api.example.com"};
  EXPECT_EQ(kept(c, "api.example.com", "10.0.0.1"), "; Domain=api.example.com");
}

}  // namespace
}  // namespace gatehouse
