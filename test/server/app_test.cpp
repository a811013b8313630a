#include <gatehouse/server/app.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <gatehouse/rules/standard_set.hpp>
#include <gatehouse/server/static_text.hpp>
#include <gatehouse/server/test_client.hpp>

namespace gatehouse {
namespace {

// What every answer has, in the order sent; ids and dates by their form.
const std::string protection =
    "X-Request-Id: <id>\n"
    "Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\n"
    "X-Content-Type-Options: nosniff\n"
    "X-Frame-Options: DENY\n"
    "Referrer-Policy: no-referrer\n"
    "Cross-Origin-Resource-Policy: same-origin\n"
    "Cross-Origin-Opener-Policy: same-origin\n";
const std::string cache = "Cache-Control: no-store, max-age=0\n";
const std::string date = "Date: <date>\n";

/// The whole answer as text. `own` are the fields before those that every answer has.
std::string whole(const test_response& r) {
  const std::string_view id = r.header("x-request-id");
  std::string text = std::to_string(r.status) + '\n';
  for (const auto& [name, value] : r.headers) {
    text += name + ": " + (name == "Date" ? "<date>" : name == "X-Request-Id" ? "<id>" : value) + '\n';
  }
  text += '\n' + r.body;
  if (const std::size_t at = id.empty() ? std::string::npos : text.find(id); at != std::string::npos) {
    text.replace(at, id.size(), "<id>");
  }
  return text;
}

std::string answer(int status, const std::string& own, const std::string& body) {
  return std::to_string(status) + '\n' + own + protection + cache + date +
         "Content-Length: " + std::to_string(body.size()) + "\n\n" + body;
}
std::string empty_answer(int status, const std::string& own, bool has_length) {
  return std::to_string(status) + '\n' + own + protection + cache + date + (has_length ? "Content-Length: 0\n" : "") +
         '\n';
}
/// Of a refusal: its Cache-Control is set with the problem.
std::string problem(int status, const std::string& type, const std::string& title, const std::string& own = {}) {
  const std::string body = R"({"type":")" + type + R"(","title":")" + title + R"(","status":)" +
                           std::to_string(status) + R"(,"instance":"urn:uuid:<id>"})";
  const std::size_t length = body.size() - 4 + 36;
  return std::to_string(status) + '\n' + cache + "Content-Type: application/problem+json\n" + own + protection + date +
         "Content-Length: " + std::to_string(length) + "\n\n" + body;
}
std::string bland_500() { return problem(500, "about:blank", "Internal Server Error"); }

const std::string as_text = "Content-Type: text/plain; charset=utf-8\n";
const std::string as_html = "Content-Type: text/html; charset=utf-8\n";

std::string free_function() { return "free"; }

void add_answers(app& a) {
  a.get("/cookies", [] {
    return response{}
        .cookie("sid", "abc")
        .cookie("theme", "dark", {.max_age = std::chrono::hours{1}, .secure = false, .http_only = false})
        .host_cookie("login", "1")
        .clear_cookie("old", {.path = "/app"})
        .clear_host_cookie("seen")
        .append("Set-Cookie", "raw=1");
  });
  a.get("/literal", [] { return "ok"; });
  a.get("/string", [] { return std::string{"made"}; });
  a.get("/view", []() -> std::string_view { return "seen"; });
  a.get("/function", free_function);
  a.get("/pointer", &free_function);
  a.get("/std-function", std::function<std::string()>{free_function});
  a.get("/nothing", [] {});
  a.get("/no-content", [] { return no_content{}; });
  a.get("/json", [] { return json_text{R"({"a":1})"}; });
  a.get("/empty-json", [] { return json_text{}; });
  a.get("/response", [] {
    return response{status::accepted}
        .type("image/svg+xml")
        .header("ETag", "\"1\"")
        .append("X-One", "1")
        .append("X-One", "2")
        .body("<svg/>");
  });
  a.get("/plain", [] { return plain_text("hi").header("x-a", "b").header("X-A", "c"); });
  a.get("/status-only", [] { return response{status::accepted}; });
  a.get("/204-with-body", [] { return response{status::no_content}.body("lost"); });
  a.get("/304-with-body", [] { return response{status::not_modified}.header("ETag", "\"1\"").body("lost"); });
  a.get("/result", []() -> result<std::string> { return std::string{"value"}; });
  a.get("/result-void", []() -> result<void> { return {}; });
  a.get("/result-reason", []() -> result<std::string> { return error{reason::http_not_found}; });
  a.get("/result-message",
        []() -> result<std::string, http_error> { return failure{http_error{status::conflict, "title is taken"}}; });
  a.get("/http-error", [] { return http_error{status::not_found, "no note \"7\"\n"}; });
  a.get("/http-error-bare", [] { return http_error{status::gone, {}}; });
  a.get("/redirect", [] { return redirect("/notes?all"); });
  a.get("/redirect-303", [] { return redirect("/", {.status = status::see_other}); });
  a.get("/redirect-external", [] { return redirect("https://example.com/", {.allow_external = true}); });
  a.post("/created", [] { return created("/notes/1", "text"); });
  a.put("/created", [] { return created("/notes/1", json_text{"{}"}); });
  a.patch("/created", [] { return created("/notes/1"); });
  a.del("/created", [] {});
  a.any("/any", [](const request& r) { return std::string{to_string(r.method())}; });
  a.get("/static", static_text("a,b", "text/csv"));
  a.get("/static-html", static_text(html{"<b>x</b>"}));
  a.get("/html", [] { return html::format("<p>{}</p>", "<script>"); });
  a.get("/html-404", [] { return response{html{"<p>no</p>"}}.status(status::not_found); });
  a.get("/xhtml", [] { return response{html{"<p>x</p>"}}.type("application/xhtml+xml"); });
  a.get("/html-later", blocking([] { return html{"<p>x</p>"}; }));
  a.get("/html-result", []() -> result<html> { return html{"<p>x</p>"}; });
  a.post("/html-created", [] { return created("/notes/1", html{"<p>x</p>"}); });
  a.get("/html-no-more", [] { return response{html{"<p>x</p>"}}.type("text/plain").body("text"); });
}

struct row {
  const char* name;
  const char* request;  // method and target
  std::string want;
};
TEST(app, answers_what_handlers_return) {
  app a;
  add_answers(a);
  const std::string location = "Location: /notes/1\n";
  const row rows[] = {
      {"cookies", "GET /cookies",
       empty_answer(
           200,
           "Set-Cookie: sid=abc; Path=/; Secure; HttpOnly; SameSite=Lax\n"
           "Set-Cookie: theme=dark; Max-Age=3600; Path=/; SameSite=Lax\n"
           "Set-Cookie: __Host-login=1; Path=/; Secure; HttpOnly; SameSite=Lax\n"
           "Set-Cookie: old=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/app; Secure; HttpOnly; SameSite=Lax\n"
           "Set-Cookie: __Host-seen=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Secure; HttpOnly; "
           "SameSite=Lax\n"
           "Set-Cookie: raw=1; SameSite=Lax\n",
           true)},
      {"a literal", "GET /literal", answer(200, as_text, "ok")},
      {"a string", "GET /string", answer(200, as_text, "made")},
      {"a view", "GET /view", answer(200, as_text, "seen")},
      {"a function", "GET /function", answer(200, as_text, "free")},
      {"a pointer to one", "GET /pointer", answer(200, as_text, "free")},
      {"a std::function", "GET /std-function", answer(200, as_text, "free")},
      {"nothing", "GET /nothing", empty_answer(204, "", false)},
      {"no_content", "GET /no-content", empty_answer(204, "", false)},
      {"JSON text", "GET /json", answer(200, "Content-Type: application/json\n", R"({"a":1})")},
      {"empty JSON text still has its type", "GET /empty-json",
       empty_answer(200, "Content-Type: application/json\n", true)},
      {"a response", "GET /response",
       answer(202, "Content-Type: image/svg+xml\nETag: \"1\"\nX-One: 1\nX-One: 2\n", "<svg/>")},
      {"header() replaces", "GET /plain", answer(200, as_text + "X-A: c\n", "hi")},
      {"a status without content", "GET /status-only", empty_answer(202, "", true)},
      {"204 never has content", "GET /204-with-body", empty_answer(204, "", false)},
      {"304 never has content", "GET /304-with-body", empty_answer(304, "ETag: \"1\"\n", false)},
      {"a result with a value", "GET /result", answer(200, as_text, "value")},
      {"a result without one", "GET /result-void", empty_answer(204, "", false)},
      {"a result with a reason", "GET /result-reason", problem(404, "about:blank", "Not Found")},
      {"a redirect", "GET /redirect", empty_answer(302, "Location: /notes?all\n", true)},
      {"a redirect with its status", "GET /redirect-303", empty_answer(303, "Location: /\n", true)},
      {"a redirect elsewhere, on purpose", "GET /redirect-external",
       empty_answer(302, "Location: https://example.com/\n", true)},
      {"created, with text", "POST /created", answer(201, as_text + location, "text")},
      {"created, with JSON", "PUT /created", answer(201, "Content-Type: application/json\n" + location, "{}")},
      {"created", "PATCH /created", empty_answer(201, location, true)},
      {"deleted", "DELETE /created", empty_answer(204, "", false)},
      {"any method", "PUT /any", answer(200, as_text, "PUT")},
      {"any method, OPTIONS too", "OPTIONS /any", answer(200, as_text, "OPTIONS")},
      {"static text", "GET /static", answer(200, "Content-Type: text/csv\n", "a,b")},
      {"static HTML", "GET /static-html", answer(200, as_html, "<b>x</b>")},
      {"HTML", "GET /html", answer(200, as_html, "<p>&lt;script&gt;</p>")},
      {"HTML with a status", "GET /html-404", answer(404, as_html, "<p>no</p>")},
      {"HTML as XHTML", "GET /xhtml", answer(200, "Content-Type: application/xhtml+xml\n", "<p>x</p>")},
      {"HTML from the pool", "GET /html-later", answer(200, as_html, "<p>x</p>")},
      {"a result of HTML", "GET /html-result", answer(200, as_html, "<p>x</p>")},
      {"created, with HTML", "POST /html-created", answer(201, as_html + location, "<p>x</p>")},
      {"HTML replaced by text", "GET /html-no-more", answer(200, "Content-Type: text/plain\n", "text")},
      {"no such path", "GET /nowhere", problem(404, "about:blank", "Not Found")},
      {"no such method", "POST /literal",
       problem(405, "about:blank", "Method Not Allowed", "Allow: GET, HEAD, OPTIONS\n")},
      {"OPTIONS", "OPTIONS /created", empty_answer(204, "Allow: POST, PUT, PATCH, DELETE, OPTIONS\n", false)},
  };
  test_client client{a};
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    const test_response got = client.request(std::string{r.request} +
                                             " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(whole(got), r.want);
  }
}

TEST(app, answers_errors_in_the_authors_words) {
  app a;
  add_answers(a);
  test_client client{a};
  const auto document = [&](const char* target) {
    const std::string text = whole(client.get(target));
    return text.substr(text.find("\n\n") + 2);
  };
  EXPECT_EQ(
      document("/http-error"),
      R"({"type":"about:blank","title":"Not Found","status":404,"detail":"no note \"7\"\n","instance":"urn:uuid:<id>"})");
  EXPECT_EQ(document("/http-error-bare"),
            R"({"type":"about:blank","title":"Gone","status":410,"instance":"urn:uuid:<id>"})");
  EXPECT_EQ(
      document("/result-message"),
      R"({"type":"about:blank","title":"Conflict","status":409,"detail":"title is taken","instance":"urn:uuid:<id>"})");
  EXPECT_EQ(client.get("/http-error").header("content-type"), "application/problem+json");
}

TEST(app, answers_HEAD_as_GET_without_content) {
  app a;
  add_answers(a);
  test_client client{a};
  test_response r = client.head("/string");
  EXPECT_EQ(r.body, "");
  r.body = "made";
  EXPECT_EQ(whole(r), answer(200, as_text, "made"));
}

// ------------------------------------------------------------------ failures of handlers

struct told {
  handler_failure::kind what;
  std::string route;
  std::string request_id;
  std::string message;
};

/// An app that collects what it is told.
struct watched {
  app a;
  std::mutex mutex;
  std::vector<told> all;
  watched() {
    a.report_to([this](const handler_failure& f) {
      const std::scoped_lock lock(mutex);
      all.push_back({f.what, std::string{f.route}, std::string{f.request_id}, std::string{f.message}});
    });
  }
};

TEST(app, catches_exceptions_and_tells_once) {
  watched w;
  w.a.get("/standard/:id", []() -> std::string { throw std::runtime_error("secret of the database"); });
  w.a.get("/other", []() -> std::string { throw 7; });
  w.a.get("/pool", blocking([]() -> std::string { throw std::runtime_error("secret of the pool"); }));
  test_client client{w.a};
  struct {
    const char* target;
    const char* route;
    const char* message;
  } const rows[] = {{"/standard/1", "/standard/:id", "secret of the database"},
                    {"/other", "/other", "something that is no std::exception"},
                    {"/pool", "/pool", "secret of the pool"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.target);
    w.all.clear();
    const test_response r = client.get(row.target);
    EXPECT_EQ(whole(r), bland_500());
    ASSERT_EQ(w.all.size(), 1U);
    EXPECT_EQ(w.all[0].what, handler_failure::kind::exception);
    EXPECT_EQ(w.all[0].route, row.route);
    EXPECT_EQ(w.all[0].request_id, r.header("x-request-id"));
    EXPECT_EQ(w.all[0].message, row.message);
  }
}

TEST(app, a_hook_that_throws_changes_nothing) {
  app a;
  a.report_to([](const handler_failure&) { throw std::runtime_error("hook"); });
  a.get("/", []() -> std::string { throw std::runtime_error("handler"); });
  EXPECT_EQ(whole(test_client(a).get("/")), bland_500());
}

TEST(app, never_sends_an_invalid_response) {
  struct bad {
    const char* name;
    response r;
  };
  const bad rows[] = {
      {"CRLF in a value", response{}.header("X-A", "b\r\nSet-Cookie: c")},
      {"LF in a value", response{}.header("X-A", "b\nc")},
      {"NUL in a value", response{}.header("X-A", std::string_view{"b\0c", 3})},
      {"a name with a space", response{}.header("X A", "b")},
      {"an empty name", response{}.header("", "b")},
      {"CRLF in an appended value", response{}.append("Set-Cookie", "a\r\nb")},
      {"text as HTML", plain_text("<b>").type("text/html")},
      {"text as HTML, in capitals, with a parameter", plain_text("<b>").type("TEXT/HTML ;charset=utf-8")},
      {"text as XHTML", plain_text("<b>").type("application/xhtml+xml")},
      {"text as HTML, by header()", plain_text("<b>").header("content-type", "text/html; charset=utf-8")},
      {"HTML whose content becomes text", response{html{"<b>x</b>"}}.body("<b>")},
      {"text that comes after its type", response{}.type("text/html").body("<b>")},
      {"CRLF in a cookie", response{}.cookie("a", "b\r\nSet-Cookie: c")},
      {"an attribute in a cookie", response{}.cookie("a", "b; Domain=evil.example")},
      {"a __Host- cookie for a path", response{}.cookie("__Host-a", "b", {.path = "/app"})},
      {"a __Host- cookie for a domain", response{}.cookie("__Host-a", "b", {.domain = "example.com"})},
      {"SameSite=None over plain HTTP",
       response{}.cookie("a", "b", {.secure = false, .same_site = same_site_mode::none})},
      {"a cookie for ten years", response{}.cookie("a", "b", {.max_age = std::chrono::hours{24 * 3650}})},
      {"a cookie without a name", response{}.host_cookie("a b", "c")},
      {"a cookie to be forgotten, without a name", response{}.clear_cookie("")},
      {"CRLF in a type", response{std::string{"x"}}.type("text/html\r\nX-A: b")},
      {"Content-Length", response{}.header("content-length", "5")},
      {"Transfer-Encoding", response{}.header("Transfer-Encoding", "chunked")},
      {"Connection", response{}.append("Connection", "close")},
      {"Date", response{}.header("Date", "now")},
      {"100", response{status::continue_}},
      {"101", response{status::switching_protocols}},
      {"600", response{static_cast<status>(600)}},
      {"an http_error that is none", response{http_error{status::ok, "fine"}}},
      {"a redirect to another host", redirect("//evil.example/")},
      {"by backslash", redirect("/\\evil.example/")},
      {"by URL", redirect("https://evil.example/")},
      {"by a tab that browsers drop", redirect("/\t/evil.example/")},
      {"to a script", redirect("javascript:alert(1)", {.allow_external = true})},
      {"to nowhere", redirect("")},
      {"to a relative place", redirect("notes")},
      {"that is no redirect", redirect("/", {.status = status::ok})},
      {"with CRLF", redirect("/a\r\nSet-Cookie: b")},
      {"created elsewhere", created("//evil.example/")},
  };
  for (const bad& b : rows) {
    SCOPED_TRACE(b.name);
    watched w;
    w.a.get("/", [&b] { return b.r; });
    w.a.get("/pool", blocking([&b] { return b.r; }));
    test_client client{w.a};
    for (const char* target : {"/", "/pool"}) {
      w.all.clear();
      EXPECT_EQ(whole(client.get(target)), bland_500());
      ASSERT_EQ(w.all.size(), 1U);
      EXPECT_EQ(w.all[0].what, handler_failure::kind::invalid_response);
      EXPECT_FALSE(w.all[0].message.empty());
      EXPECT_EQ(w.all[0].message.find_first_of("\r\n"), std::string::npos);
    }
  }
}

TEST(app, a_response_too_large_for_the_exchange_is_an_error) {
  app a;
  a.get("/", [] { return response{}.header("X-A", std::string(100'000, 'a')); });
  const test_response r = test_client(a).get("/");
  EXPECT_EQ(r.status, 500) << r.body;
  EXPECT_EQ(r.header("x-a"), "");
}

TEST(app, tells_of_a_handler_that_holds_the_loop_once) {
  watched w;
  w.a.get("/slow", [] {
    std::this_thread::sleep_for(std::chrono::milliseconds{150});
    return "late";
  });
  w.a.get("/pool", blocking([] {
            std::this_thread::sleep_for(std::chrono::milliseconds{150});
            return "late";
          }));
  test_client client{w.a};
  EXPECT_EQ(client.get("/pool").body, "late");
  EXPECT_TRUE(w.all.empty());
  EXPECT_EQ(client.get("/slow").body, "late");
  EXPECT_EQ(client.get("/slow").body, "late");
  ASSERT_EQ(w.all.size(), 1U);
  EXPECT_EQ(w.all[0].what, handler_failure::kind::held_loop);
  EXPECT_EQ(w.all[0].route, "GET /slow");
}

TEST(app, says_where_nobody_is_told_what_holds_the_loop_and_what_to_do) {
  app a;
  a.get("/notes", [] {
    std::this_thread::sleep_for(std::chrono::milliseconds{150});
    return "late";
  });
  a.use([](const request& r, const next& n) {
    if (r.query() == "slow") std::this_thread::sleep_for(std::chrono::milliseconds{150});
    return n();
  });
  test_client client{a};
  testing::internal::CaptureStderr();
  (void)client.get("/notes");
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::MatchesRegex("gatehouse: GET /notes held the loop [0-9]+ ms; use gh::blocking\n"));
  testing::internal::CaptureStderr();
  (void)client.get("/nowhere?slow");
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::MatchesRegex("gatehouse: use held the loop [0-9]+ ms; use gh::blocking\n"));
}

// ------------------------------------------------------------------ routes

TEST(app, groups_share_a_prefix_and_its_parameters) {
  app a;
  route_group users = a.group("/users/:user");
  users.get("", [](path<"user"> user) { return "user " + *user; });
  users.get("/", [] { return "slash"; });
  users.get("/notes/:id", [](path<"id", int> id, path<"user"> user) { return *user + std::to_string(*id); });
  users.group("/admin/").get("x", [](path<"user"> user) { return "nested " + *user; });
  users.mount("/files", [](const request& r) { return "files " + r.param("user").value_or("-"); });
  test_client client{a};
  EXPECT_EQ(client.get("/users/ann").body, "user ann");
  EXPECT_EQ(client.get("/users/ann/").body, "slash");
  EXPECT_EQ(client.get("/users/ann/notes/7").body, "ann7");
  EXPECT_EQ(client.get("/users/ann/admin/x").body, "nested ann");
  EXPECT_EQ(client.del("/users/ann/files/a/b").body, "files ann");
  EXPECT_EQ(client.get("/notes/7").status, 404);
}

TEST(app, a_mount_gets_every_method_below) {
  app a;
  a.mount("/p", [](const request& r) { return std::string{to_string(r.method())} + " " + std::string{r.path()}; });
  test_client client{a};
  EXPECT_EQ(client.get("/p").body, "GET /p");
  EXPECT_EQ(client.put("/p/a/b", "x").body, "PUT /p/a/b");
  EXPECT_EQ(client.options("/p/").body, "OPTIONS /p/");
  EXPECT_EQ(client.get("/px").status, 404);
}

// ------------------------------------------------------------------ mistakes

TEST(app, reports_everything_that_is_wrong_at_once) {
  app a;
  a.use(host_check({.hosts = {"not a host"}}));
  a.use(security_headers({.profile = "apl"}));
  a.trusted_proxies({"10.0.0.0/33", "nonsense"});
  a.get("no-slash", [] { return ""; });
  a.get("/twice", [] { return ""; });
  a.get("/twice", [] { return ""; });
  a.get("/notes/:id", [](path<"nr", int> nr) { return std::to_string(*nr); });
  a.post("/notes/:number", [] { return ""; });
  a.get("/static", static_text("x", "text/plain\r\n"));
  a.get("/static-html", static_text("x", "Text/HTML; charset=utf-8"));
  a.mount("/pending", pending_handler{[]() -> pending_handler::made {
            return failure{
                config_errors{{.key = "upstream", .value = "", .code = "first", .message = "", .suggestion = ""},
                              {.key = "upstream", .value = "", .code = "second", .message = "", .suggestion = ""}}};
          }});
  std::vector<std::string> codes;
  for (const config_error& e : a.check()) codes.push_back(e.key + " " + e.code);
  const auto has = [&](const std::string& code) { return std::count(codes.begin(), codes.end(), code); };
  EXPECT_EQ(has("routes invalid-pattern"), 1);
  EXPECT_EQ(has("routes duplicate-route"), 1);
  EXPECT_EQ(has("routes no-such-parameter"), 1);
  EXPECT_EQ(has("routes conflicting-parameters"), 1);
  EXPECT_EQ(has("static_text invalid-media-type"), 1);
  EXPECT_EQ(has("static_text html-as-text"), 1);
  EXPECT_EQ(has("upstream first"), 1);
  EXPECT_EQ(has("upstream second"), 1);
  EXPECT_EQ(codes.size(), 12U) << testing::PrintToString(codes)
                               << "one host, one profile, two proxies and the eight above";
}

TEST(app, names_the_parameters_that_are_there) {
  app a;
  a.get("/a/:x/:y", [](path<"z"> z) { return *z; });
  const config_errors errors = a.check();
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].suggestion, "gh::path<\"x\">, gh::path<\"y\">");
}

TEST(app, a_rule_of_the_user_replaces_the_default) {
  app a;
  a.use(host_check({.hosts = {"api.example.com"}}));
  a.get("/", [] { return "ok"; });
  test_client client{a};
  EXPECT_EQ(client.get("/").status, 421);
  EXPECT_EQ(client.get("/", {{"Host", "api.example.com"}}).status, 200);
}

TEST(app, believes_trusted_proxies_only) {
  const auto ip = [](const request& r) { return r.client_ip().to_string() + " " + std::string{r.scheme()}; };
  const header_list forwarded = {{"X-Forwarded-For", "203.0.113.7"}, {"X-Forwarded-Proto", "https"}};
  app closed;
  closed.get("/", ip);
  EXPECT_EQ(test_client(closed).get("/", forwarded).body, "127.0.0.1 http");
  app behind;
  behind.trusted_proxies({"127.0.0.1"});
  behind.get("/", ip);
  EXPECT_EQ(test_client(behind).get("/", forwarded).body, "203.0.113.7 https");
}

TEST(app, what_is_registered_too_late_is_a_mistake) {
  app a;
  a.get("/", [] { return "ok"; });
  test_client client{a};
  testing::internal::CaptureStderr();
  a.get("/late", [] { return "late"; });
  EXPECT_NE(testing::internal::GetCapturedStderr().find("registered-too-late"), std::string::npos);
  EXPECT_EQ(client.get("/late").status, 404);
  ASSERT_EQ(a.check().size(), 1U);
  EXPECT_EQ(a.check()[0].value, "/late");
}

// ------------------------------------------------------------------ blocking

TEST(blocking, runs_on_another_thread) {
  app a;
  const std::thread::id here = std::this_thread::get_id();
  a.get("/", blocking([here] { return std::this_thread::get_id() == here ? "same" : "other"; }));
  EXPECT_EQ(test_client(a).get("/").body, "other");
}

TEST(blocking, hands_every_kind_of_answer_back) {
  app a;
  a.get("/text", blocking([] { return "text"; }));
  a.get("/nothing", blocking([] {}));
  a.get("/json", blocking([] { return json_text{"{}"}; }));
  a.get("/reason", blocking([]() -> result<std::string> { return error{reason::http_not_found}; }));
  a.get("/created", blocking([] { return created("/notes/1", "made"); }));
  test_client client{a};
  EXPECT_EQ(whole(client.get("/text")), answer(200, as_text, "text"));
  EXPECT_EQ(whole(client.get("/nothing")), empty_answer(204, "", false));
  EXPECT_EQ(whole(client.get("/json")), answer(200, "Content-Type: application/json\n", "{}"));
  EXPECT_EQ(whole(client.get("/reason")), problem(404, "about:blank", "Not Found"));
  EXPECT_EQ(whole(client.get("/created")), answer(201, as_text + "Location: /notes/1\n", "made"));
}

}  // namespace
}  // namespace gatehouse
