#include <gatehouse/server/test_client.hpp>

#include <string>

#include <gtest/gtest.h>

#include <gatehouse/rules/csrf.hpp>

namespace gatehouse {
namespace {

app make_app() {
  app a;
  a.get("/", [] { return "ok"; });
  a.get("/echo",
        [](const request& r) { return std::string{r.host()} + " " + std::string{r.header("x-a").value_or("-")}; });
  a.post("/length", [](body_bytes b) { return std::to_string(b->size()); });
  a.get("/id", [](const request& r) { return std::string{r.id()}; });
  return a;
}

TEST(test_client, sends_fields) {
  app a = make_app();
  test_client client{a};
  EXPECT_EQ(client.get("/echo").body, "localhost -");
  EXPECT_EQ(client.get("/echo", {{"X-A", "b"}, {"Host", "127.0.0.1:80"}}).body, "127.0.0.1:80 b");
}

TEST(test_client, finds_fields_in_any_case) {
  app a = make_app();
  const test_response r = test_client(a).get("/");
  EXPECT_EQ(r.header("CONTENT-TYPE"), "text/plain; charset=utf-8");
  EXPECT_EQ(r.header("x-nothing"), "");
}

TEST(test_client, each_request_has_its_own_id) {
  app a = make_app();
  test_client client{a};
  const test_response first = client.get("/id");
  EXPECT_EQ(first.body, first.header("x-request-id"));
  EXPECT_NE(first.body, client.get("/id").body);
}

struct raw_row {
  const char* name;
  const char* bytes;
  int status;
};
constexpr raw_row raw_rows[] = {
    {"a valid request", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 200},
    {"HTTP/1.0", "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n", 200},
    {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"a foreign Host", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
    {"both lengths",
     "POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400},
    {"a bare LF", "GET / HTTP/1.1\nHost: localhost\n\n", 400},
    {"an unknown method", "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501},
    {"an encoded slash", "GET /a%2Fb HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
    {"chunked content",
     "POST /length HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200},
    {"an invalid chunk", "POST /length HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400},
    {"an incomplete head", "GET / HTTP/1.1\r\nHost: localhost\r\n", 0},
    {"too little content", "POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nabc", 0},
    {"chunks without an end",
     "POST /length HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", 0},
    {"nothing", "", 0},
};
TEST(test_client, sends_any_bytes) {
  app a = make_app();
  test_client client{a};
  for (const raw_row& r : raw_rows) {
    SCOPED_TRACE(r.name);
    const test_response got = client.request(r.bytes);
    EXPECT_EQ(got.status, r.status) << got.body;
    if (r.status == 0) {
      EXPECT_FALSE(got.body.empty()) << "it says why";
    } else {
      EXPECT_EQ(got.header("x-content-type-options"), "nosniff") << "refused heads are protected, too";
    }
  }
}

TEST(test_client, keeps_to_limits) {
  app a = make_app();
  limits small;
  small.body_bytes = 4;
  small.target_bytes = 64;
  test_client client{a, small};
  EXPECT_EQ(client.post("/length", "1234").body, "4");
  EXPECT_EQ(client.post("/length", "12345").status, 413);
  EXPECT_EQ(client.get("/" + std::string(64, 'x')).status, 414);
}

TEST(test_client, of_an_app_with_mistakes_answers_those) {
  app a;
  a.get("no-slash", [] { return ""; });
  const test_response r = test_client(a).get("/");
  EXPECT_EQ(r.status, 0);
  EXPECT_NE(r.body.find("invalid-pattern"), std::string::npos) << r.body;
}

TEST(test_client, outlives_its_app) {
  auto a = std::make_unique<app>(make_app());
  test_client client{*a};
  a.reset();
  EXPECT_EQ(client.get("/").body, "ok");
}

TEST(test_client, says_when_a_handler_never_answers) {
  class silent final : public handler {
    void handle(call& c) const noexcept override { kept = &c; }

   public:
    mutable call* kept = nullptr;
  };
  const auto handler = std::make_shared<silent>();
  app a;
  a.get("/", pending_handler{std::shared_ptr<const gatehouse::handler>{handler}});
  const test_response r = test_client(a).get("/");
  EXPECT_EQ(r.status, 0);
  EXPECT_EQ(r.body, "the handler did not answer");
  handler->kept->finish();
}

// ------------------------------------------------------------------------------------------------------- as a browser

/// Written by hand: what a rule would do.
app make_shared_app() {
  app a;
  a.use(csrf_guard({.trusted_origins = {"http://localhost:3000"}}));  // CORS by hand: the guard knows nothing of it
  a.use([](const request&, next n) {
    return n([](outgoing& out) {
      out.header("Access-Control-Allow-Origin", "http://localhost:3000");
      out.header("Access-Control-Allow-Methods", "PUT");
    });
  });
  a.get("/notes", [] { return plain_text("notes").header("ETag", "\"1\""); });
  a.put("/notes", [](body_text text) { return *text; });
  a.get("/old", [] { return redirect("/notes"); });
  a.get("/away", [] { return plain_text("").status(status::found).header("Location", "http://elsewhere.example/"); });
  return a;
}

struct browser_case {
  const char* name;
  fetch asked;
  browser_why why;
  int status;
};

TEST(test_client, tells_what_a_browser_can_do) {
  const char* const page = "http://localhost:3000";
  const browser_case cases[] = {
      {"read", {.page = page, .url = "/notes"}, browser_why::readable_cors, 200},
      {"read a refusal", {.page = page, .url = "/missing"}, browser_why::readable_cors, 404},
      {"follow a redirect", {.page = page, .url = "/old"}, browser_why::readable_cors, 200},
      {"write", {.page = page, .url = "/notes", .method = "PUT", .body = "milk"}, browser_why::readable_cors, 200},
      {"a method that is not allowed",
       {.page = page, .url = "/notes", .method = "DELETE"},
       browser_why::method_not_allowed,
       0},
      {"a header that is not allowed",
       {.page = page, .url = "/notes", .headers = {{"X-A", "1"}}},
       browser_why::header_not_allowed,
       0},
      {"another page", {.page = "http://localhost:3001", .url = "/notes"}, browser_why::allow_origin_mismatch, 0},
      {"with credentials",
       {.page = page, .url = "/notes", .credentials = fetch_credentials::include},
       browser_why::allow_credentials_missing,
       0},
      {"the app's own page",
       {.page = "http://localhost", .url = "/notes", .method = "DELETE"},
       browser_why::readable_basic,
       405},
      {"at another name", {.page = page, .url = "http://127.0.0.1:8080/notes"}, browser_why::readable_cors, 200},
      {"away from the app", {.page = page, .url = "/away"}, browser_why::no_answer, 0},
  };
  app a = make_shared_app();
  test_client client{a};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const fetch_outcome can = client.expect_browser_can(c.asked);
    EXPECT_EQ(word(can.why), word(c.why)) << can.explanation();
    EXPECT_EQ(can.status, c.status);
    EXPECT_EQ(static_cast<bool>(can), c.status != 0);
  }
}

TEST(test_client, tells_a_browser_what_is_wrong_with_the_app) {
  app a;
  a.get("no-slash", [] { return "ok"; });
  const fetch_outcome can = test_client(a).expect_browser_can({.page = "http://localhost:3000", .url = "/x"});
  EXPECT_EQ(can.why, browser_why::no_answer);
  EXPECT_NE(can.explanation().find("no-slash"), std::string::npos) << can.explanation();
}

}  // namespace
}  // namespace gatehouse
