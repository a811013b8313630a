// What the documentation shows, through the umbrella header alone.
#include <gatehouse/gatehouse.hpp>

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

namespace gh = gatehouse;

namespace {

TEST(gatehouse, serves_what_the_documentation_shows) {
  gh::app app;
  app.get("/health", [] { return "ok"; });
  app.get("/notes/:id", [](gh::path<"id", std::int64_t> id) -> gh::result<std::string> {
    if (*id == 7) return std::string{"note 7"};
    return gh::error{gh::reason::http_not_found};
  });
  app.post("/notes", gh::blocking([](gh::body_text in) { return gh::created("/notes/1", std::string{*in}); }));

  gh::test_client client(app);
  EXPECT_EQ(client.get("/health").body, "ok");
  EXPECT_EQ(client.get("/notes/7").body, "note 7");
  EXPECT_EQ(client.get("/notes/8").status, 404);
  EXPECT_EQ(client.get("/notes/x").status, 400);
  EXPECT_EQ(client.post("/notes", "milk", {{"Content-Type", "text/plain"}}).header("Location"), "/notes/1");
}

TEST(gatehouse, a_proxy_works_in_the_test_client) {
  gh::app app;
  app.mount("/", gh::proxy("http://127.0.0.1:1"));  // nobody listens there
  gh::test_client client(app);
  EXPECT_EQ(client.get("/").status, 502);
  EXPECT_EQ(client.post("/", "x").status, 502);
}

TEST(gatehouse, a_proxys_mistakes_are_reported_with_the_others) {
  gh::app app;
  app.mount("/", gh::proxy("ftp://127.0.0.1"));
  app.get("no-slash", [] { return ""; });
  EXPECT_GE(app.check().size(), 2U);
}

}  // namespace
