// A warm request allocates nothing, from the socket to the socket.
#include <gtest/gtest.h>

#include "warm_requests.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::test;

constexpr std::string_view get = "GET /hello HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\nAccept: */*\r\n\r\n";
constexpr std::string_view post =
    "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nhello world";
constexpr std::string_view refused = "GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST(allocations, a_warm_request_makes_none) {
  auto routes = std::make_shared<test_routes>();
  routes->add("/hello", std::make_unique<on_call>(content_need{}, [](call& c) { c.respond("hello"); }));
  routes->add("/echo", std::make_unique<on_call>(content_need{.what = content_need::kind::buffered},
                                                 [](call& c) { c.respond(c.content()); }));
  harness h{routes};
  const warm_request rows[] = {
      {"a plain GET", get, "\r\n\r\nhello"}, {"a small body", post, "\r\n\r\nhello world"}, {"a 404", refused, "}"}};
  expect_warm_requests_allocate_nothing(h, rows);
}

}  // namespace
