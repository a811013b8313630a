// CORS of an app: methods are those of the routes, and whoever answers, a listed page may read it.
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <gatehouse/rules/cors.hpp>
#include <gatehouse/server/app.hpp>
#include <gatehouse/server/test_client.hpp>

namespace gatehouse {
namespace {

const std::string page = "https://app.example.com";

app notes() {
  app a;
  a.use(cors({.origins = {page}, .credentials = true}));
  a.get("/notes", [] { return "all"; });
  a.put("/notes/:id", [] { return "changed"; });
  a.get("/broken", []() -> std::string { throw std::runtime_error("no"); });
  return a;
}

TEST(app_cors, a_preflight_is_answered_for_the_methods_of_the_route) {
  app a = notes();
  test_client client(a);
  const auto ask = [&](std::string_view path, const std::string& method) {
    return client.options(path, {{"Origin", page}, {"Access-Control-Request-Method", method}});
  };
  const test_response put = ask("/notes/1", "PUT");
  EXPECT_EQ(put.status, 204);
  EXPECT_EQ(put.header("access-control-allow-methods"), "GET, HEAD, POST, PUT, OPTIONS");
  EXPECT_EQ(put.header("access-control-allow-origin"), page);
  EXPECT_EQ(ask("/notes", "PUT").status, 403);
  EXPECT_EQ(ask("/notes/1", "DELETE").status, 403);
  EXPECT_EQ(client.options("/notes").status, 204);  // no preflight: Allow, from the router
}

TEST(app_cors, every_answer_is_readable) {
  app a = notes();
  test_client client(a);
  const auto judge = [](const test_response& r, int status, bool readable) {
    EXPECT_EQ(r.status, status);
    EXPECT_EQ(r.header("access-control-allow-origin"), readable ? page : "");
    EXPECT_EQ(r.header("access-control-allow-credentials"), readable ? "true" : "");
    EXPECT_EQ(r.header("vary"), status == 403 ? "Sec-Fetch-Site, Origin" : "Origin");
    EXPECT_EQ(r.header("cross-origin-resource-policy"), "same-site");
  };
  for (const bool readable : {true, false}) {
    const header_list from{{"Origin", readable ? page : "https://evil.net"}};
    judge(client.get("/notes", from), 200, readable);
    judge(client.get("/nothing", from), 404, readable);
    judge(client.del("/notes", from), readable ? 405 : 403, readable);  // the guard comes before the router
    judge(client.get("/broken", from), 500, readable);
  }
}

TEST(app_cors, a_dangerous_policy_is_an_error_of_listen) {
  app a;
  a.use(cors({.origins = {"*"}, .credentials = true}));
  EXPECT_EQ(a.listen({.port = 0}), 2);
}

}  // namespace
}  // namespace gatehouse
