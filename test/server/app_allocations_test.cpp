// A warm request to a user's handler allocates nothing, from the socket to the socket.
#include <gtest/gtest.h>

#include <gatehouse/rules/cors.hpp>
#include <gatehouse/server/app.hpp>

#include "open_app.hpp"
#include "warm_requests.hpp"

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
  const warm_request rows[] = {
      {"a literal, a parameter and a query", "GET /notes/42?q=a%20b HTTP/1.1\r\nHost: localhost\r\n\r\n", "\r\n\r\nok"},
      {"a decoded view", "GET /echo/a%20b HTTP/1.1\r\nHost: localhost\r\n\r\n", "\r\n\r\na b"},
      {"a value that is not valid", "GET /notes/x?q= HTTP/1.1\r\nHost: localhost\r\n\r\n", "}"},
      {"content", "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi",
       "\r\n\r\nhi"},
  };
  expect_warm_requests_allocate_nothing(h, rows);
}

// An error handler costs nothing until there is an error.
TEST(app_allocations, a_warm_request_beside_an_error_handler_makes_none) {
  open_app a;
  a.get("/notes/:id", [](path<"id", std::int64_t>) { return "ok"; });
  a.on_error([](const request_error&, const request&) { return "not ok"; });
  const auto service = a.service();
  ASSERT_NE(service, nullptr);
  harness h{service};
  const warm_request rows[] = {
      {"a handler that answers", "GET /notes/42 HTTP/1.1\r\nHost: localhost\r\n\r\n", "\r\n\r\nok"}};
  expect_warm_requests_allocate_nothing(h, rows);
}

TEST(app_allocations, a_warm_request_below_a_group_with_a_policy_makes_none) {
  open_app a;
  a.use(cors({.origins = {"https://app.example.com"}}));
  a.group("/users/:user").use(cors({.origins = {"*"}}));
  a.get("/users/:user/notes", [] { return "ok"; });
  const auto service = a.service();
  ASSERT_NE(service, nullptr);
  harness h{service};
  const warm_request rows[] = {
      {"the group's policy", "GET /users/7/notes HTTP/1.1\r\nHost: localhost\r\nOrigin: https://x.example\r\n\r\n",
       "\r\n\r\nok"},
      {"an encoded name", "GET /users/%61/notes HTTP/1.1\r\nHost: localhost\r\n\r\n", "\r\n\r\nok"},
      {"beside it", "GET /user HTTP/1.1\r\nHost: localhost\r\n\r\n", "}"}};
  expect_warm_requests_allocate_nothing(h, rows);
}

}  // namespace
