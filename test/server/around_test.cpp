#include <gatehouse/server/around.hpp>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <gatehouse/server/app.hpp>
#include <gatehouse/server/test_client.hpp>

namespace gatehouse {
namespace {

struct user {
  std::string name;
};

auto marking(std::string mark) {
  return [mark = std::move(mark)](const request&, next n) {
    return n([mark](outgoing& out) { out.append("X-Around", mark); });
  };
}

/// Every middleware leaves its mark on the response, the innermost first.
std::string marks(const test_response& r) {
  std::string all;
  for (const auto& [name, value] : r.headers) {
    if (name == "X-Around") all += (all.empty() ? "" : " ") + value;
  }
  return all;
}

struct marked_app : app {
  marked_app() {
    get("/before", [] { return "before"; });
    use(marking("first"));
    use(marking("second"));
    auto admin = group("/admin");
    admin.use(marking("admin"));
    group("/of/:user").use(marking("of"));
    use([](const request&, next n) { return n(); });

    admin.get("/users", [] { return "users"; });
    admin.group("/deep").use(marking("deep"));
    get("/admin", [] { return "admin"; });
    get("/admin/other", [] { return "other"; });
    get("/admin/deep/er", [] { return "deeper"; });
    get("/administration", [] { return "another word"; });
    get("/of/:user/notes", [] { return "notes"; });
    get("/:section/list", [] { return "a list"; });
    mount("/all", pending_handler{std::make_shared<static_answer>()});
    post("/upload", [](limited_body_text<4> text) { return *text; });
    get("/throws", []() -> std::string { throw std::runtime_error("secret"); });
  }
  struct static_answer final : handler {
    void handle(call& c) const noexcept override { c.respond("mounted"); }
  };
};

TEST(around, surrounds_what_its_prefix_covers_and_every_answer) {
  marked_app a;
  a.report_to([](const handler_failure&) {});
  test_client client(a);
  struct {
    const char* name;
    const char* request;
    int status;
    std::string marks;
  } const rows[] = {
      {"routes registered before", "GET /before", 200, "second first"},
      {"a group's own route", "GET /admin/users", 200, "admin second first"},
      {"the prefix itself", "GET /admin", 200, "admin second first"},
      {"a route below the prefix that somebody else registered", "GET /admin/other", 200, "admin second first"},
      {"a group in a group", "GET /admin/deep/er", 200, "deep admin second first"},
      {"another first segment that only begins so", "GET /administration", 200, "second first"},
      {"a prefix with a parameter", "GET /of/me/notes", 200, "of second first"},
      {"a route whose parameter is the prefix", "GET /admin/list", 200, "admin second first"},
      {"an encoded prefix", "GET /%61dmin/list", 200, "admin second first"},
      {"what is mounted", "GET /all/of/it", 200, "second first"},
      {"no route", "GET /nowhere", 404, "second first"},
      {"no route below a prefix", "GET /admin/nowhere", 404, "admin second first"},
      {"another method", "POST /admin/users", 405, "admin second first"},
      {"OPTIONS", "OPTIONS /admin/users", 204, "admin second first"},
      {"OPTIONS of everything", "OPTIONS *", 204, "second first"},
      {"HEAD", "HEAD /before", 200, "second first"},
      {"a handler that throws", "GET /throws", 500, "second first"},
      {"a head that the parser refuses", "GET /a//b", 400, ""},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    const test_response got = client.request(std::string{r.request} + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(got.status, r.status);
    EXPECT_EQ(marks(got), r.marks);
    EXPECT_FALSE(got.header("x-content-type-options").empty());
  }
  // A declared length is judged by the rules, chunks when the content is read.
  const test_response declared = client.post("/upload", "12345", {{"Content-Type", "text/plain"}});
  EXPECT_EQ(declared.status, 413);
  EXPECT_EQ(marks(declared), "");
  const test_response chunks = client.request(
      "POST /upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n");
  EXPECT_EQ(chunks.status, 413);
  EXPECT_EQ(marks(chunks), "second first");
  EXPECT_EQ(client.post("/upload", "1234", {{"Content-Type", "text/plain"}}).body, "1234");
}

TEST(around, what_the_rules_refuse_never_reaches_it) {
  int reached = 0;
  app a;
  a.use([&](const request&, next n) {
    ++reached;
    return n();
  });
  a.get("/", [] { return "ok"; });
  test_client client(a);
  EXPECT_EQ(client.get("/", {{"Host", "evil.example"}}).status, 421);
  EXPECT_EQ(reached, 0);
  EXPECT_EQ(client.get("/").status, 200);
  EXPECT_EQ(reached, 1);
}

TEST(around, may_answer_itself) {
  std::vector<std::string> told;
  bool handled = false;
  app a;
  a.report_to([&](const handler_failure& f) { told.push_back(std::string{f.route} + ": " + std::string{f.message}); });
  a.use(marking("outer"));
  a.use([](const request& r, next n) -> answer_or_next {
    const auto want = r.header("x-want");
    if (want == "problem") return http_error{status::unauthorized, "who are you?"};
    if (want == "text") return "text";
    if (want == "json") return json_text{"{}"};
    if (want == "nothing") return no_content{};
    if (want == "redirect") return redirect("/login");
    if (want == "reason") return error{reason::http_not_found};
    if (want == "result") return result<std::string>{"value"};
    if (want == "stream") {
      return streaming("text/plain", [](std::string& piece) {
        piece = "streamed";
        return false;
      });
    }
    if (want == "injection") return plain_text("x").header("X-A", "a\r\nSet-Cookie: b");
    if (want == "exception") throw std::runtime_error("secret");
    if (want == "no exception") throw 42;
    return n();
  });
  a.use(marking("inner"));
  a.get("/", [&] {
    handled = true;
    return "handled";
  });
  test_client client(a);
  struct {
    const char* want;
    int status;
    std::string body;
    std::string told;
  } const rows[] = {
      {"text", 200, "text", ""},
      {"json", 200, "{}", ""},
      {"nothing", 204, "", ""},
      {"redirect", 302, "", ""},
      {"result", 200, "value", ""},
      {"stream", 200, "streamed", ""},
      {"problem", 401, "*", ""},
      {"reason", 404, "*", ""},
      {"injection", 500, "*", "use: X-A with a control byte (CR, LF, NUL...) in its value"},
      {"exception", 500, "*", "use: secret"},
      {"no exception", 500, "*", "use: something that is no std::exception"},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.want);
    told.clear();
    const test_response got = client.get("/", {{"X-Want", r.want}});
    EXPECT_EQ(got.status, r.status);
    if (r.body != "*") {
      EXPECT_EQ(got.body, r.body);
    }
    EXPECT_EQ(got.body.find("secret"), std::string::npos);
    EXPECT_EQ(marks(got), "outer");
    EXPECT_EQ(told, r.told.empty() ? std::vector<std::string>{} : std::vector{r.told});
    EXPECT_FALSE(handled);
  }
  EXPECT_EQ(client.get("/").body, "handled");
  EXPECT_TRUE(handled);
}

TEST(around, changes_heads_and_only_to_what_may_be_sent) {
  std::vector<std::string> told;
  app a;
  a.report_to([&](const handler_failure& f) { told.push_back(std::string{f.message}); });
  a.use([](const request& r, next n) {
    return n([path = std::string{r.path()}](outgoing& out) {
      out.header("X-Status", std::to_string(number(out.status())));
      if (path == "/replace") out.header("x-own", "replaced");
      if (path == "/remove") out.remove("X-Own");
      if (path == "/read") out.header("X-Read", out.header("x-own").value_or("nothing"));
      if (path == "/break") out.header("X-A", "a\nb");
      if (path == "/length") out.header("Content-Length", "1");
      if (path == "/throw") throw std::runtime_error("secret");
      if (path == "/large") out.header("X-Large", std::string(70'000, 'x'));
    });
  });
  a.get("/:what", [] { return plain_text("hi").header("X-Own", "own"); });
  test_client client(a);
  struct {
    const char* path;
    std::string own;
    std::string told;
  } const rows[] = {
      {"/as-it-is", "own", ""},
      {"/replace", "replaced", ""},
      {"/remove", "", ""},
      {"/break", "own", "X-A with a control byte (CR, LF, NUL...) in its value"},
      {"/length", "own", "Content-Length, which the server writes itself"},
      {"/throw", "own", "secret"},
      {"/large", "own", "X-Large, for which there is no memory left"},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.path);
    told.clear();
    const test_response got = client.get(r.path);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "hi");
    EXPECT_EQ(got.header("x-own"), r.own);
    EXPECT_EQ(got.header("x-status"), "200");
    EXPECT_EQ(got.header("x-a"), "");
    EXPECT_EQ(got.header("content-length"), "2");
    EXPECT_EQ(told, r.told.empty() ? std::vector<std::string>{} : std::vector{r.told});
  }
  EXPECT_EQ(client.get("/read").header("x-read"), "own");
}

TEST(around, attaches_values_for_what_comes_after) {
  app a;
  a.use([](const request& r, next n) {
    if (const auto name = r.header("x-user")) n.attach(user{"x"}).attach(user{std::string{*name}}).attach(42);
    return n();
  });
  a.get("/plain", [](attached<user> u, attached<int> number) { return u->name + std::to_string(*number); });
  a.get("/blocking", blocking([](attached<user> u) { return u->name; }));
  a.get("/request", [](const request& r) { return r.attached<user>() == nullptr ? "nobody" : "somebody"; });
  a.get("/blocking-request",
        blocking([](const request& r) { return r.attached<user>() == nullptr ? "nobody" : r.attached<user>()->name; }));
  test_client client(a);
  struct {
    const char* path;
    const char* user;
    int status;
    std::string body;
  } const rows[] = {
      {"/plain", "ada", 200, "ada42"},
      {"/blocking", "ada", 200, "ada"},
      {"/request", "ada", 200, "somebody"},
      {"/blocking-request", "ada", 200, "ada"},
      {"/request", "", 200, "nobody"},
      {"/blocking-request", "", 200, "nobody"},
      {"/plain", "", 500, "*"},
      {"/blocking", "", 500, "*"},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(std::string{r.path} + " " + r.user);
    header_list headers;
    if (*r.user != '\0') headers.emplace_back("X-User", r.user);
    const test_response got = client.get(r.path, headers);
    EXPECT_EQ(got.status, r.status);
    if (r.body != "*") {
      EXPECT_EQ(got.body, r.body);
    }
  }
}

TEST(around, a_wrong_prefix_is_reported_with_everything_else) {
  app a;
  a.group("/a/{b}").use(marking("x"));
  a.get("no-slash", [] {});
  const config_errors errors = a.check();
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].value, "no-slash");
  EXPECT_EQ(errors[1].value, "/a/{b}");
  EXPECT_EQ(errors[1].code, "invalid-pattern");
}

}  // namespace
}  // namespace gatehouse
