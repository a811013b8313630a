// HTTP/1 connections: what happens when a client is slow, or says nothing. The clock is virtual.
#include <gtest/gtest.h>

#include <string>

#include "h1_fixture.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::test;

TEST(h1_deadlines, a_head_that_does_not_come_is_a_408) {
  harness h{usual_routes()};
  client to = h.connect();
  to.send("GET /hello HTTP/1.1\r\nHost: lo");
  h.pass(milliseconds{9'800});
  to.read();
  EXPECT_EQ(to.received, "");
  h.pass(milliseconds{400});
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_EQ(statuses(to.received), (std::vector<std::string>{"408"}));
}

TEST(h1_deadlines, one_byte_a_second_does_not_move_the_heads_deadline) {
  harness h{usual_routes()};
  client to = h.connect();
  for (int i = 0; i < 11 && to.received.empty(); ++i) {
    to.send("G");
    h.pass(milliseconds{1'000});
    to.read();
  }
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_EQ(statuses(to.received), (std::vector<std::string>{"408"}));
}

TEST(h1_deadlines, an_idle_connection_is_closed_without_a_word) {
  harness h{usual_routes()};
  client to = h.connect();
  to.send(get_hello);
  h.receive_until(to, [](const std::string& r) { return r.ends_with("hello"); });
  to.received.clear();
  h.pass(milliseconds{74'000});
  to.read();
  EXPECT_FALSE(to.ended);
  h.pass(milliseconds{1'500});
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_EQ(to.received, "");
}

TEST(h1_deadlines, a_body_that_stops_is_a_408) {
  harness h{usual_routes()};
  client to = h.connect();
  to.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab");
  h.pass(milliseconds{14'800});
  to.read();
  EXPECT_EQ(to.received, "");
  h.pass(milliseconds{500});
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_EQ(statuses(to.received), (std::vector<std::string>{"408"}));
}

TEST(h1_deadlines, a_body_that_drips_is_a_408) {
  harness h{usual_routes()};
  client to = h.connect();
  to.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n");
  int sent = 0;
  for (; sent < 20 && to.received.empty(); ++sent) {
    h.pass(milliseconds{5'000});
    to.send("x");
    h.settle();
    to.read();
  }
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_EQ(statuses(to.received), (std::vector<std::string>{"408"}));
  EXPECT_LE(sent, 4);  // judged at the first byte behind the grace
}

// The answer came before the body was read: the client has to bring the rest soon, however steadily it drips.
TEST(h1_deadlines, an_unread_body_is_waited_for_once) {
  harness h{usual_routes()};
  client to = h.connect();
  to.send("POST /none HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n");
  ASSERT_TRUE(h.receive_until(to, [](const std::string& r) { return r.ends_with("}"); }));
  EXPECT_EQ(to.received.find("Connection: close"), std::string::npos);
  for (int i = 0; i < 14; ++i) {
    to.send("x");
    h.pass(milliseconds{1'000});
  }
  to.read();
  EXPECT_FALSE(to.ended);
  to.send("x");
  h.pass(milliseconds{1'500});
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_EQ(statuses(to.received), (std::vector<std::string>{"404"}));
}

TEST(h1_deadlines, a_response_that_is_not_read_is_reset) {
  auto routes = std::make_shared<test_routes>();
  routes->add("/large", answers(std::string(std::size_t{16} * 1024 * 1024, 'x')));
  harness h{routes};
  client to = h.connect(4096);
  to.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  h.settle();
  h.pass(milliseconds{29'000});
  EXPECT_TRUE(h.run_until([&] { return true; }));
  h.pass(milliseconds{1'500});
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_TRUE(to.reset);
  EXPECT_LT(to.received.size(), std::size_t{16} * 1024 * 1024);
}

}  // namespace
