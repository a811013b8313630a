// A warm request allocates nothing, from the socket to the socket.
#include <gtest/gtest.h>

#include "connection_harness.hpp"
#include "malloc_counter.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::test;

constexpr std::string_view get = "GET /hello HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\nAccept: */*\r\n\r\n";
constexpr std::string_view post =
    "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nhello world";
constexpr std::string_view refused = "GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n";

struct row {
  const char* name;
  std::string_view request;
  std::string_view end;
};

TEST(allocations, a_warm_request_makes_none) {
  auto routes = std::make_shared<test_routes>();
  routes->add("/hello", std::make_unique<on_call>(content_need{}, [](call& c) { c.respond("hello"); }));
  routes->add("/echo", std::make_unique<on_call>(content_need{.what = content_need::kind::buffered},
                                                 [](call& c) { c.respond(c.content()); }));
  harness h{routes};
  client to = h.connect();
  to.received.reserve(1 << 20);
  const row rows[] = {
      {"a plain GET", get, "\r\n\r\nhello"}, {"a small body", post, "\r\n\r\nhello world"}, {"a 404", refused, "}"}};
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    std::uint64_t made = 0;
    for (int i = 0; i < 50; ++i) {
      to.received.clear();
      const malloc_counter here;
      to.send(r.request);
      for (int turn = 0; turn < 1000 && !to.received.ends_with(r.end); ++turn) {
        h.worker().loop().poll(milliseconds{0});
        to.read();
      }
      if (i >= 20) made += here.count();  // the first ones warm the pools
      ASSERT_TRUE(to.received.ends_with(r.end)) << to.received;
    }
    EXPECT_EQ(made, 0U);
  }
}

}  // namespace
