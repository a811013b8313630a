// What a connection and a round trip cost. Measured with a server that echoes; HTTP adds nothing that these would see.

#include <malloc.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <atomic>

#include <malloc_counter.hpp>

#include "net_fixture.hpp"
#include "system_calls.hpp"

namespace gatehouse::net_test {
namespace {

/// Sends back what it receives.
class echo final : public stream_owner, public acceptor_owner {
 public:
  void take(stream_ptr s) {
    connection = std::move(s);
    connection->owner(*this);
    connection->receive();
  }
  std::span<char> receive_space() noexcept override { return buffer_; }
  void on_received(std::size_t n) noexcept override {
    const const_bytes piece(buffer_.data(), n);
    (void)connection->send({&piece, 1});
    connection->receive();
  }
  void on_end() noexcept override {}
  void on_writable() noexcept override {}
  void on_failure(int) noexcept override {}
  void on_accept(stream_ptr s, endpoint) noexcept override { take(std::move(s)); }
  void on_accept_failure(int) noexcept override {}
  stream_ptr connection;

 private:
  std::array<char, 4096> buffer_{};
};

class cost : public net_test {};

void round_trips(int fd, int count) {
  const std::string request(200, 'q');
  for (int i = 0; i < count; ++i) {
    send_all(fd, request);
    ASSERT_EQ(receive_text(fd, request.size()).size(), request.size());
  }
}

TEST_F(cost, a_round_trip_is_three_system_calls) {
  if (sanitized) GTEST_SKIP() << "sanitizers make calls of their own";
  constexpr int trips = 1000;
  const auto counts = count_system_calls(
      [&] {
        echo server;
        door->start(server);
        events->run();
      },
      [&](std::atomic<bool>& counting) {
        const unique_fd far = connect_blocking(door->local());
        round_trips(far.get(), 10);
        counting = true;
        round_trips(far.get(), trips);
        counting = false;
      });
  // One more or less of each: counting begins and ends while the server is between two calls.
  const auto expect_once_a_trip = [&](std::uint64_t number, const char* name) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(counts.contains(number));
    EXPECT_NEAR(counts.at(number), trips, 1);
  };
  expect_once_a_trip(SYS_epoll_wait, "epoll_wait");
  expect_once_a_trip(SYS_recvfrom, "recv");
  expect_once_a_trip(SYS_sendto, "send");
  EXPECT_EQ(counts.size(), 3U) << "and no other system call";
}

TEST_F(cost, a_warm_round_trip_allocates_nothing) {
  echo server;
  const unique_fd far = connect_blocking(door->local());
  ASSERT_TRUE(until([&] { return !accepted.connections.empty(); }));
  server.take(std::move(accepted.connections[0]));
  const std::string request(200, 'q');
  const auto trip = [&] {
    ASSERT_EQ(::send(far.get(), request.data(), request.size(), 0), 200);
    std::array<char, 200> answer;
    ASSERT_TRUE(until([&] { return ::recv(far.get(), answer.data(), 200, MSG_DONTWAIT) == 200; }));
  };
  trip();
  const test::malloc_counter here;
  for (int i = 0; i < 100; ++i) trip();
  EXPECT_EQ(here.count(), 0U);
}

TEST_F(cost, an_idle_connection_is_small) {
  if (sanitized) GTEST_SKIP() << "the sanitizer's allocator counts otherwise";
  constexpr std::size_t count = 400;
  std::vector<unique_fd> clients;
  recorder owner;
  clients.reserve(count);
  accepted.connections.reserve(count);
  accepted.peers.reserve(count);
  const std::size_t before = ::mallinfo2().uordblks;
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(connect_blocking(door->local()));
    ASSERT_TRUE(until([&] { return accepted.connections.size() == i + 1; }));
    accepted.connections.back()->owner(owner);
    accepted.connections.back()->receive();
  }
  settle(*events);
  const std::size_t each = (::mallinfo2().uordblks - before) / count;
  RecordProperty("bytes", static_cast<int>(each));
  EXPECT_LT(each, 300U);
}

}  // namespace
}  // namespace gatehouse::net_test
