// CORS of an app: methods are those of the routes, and whoever answers, a listed page may read it.
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <gatehouse/rules/cors.hpp>
#include <gatehouse/rules/csrf.hpp>
#include <gatehouse/rules/host_check.hpp>
#include <gatehouse/rules/security_headers.hpp>
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

// ---------------------------------------------------------------- groups

/// Ours for listed pages, /public for everybody, /public/admin for nobody, /users/:user for another page.
app with_groups() {
  app a = notes();
  route_group everybody = a.group("/public");
  everybody.use(cors({.origins = {"*"}, .expose_headers = {"etag"}}));
  everybody.get("/notes", [] { return "all"; });
  a.put("/public/notes", [] { return "by the app"; });
  route_group admin = everybody.group("/admin");
  admin.use(cors_even_for_nobody({}));
  admin.get("/notes", [] { return "secret"; });
  a.group("/users/:user").use(cors({.origins = {"https://users.example.com"}}));
  a.get("/users/:id/notes", [] { return "mine"; });
  a.group("/users/me").use(cors({.origins = {"https://me.example.com"}}));
  a.get("/:any/below", [] { return "any"; });
  return a;
}

struct group_case {
  const char* name;
  const char* path;
  std::string origin;
  int status;
  const char* allowed;      // Access-Control-Allow-Origin
  const char* credentials;  // that nothing is inherited
};

const group_case group_cases[] = {
    {"outside of every group it is the app's", "/notes", page, 200, "https://app.example.com", "true"},
    {"the group's own, whole", "/public/notes", page, 200, "*", ""},
    {"the prefix itself, without a route", "/public", page, 404, "*", ""},
    {"no route below it", "/public/nothing", page, 404, "*", ""},
    {"a longer name is not below it", "/publicity", page, 404, "https://app.example.com", "true"},
    {"whoever answers there", "/public/below", page, 200, "*", ""},
    {"bypass: an encoding of its name", "/%70ublic/nothing", page, 404, "*", ""},
    {"the inner group's", "/public/admin/notes", page, 200, "", ""},
    {"bypass: an encoding of the inner group's name", "/public/%61dmin/notes", page, 404, "", ""},
    {"a prefix with a parameter", "/users/7/notes", "https://users.example.com", 200, "https://users.example.com", ""},
    {"the app's page is not the group's", "/users/7/notes", page, 200, "", ""},
    {"a literal is nearer than a parameter", "/users/me/notes", "https://me.example.com", 200, "https://me.example.com",
     ""},
    {"and the parameter's does not hold there", "/users/me/notes", "https://users.example.com", 200, "", ""},
};

TEST(app_cors, a_group_replaces_the_policy_whole) {
  app a = with_groups();
  test_client client(a);
  for (const group_case& c : group_cases) {
    SCOPED_TRACE(c.name);
    const test_response r = client.get(c.path, {{"Origin", c.origin}});
    EXPECT_EQ(r.status, c.status);
    EXPECT_EQ(r.header("access-control-allow-origin"), c.allowed);
    EXPECT_EQ(r.header("access-control-allow-credentials"), c.credentials);
    EXPECT_EQ(r.header("access-control-expose-headers"), std::string_view{c.allowed} == "*" ? "etag" : "");
  }
}

TEST(app_cors, a_preflight_is_judged_by_the_group) {
  app a = with_groups();
  test_client client(a);
  const auto ask = [&](std::string_view path, const std::string& origin) {
    return client.options(path, {{"Origin", origin}, {"Access-Control-Request-Method", "PUT"}});
  };
  EXPECT_EQ(ask("/public/notes", "https://anybody.example").status, 204);
  EXPECT_EQ(ask("/public/admin/notes", page).status, 403);
  EXPECT_EQ(ask("/notes/1", "https://anybody.example").status, 403);
}

TEST(app_cors, a_group_has_a_csrf_guard_of_its_own) {
  app a;
  a.group("/hooks").use(csrf_guard({.dangerously_off = true}));
  a.post("/hooks/pay", [] { return "paid"; });
  a.post("/notes", [] { return "made"; });
  test_client client(a);
  const header_list from{{"Origin", "https://evil.net"}, {"Sec-Fetch-Site", "cross-site"}};
  EXPECT_EQ(client.post("/hooks/pay", "", from).status, 200);
  EXPECT_EQ(client.post("/notes", "", from).status, 403);
  EXPECT_EQ(client.post("/hooksome", "", from).status, 403);  // not below it
}

TEST(app_cors, the_rest_of_the_rules_holds_in_a_group) {
  app a = with_groups();
  test_client client(a);
  const test_response r = client.get("/public/notes");
  EXPECT_EQ(r.header("x-content-type-options"), "nosniff");
  EXPECT_FALSE(r.header("x-request-id").empty());
  EXPECT_EQ(client.get("/public/notes", {{"Host", "evil.example"}}).status,
            client.get("/notes", {{"Host", "evil.example"}}).status);
}

TEST(app_cors, what_is_wrong_in_a_group_is_said_with_its_prefix) {
  app a;
  a.use(cors({.origins = {"null"}}));
  route_group g = a.group("/public");
  g.use(cors({.origins = {"*", "x"}, .credentials = true}));
  g.group("/inner").use(security_headers());
  a.group("/hosts").use(host_check());
  a.group("bad").use(cors({.origins = {page}}));
  const auto says = [](const config_errors& all) {
    std::vector<std::string> out;
    for (const config_error& e : all) out.push_back(e.key + ' ' + e.code);
    return out;
  };
  EXPECT_EQ(says(a.check()), (std::vector<std::string>{"cors.origins[0] null-origin",
                                                       "group \"/hosts\" not-for-a-group", "routes invalid-pattern"}));
  app b;
  b.use(cors({.origins = {"null"}}));
  route_group of_b = b.group("/public");
  of_b.use(cors({.origins = {"*"}, .credentials = true}));
  of_b.group("/inner").use(security_headers());
  of_b.group("/other").use(cors({.origins = {"null"}}));
  EXPECT_EQ(says(b.check()),
            (std::vector<std::string>{"cors.origins[0] null-origin",
                                      "group \"/public\": cors.origins[0] any-origin-with-credentials"}));
}

}  // namespace
}  // namespace gatehouse
