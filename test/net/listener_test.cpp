#include <sys/resource.h>

#include "net_fixture.hpp"

namespace gatehouse::net_test {
namespace {

class tcp_door : public net_test {};

TEST_F(tcp_door, local_has_the_real_port) {
  EXPECT_NE(door->local().port, 0);
  EXPECT_EQ(door->local().address, at("127.0.0.1:1").address);
}

TEST_F(tcp_door, the_peer_is_named) {
  const unique_fd far = connect_blocking(door->local());
  ASSERT_TRUE(until([&] { return accepted.peers.size() == 1; }));
  EXPECT_EQ(accepted.peers[0], detail::net::local_endpoint(far.get()));
}

TEST_F(tcp_door, ipv6_peers_are_named) {
  auto v6 = events->listen(at("[::1]:0"), false);
  ASSERT_TRUE(v6.has_value()) << v6.error();
  (*v6)->start(accepted);
  const unique_fd far = connect_blocking((*v6)->local());
  ASSERT_TRUE(until([&] { return accepted.peers.size() == 1; }));
  EXPECT_EQ(accepted.peers[0], detail::net::local_endpoint(far.get()));
}

TEST_F(tcp_door, ipv6_and_ipv4_share_a_port) {
  endpoint v6 = at("[::]:0");
  v6.port = door->local().port;
  const auto other = events->listen(v6, false);
  EXPECT_TRUE(other.has_value());
}

TEST_F(tcp_door, a_port_in_use_is_an_error) {
  const auto second = events->listen(door->local(), false);
  EXPECT_EQ(second.error(), EADDRINUSE);
  const auto shared = events->listen(door->local(), true);
  EXPECT_EQ(shared.error(), EADDRINUSE);
}

TEST_F(tcp_door, an_address_of_nobody_here_is_an_error) {
  const auto other = events->listen(at("192.0.2.1:0"), false);
  EXPECT_EQ(other.error(), EADDRNOTAVAIL);
}

TEST_F(tcp_door, probe_bind_sees_who_listens) {
  EXPECT_EQ(probe_bind(door->local()), EADDRINUSE);
  const endpoint was = door->local();
  door.reset();
  EXPECT_EQ(probe_bind(was), 0);
  EXPECT_EQ(probe_bind(at("192.0.2.1:80")), EADDRNOTAVAIL);
  EXPECT_EQ(probe_bind(at("192.0.2.1:0")), 0);  // not asked
}

TEST_F(tcp_door, probe_bind_sees_who_shares_a_port) {
  const auto shared = events->listen(at("127.0.0.1:0"), true);
  ASSERT_TRUE(shared.has_value());
  EXPECT_EQ(probe_bind((*shared)->local()), EADDRINUSE);
}

TEST_F(tcp_door, two_loops_share_a_port) {
  const auto other_events = loop::make();
  collector here, there;
  auto first = events->listen(at("127.0.0.1:0"), true);
  ASSERT_TRUE(first.has_value());
  auto second = other_events->listen((*first)->local(), true);
  ASSERT_TRUE(second.has_value());
  (*first)->start(here);
  (*second)->start(there);
  std::vector<unique_fd> clients;
  for (int i = 0; i < 64; ++i) clients.push_back(connect_blocking((*first)->local()));
  EXPECT_TRUE(until([&] {
    other_events->poll(milliseconds{1});
    return here.connections.size() + there.connections.size() == 64;
  }));
  EXPECT_GT(here.connections.size(), 0U);
  EXPECT_GT(there.connections.size(), 0U);
  there.connections.clear();
}

TEST_F(tcp_door, who_came_before_start_is_accepted) {
  auto late = events->listen(at("127.0.0.1:0"), false);
  ASSERT_TRUE(late.has_value());
  const unique_fd far = connect_blocking((*late)->local());
  settle(*events);
  (*late)->start(accepted);
  EXPECT_TRUE(until([&] { return accepted.connections.size() == 1; }));
}

TEST_F(tcp_door, a_crowd_is_accepted) {
  std::vector<unique_fd> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(connect_blocking(door->local()));
  EXPECT_TRUE(until([&] { return accepted.connections.size() == 200; }));
}

TEST_F(tcp_door, a_closed_one_accepts_nobody) {
  const endpoint was = door->local();
  const unique_fd waiting = connect_blocking(was);
  door->close();
  door->close();
  settle(*events);
  EXPECT_TRUE(accepted.connections.empty());
  EXPECT_EQ(probe_bind(was), 0);
  EXPECT_EQ(door->local(), was);
}

TEST_F(tcp_door, one_that_finishes_hands_over_who_waits_and_accepts_nobody_else) {
  settle(*events);
  const endpoint was = door->local();
  std::vector<unique_fd> waiting;
  for (int i = 0; i < 40; ++i) waiting.push_back(connect_blocking(was));  // more than are accepted in a row
  door->finish();
  EXPECT_EQ(accepted.connections.size(), waiting.size());
  door->finish();
  settle(*events);
  EXPECT_EQ(accepted.connections.size(), waiting.size());
  EXPECT_EQ(probe_bind(was), 0);
}

TEST_F(tcp_door, one_that_never_started_finishes_without_an_owner) {
  auto made = events->listen(at("127.0.0.1:0"), false);
  ASSERT_TRUE(made.has_value());
  const unique_fd waiting = connect_blocking((*made)->local());
  (*made)->finish();
  EXPECT_EQ(probe_bind((*made)->local()), 0);
}

TEST_F(tcp_door, it_may_be_closed_or_destroyed_inside_on_accept) {
  for (const bool destroy : {false, true}) {
    auto made = events->listen(at("127.0.0.1:0"), false);
    ASSERT_TRUE(made.has_value());
    std::vector<unique_fd> clients;
    for (int i = 0; i < 5; ++i) clients.push_back(connect_blocking((*made)->local()));
    collector owner;
    owner.then_accept = [&] { destroy ? made->reset() : (*made)->close(); };
    (*made)->start(owner);
    ASSERT_TRUE(until([&] { return !owner.connections.empty(); }));
    settle(*events);
    EXPECT_EQ(owner.connections.size(), 1U);
  }
}

TEST_F(tcp_door, a_connection_may_be_dropped_inside_on_accept) {
  accepted.then_accept = [&] { accepted.connections.clear(); };
  const unique_fd far = connect_blocking(door->local());
  ASSERT_TRUE(until([&] { return accepted.peers.size() == 1; }));
  EXPECT_EQ(receive_text(far.get(), 1), "<end>");
}

/// Leaves the process exactly as many free descriptors.
class descriptor_limit {
 public:
  explicit descriptor_limit(std::size_t free) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit tight{.rlim_cur = first_number_after(free), .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &tight);
  }
  descriptor_limit(const descriptor_limit&) = delete;
  descriptor_limit& operator=(const descriptor_limit&) = delete;
  ~descriptor_limit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  /// The first number with `free` unused ones before it.
  static rlim_t first_number_after(std::size_t free) {
    int fd = 0;
    while (::fcntl(fd, F_GETFD) != -1 || free-- > 0) ++fd;
    return static_cast<rlim_t>(fd);
  }
  rlimit before_{};
};

class tcp_door_in_virtual_time : public timed_net_test {};

TEST_F(tcp_door_in_virtual_time, without_descriptors_it_reports_waits_and_goes_on) {
  if (sanitized) GTEST_SKIP() << "UBSan looks at objects through a pipe, and takes all for broken when it gets none";
  std::vector<unique_fd> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(connect_blocking(door->local()));
  {
    const descriptor_limit tight(1);
    ASSERT_TRUE(until([&] { return !accepted.failures.empty(); }));
    EXPECT_EQ(accepted.connections.size(), 1U);
    settle(*events);
    EXPECT_EQ(accepted.failures, std::vector{EMFILE}) << "it must not spin";
    clock.advance(milliseconds{200});
    settle(*events);
    EXPECT_EQ(accepted.failures.size(), 2U);
  }
  clock.advance(milliseconds{200});
  EXPECT_TRUE(until([&] { return accepted.connections.size() == 3; }));
  EXPECT_EQ(accepted.failures.size(), 2U);
}

TEST_F(tcp_door_in_virtual_time, it_may_be_closed_while_it_waits) {
  if (sanitized) GTEST_SKIP() << "UBSan looks at objects through a pipe, and takes all for broken when it gets none";
  const unique_fd client = connect_blocking(door->local());
  {
    const descriptor_limit tight(0);
    ASSERT_TRUE(until([&] { return !accepted.failures.empty(); }));
  }
  door->close();
  clock.advance(seconds{1});
  settle(*events);
  EXPECT_TRUE(accepted.connections.empty());
}

}  // namespace
}  // namespace gatehouse::net_test
