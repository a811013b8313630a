// A warm request to a user's handler allocates nothing, from the socket to the socket.
#include <gtest/gtest.h>

#include <gatehouse/server/app.hpp>

#include "connection_harness.hpp"
#include "malloc_counter.hpp"
#include "open_app.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::test;

TEST(app_allocations, a_warm_request_makes_none) {
  open_app a;
  a.get("/notes/:id", [](path<"id", std::int64_t>, query<"q", std::string_view>) { return "ok"; });
  a.get("/echo/:text", [](path<"text", std::string_view> text) { return *text; });
  a.post("/body", [](body_text text) { return *text; });
  const auto service = a.service();
  ASSERT_NE(service, nullptr);
  harness h{service};
  client to = h.connect();
  to.received.reserve(1 << 20);
  struct {
    const char* name;
    std::string_view request;
    std::string_view end;
  } const rows[] = {
      {"a literal, a parameter and a query", "GET /notes/42?q=a%20b HTTP/1.1\r\nHost: localhost\r\n\r\n", "\r\n\r\nok"},
      {"a decoded view", "GET /echo/a%20b HTTP/1.1\r\nHost: localhost\r\n\r\n", "\r\n\r\na b"},
      {"a value that is not valid", "GET /notes/x?q= HTTP/1.1\r\nHost: localhost\r\n\r\n", "}"},
      {"content", "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi",
       "\r\n\r\nhi"},
  };
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
