#include <gatehouse/server/error_handler.hpp>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <gatehouse/async.hpp>
#include <gatehouse/rules/host_check.hpp>
#include <gatehouse/server/app.hpp>
#include <gatehouse/server/test_client.hpp>

#include "connection_harness.hpp"
#include "open_app.hpp"

namespace gatehouse {
namespace {

struct title_taken : std::runtime_error {
  explicit title_taken(std::string t) : std::runtime_error("title is taken"), title(std::move(t)) {}
  std::string title;
};

/// Routes on which everything goes wrong.
void add_failing_routes(app& a) {
  a.report_to([](const handler_failure&) {});
  a.get("/ok", [] { return "ok"; });
  a.get("/throws", []() -> std::string { throw title_taken{"milk"}; });
  a.get("/throws/a/number", []() -> std::string { throw 7; });
  a.get("/throws/on/the/pool", blocking([]() -> std::string { throw title_taken{"pool"}; }));
  a.get("/throws/later", []() -> boost::asio::awaitable<std::string> {
    throw title_taken{"coroutine"};
    co_return "";
  });
  a.get("/invalid", [] { return response{}.header("X-A", "a\nb"); });
  a.get("/invalid/stream",
        [] { return streaming("text/plain", [](std::string&) { return false; }).header("X-A", "a\nb"); });
  a.get("/numbers/:n", [](path<"n", int>) { return "a number"; });
  a.post("/upload", [](limited_body_text<4> text) { return *text; });
  a.get("/own", [] { return http_error{status::conflict, "the handler's own words"}; });
  a.group("/guarded").use([](const request&, next) -> answer_or_next { throw title_taken{"middleware"}; });
}

std::string text_of(const request_error& e, const request& r) {
  const auto* const taken = e.thrown<title_taken>();
  return std::string{code(e.why)} + " " + std::to_string(number(e.status)) + " " + std::string{r.path()} + " [" +
         std::string{e.message} + "] " + (taken == nullptr ? "-" : taken->title);
}

TEST(error_handler, sees_what_happened_and_chooses_the_answer) {
  app a;
  add_failing_routes(a);
  a.on_error([](const request_error& e, const request& r) {
    EXPECT_FALSE(r.id().empty());
    return plain_text(text_of(e, r)).status(status::gone).header("X-Chosen", "yes");
  });
  test_client client{a};
  struct {
    const char* name;
    std::string request;
    const char* said;
  } const rows[] = {
      {"an exception", "GET /throws", "server.handler-failed 500 /throws [title is taken] milk"},
      {"another exception", "GET /throws/a/number",
       "server.handler-failed 500 /throws/a/number [something that is no std::exception] -"},
      {"an exception of a thread", "GET /throws/on/the/pool",
       "server.handler-failed 500 /throws/on/the/pool [title is taken] pool"},
      {"an exception of a coroutine", "GET /throws/later",
       "server.handler-failed 500 /throws/later [title is taken] coroutine"},
      {"an exception of middleware", "GET /guarded/x",
       "server.handler-failed 500 /guarded/x [title is taken] middleware"},
      {"a response that must not be sent", "GET /invalid",
       "server.handler-failed 500 /invalid [X-A with a control byte (CR, LF, NUL...) in its value] -"},
      {"a stream that must not be sent", "GET /invalid/stream",
       "server.handler-failed 500 /invalid/stream [X-A with a control byte (CR, LF, NUL...) in its value] -"},
      {"no route", "GET /nowhere", "http.not-found 404 /nowhere [] -"},
      {"another method", "DELETE /ok", "http.method-not-allowed 405 /ok [] -"},
      {"a parameter", "GET /numbers/x", "validation.invalid-parameter 400 /numbers/x [] -"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const test_response r = client.request(row.request + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(r.status, 410);
    EXPECT_EQ(r.body, row.said);
    EXPECT_EQ(r.header("X-Chosen"), "yes");
    EXPECT_EQ(r.header("X-Content-Type-Options"), "nosniff");
    EXPECT_FALSE(r.header("X-Request-Id").empty());
    EXPECT_EQ(r.header("Cache-Control"), "no-store, max-age=0");
  }
  // What the rules refuse, before and while the content is read.
  EXPECT_EQ(client.get("/ok", {{"Host", "evil.example"}}).body, "http.host-not-allowed 421 /ok [] -");
  EXPECT_EQ(client.post("/upload", "12345", {{"Content-Type", "text/plain"}}).body,
            "limit.body-too-large 413 /upload [] -");
  EXPECT_EQ(client.post("/upload", "1234", {{"Content-Type", "image/png"}}).body,
            "http.unsupported-media-type 415 /upload [] -");
  // Answers stay what they are, and so does what is no request at all.
  EXPECT_EQ(client.get("/ok").body, "ok");
  EXPECT_EQ(client.get("/own").status, 409);
  EXPECT_EQ(client.request("GET /a//b HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 400);
}

TEST(error_handler, leaves_it_to_the_next_one_and_at_last_to_the_problem_document) {
  app a;
  add_failing_routes(a);
  a.on_error([](const request_error& e, const request&, next n) -> answer_or_next {
    if (e.thrown<title_taken>() != nullptr) return http_error{status::conflict, "that title is taken"};
    return n([](outgoing& out) { out.header("X-Seen-By", "the first"); });
  });
  a.on_error([](const request_error& e, const request&, const next& n) -> answer_or_next {
    if (e.status == status::not_found) return response{json_text{"{}"}}.status(e.status);
    return n();
  });
  test_client client{a};
  EXPECT_EQ(client.get("/throws").status, 409);
  EXPECT_NE(client.get("/throws").body.find("that title is taken"), std::string::npos);

  const test_response missing = client.get("/nowhere");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body, "{}");
  EXPECT_EQ(missing.header("X-Seen-By"), "the first");

  const test_response usual = client.get("/numbers/x");
  EXPECT_EQ(usual.status, 400);
  EXPECT_EQ(usual.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(usual.header("X-Seen-By"), "the first");
}

TEST(error_handler, keeps_what_a_status_must_say) {
  app a;
  a.get("/ok", [] { return "ok"; });
  a.on_error([](const request_error& e, const request&) {
    return plain_text("no").status(e.status).header("Cache-Control", "max-age=5");
  });
  const test_response r = test_client{a}.del("/ok");
  EXPECT_EQ(r.status, 405);
  EXPECT_EQ(r.header("Allow"), "GET, HEAD, OPTIONS");
}

struct reported {
  app a;
  std::vector<std::string> all;
  reported() {
    a.get("/throws", []() -> std::string { throw std::runtime_error("secret of the handler"); });
    a.report_to(
        [this](const handler_failure& f) { all.push_back(std::string{f.route} + ": " + std::string{f.message}); });
  }
  void expect_bland_500(const std::string& second) {
    const test_response r = test_client{a}.get("/throws");
    EXPECT_EQ(r.status, 500);
    EXPECT_EQ(r.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(r.body.find("secret"), std::string::npos);
    EXPECT_EQ(r.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(all, (std::vector<std::string>{"/throws: secret of the handler", second}));
  }
};

TEST(error_handler, that_throws_ends_in_the_bland_500) {
  reported w;
  w.a.on_error([](const request_error&, const request&) -> response { throw std::runtime_error("secret, too"); });
  w.expect_bland_500("on_error: secret, too");
}

TEST(error_handler, that_answers_what_must_not_be_sent_ends_in_the_bland_500) {
  reported w;
  w.a.on_error([](const request_error&, const request&) { return response{}.header("Content-Length", "7"); });
  w.expect_bland_500("on_error: Content-Length, which the server writes itself");
}

TEST(error_handler, may_give_the_error_back) {
  app a;
  a.get("/throws", []() -> std::string { throw std::runtime_error("secret"); });
  a.report_to([](const handler_failure&) {});
  a.on_error([](const request_error&, const request&) -> result<response> {
    return failure{error{.why = reason::server_overloaded, .source = error_source::internal}};
  });
  EXPECT_EQ(test_client{a}.get("/throws").status, 503);
}

TEST(error_handler, may_stream) {
  app a;
  add_failing_routes(a);
  a.on_error([](const request_error& e, const request&) {
    return streaming("text/plain",
                     [n = 0](std::string& piece) mutable {
                       piece = "piece " + std::to_string(n);
                       return ++n < 3;
                     })
        .status(e.status);
  });
  EXPECT_EQ(test_client{a}.get("/nowhere").body, "piece 0piece 1piece 2");
  EXPECT_EQ(test_client{a}.get("/throws/later").status, 500);
}

// A client that still sends: the stream goes out, and the connection ends behind it.
TEST(error_handler, streams_while_content_arrives_that_is_too_large) {
  test::open_app a;
  add_failing_routes(a);
  a.on_error([](const request_error& e, const request&) {
    return streaming("text/plain",
                     [](std::string& piece) {
                       piece = "too large";
                       return false;
                     })
        .status(e.status);
  });
  test::harness h{a.service()};
  auto c = h.connect();
  c.send("POST /upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n");
  EXPECT_TRUE(h.receive_until(c, [](const std::string& got) { return got.ends_with("9\r\ntoo large\r\n0\r\n\r\n"); }));
  EXPECT_EQ(c.received.substr(0, 12), "HTTP/1.1 413");
}

}  // namespace
}  // namespace gatehouse
