// HTTP/1 connections: what an idle one costs, what a stop and a full house do.
#include <gtest/gtest.h>

#include <string>

#include <gatehouse/server/block_pool.hpp>

#include "h1_fixture.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::test;

TEST(h1_lifetime, an_idle_connection_owns_no_block) {
  harness h{usual_routes()};
  client to = h.connect();
  h.settle();
  EXPECT_EQ(blocks_of_this_thread().in_use, 0U);
  to.send(get_hello);
  h.receive_until(to, [](const std::string& r) { return r.ends_with("hello"); });
  h.settle();
  EXPECT_EQ(blocks_of_this_thread().in_use, 0U);
}

TEST(h1_lifetime, a_stop_answers_what_runs_and_closes_what_is_idle) {
  call* running = nullptr;
  auto routes = std::make_shared<test_routes>();
  routes->add("/later", std::make_unique<on_call>(content_need{}, [&](call& c) { running = &c; }));
  harness h{routes};
  client idle = h.connect();
  client busy = h.connect();
  busy.send("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(h.run_until([&] { return running != nullptr; }));
  h.worker().stop();
  ASSERT_TRUE(h.receive_end(idle));
  EXPECT_TRUE(idle.ended);
  running->respond("done");
  ASSERT_TRUE(h.receive_end(busy));
  EXPECT_TRUE(busy.received.ends_with("done"));
  EXPECT_NE(busy.received.find("Connection: close\r\n"), std::string::npos);
}

TEST(h1_lifetime, a_stop_resets_nobody_who_came_before_it) {
  struct {
    std::string_view name;
    std::string sent;
    std::string_view wanted;  // how what comes back ends
  } const rows[] = {
      {.name = "connected, not accepted yet", .sent = "", .wanted = ""},
      {.name = "and has sent its request", .sent = get_hello, .wanted = "hello"},
      {.name = "and has sent two", .sent = get_hello + get_hello, .wanted = "hello"},
      {.name = "and has sent what is none", .sent = "what?\r\n\r\n", .wanted = "}"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    harness h{usual_routes()};
    h.settle();
    client to = h.connect();
    to.send(row.sent);
    h.worker().stop();
    ASSERT_TRUE(h.receive_end(to));
    EXPECT_FALSE(to.reset);
    EXPECT_TRUE(to.ended);
    EXPECT_TRUE(to.received.ends_with(row.wanted)) << to.received;
    EXPECT_EQ(statuses(to.received).size(), row.sent.empty() ? 0U : 1U) << "the first says Connection: close";
    EXPECT_EQ(count(to.received, "Connection: close\r\n"), row.sent.empty() ? 0U : 1U);
  }
}

TEST(h1_lifetime, a_stop_answers_what_an_idle_connection_has_sent) {
  harness h{usual_routes()};
  client to = h.connect();
  to.send(get_hello);
  ASSERT_TRUE(h.receive_until(to, [](const std::string& r) { return r.ends_with("hello"); }));
  h.settle();
  to.received.clear();
  h.worker().stop();
  to.send(get_hello);
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_FALSE(to.reset);
  EXPECT_TRUE(to.received.ends_with("hello")) << to.received;
}

TEST(h1_lifetime, a_client_over_its_share_is_told_so) {
  limits l;
  l.connections = 2;
  harness h{usual_routes(), l};
  client one = h.connect();
  client two = h.connect();
  client three = h.connect();
  ASSERT_TRUE(h.receive_end(three));
  EXPECT_EQ(statuses(three.received), (std::vector<std::string>{"503"}));
  one.close();
  h.settle();
  client four = h.connect();
  four.send(get_hello);
  ASSERT_TRUE(h.receive_until(four, [](const std::string& r) { return r.ends_with("hello"); }));
}

}  // namespace
