#pragma once
// One row of a client_ip table: a peer, its field lines, and the whole decision.

#include <deque>

#include "rules_kit.hpp"

namespace gatehouse::test {

inline const client_ip_policy& behind(const client_ip_config& c) {
  static std::deque<std::unique_ptr<const client_ip_policy>> kept;
  auto made = client_ip_policy::make(c);
  EXPECT_TRUE(made.has_value());
  kept.push_back(*std::move(made));
  return *kept.back();
}

inline constexpr bool yes = true;
inline constexpr bool no = false;

struct client_case {
  const char* name;
  std::string_view peer;
  std::initializer_list<name_value> lines;
  // The whole outcome.
  std::string_view client;
  bool secure;
  bool trusted;
  bool untrusted_forwarding;
  unsigned hops;
};

inline void expect_decision(const client_ip_policy& policy, const client_case& c, bool tls = false) {
  SCOPED_TRACE(c.name);
  request_head head;
  test::add_lines(head.fields, c.lines);
  const connection_info connection{.peer = *ip_address::parse(c.peer), .secure = tls};
  const client_ip_decision got = policy.check(head, connection);
  EXPECT_EQ(got.client.to_string(), c.client);
  EXPECT_EQ(got.client_secure, c.secure);
  EXPECT_EQ(got.peer_trusted, c.trusted);
  EXPECT_EQ(got.untrusted_forwarding, c.untrusted_forwarding);
  EXPECT_EQ(got.hops, c.hops);
  EXPECT_EQ(policy.trusts_peer(connection), c.trusted);
}

}  // namespace gatehouse::test
