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

/// The whole outcome. As written first: of a trusted peer.
struct client_want {
  std::string_view client;
  unsigned hops = 0;
  bool secure = false;
  bool trusted = true;
  bool untrusted_forwarding = false;
};
constexpr client_want untrusted(std::string_view client, bool untrusted_forwarding = false, bool secure = false) {
  return {client, 0, secure, false, untrusted_forwarding};
}

struct client_case {
  const char* name;
  std::initializer_list<name_value> lines;
  client_want want;
  std::string_view peer = "10.0.0.9";
};

inline void expect_decision(const client_ip_policy& policy, const client_case& c, bool tls = false) {
  SCOPED_TRACE(c.name);
  request_head head;
  test::add_lines(head.fields, c.lines);
  const connection_info connection{.peer = *ip_address::parse(c.peer), .secure = tls};
  const client_ip_decision got = policy.check(head, connection);
  EXPECT_EQ(got.client.to_string(), c.want.client);
  EXPECT_EQ(got.hops, c.want.hops);
  EXPECT_EQ(got.client_secure, c.want.secure);
  EXPECT_EQ(got.peer_trusted, c.want.trusted);
  EXPECT_EQ(got.untrusted_forwarding, c.want.untrusted_forwarding);
  EXPECT_EQ(policy.trusts_peer(connection), c.want.trusted);
}

}  // namespace gatehouse::test
