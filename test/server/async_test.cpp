#include <gatehouse/async.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gatehouse/server/app.hpp>
#include <gatehouse/server/test_client.hpp>

#include "connection_harness.hpp"
#include "open_app.hpp"

namespace gatehouse {
namespace {

template <typename T>
using task = boost::asio::awaitable<T>;

task<void> pause(std::chrono::milliseconds time = std::chrono::milliseconds{1}) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, time);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

struct async_app : test::open_app {
  async_app() {
    report_to(
        [this](const handler_failure& f) { told.push_back(std::string{f.route} + ": " + std::string{f.message}); });
    get("/now", []() -> task<std::string> { co_return "now"; });
    get("/later/:n", [](path<"n", int> n, query<"q", std::string_view> q) -> task<std::string> {
      co_await pause();
      co_return std::to_string(*n) + std::string{*q};
    });
    get("/request", [](const request& r) -> task<std::string> {
      co_await pause();
      co_return std::string{r.header("x-a").value_or("none")};
    });
    post("/body", [](body_text text) -> task<std::string> {
      co_await pause();
      co_return std::string{*text};
    });
    get("/nothing", []() -> task<void> { co_await pause(); });
    get("/response", []() -> task<response> {
      co_await pause();
      co_return response{status::accepted}.header("X-A", "b").body("accepted");
    });
    get("/result", []() -> task<result<std::string>> {
      co_await pause();
      co_return error{reason::http_not_found};
    });
    get("/stream", []() -> task<streamed> {
      co_await pause();
      co_return streaming("text/plain", [](std::string& piece) {
        piece = "streamed";
        return false;
      });
    });
    get("/throws", []() -> task<std::string> {
      co_await pause();
      throw std::runtime_error("secret");
    });
    get("/throws-at-once", []() -> task<std::string> {
      throw std::runtime_error("at once");
      co_return "";
    });
    group("/guarded").use([](const request& r, const next& n) -> task<answer_or_next> {
      co_await pause();
      if (r.header("x-key") == "throw") throw std::runtime_error("around");
      if (!r.header("x-key")) co_return http_error{status::unauthorized, "a key"};
      n.attach(std::string{*r.header("x-key")});
      co_return n([](outgoing& out) { out.header("X-Around", "yes"); });
    });
    get("/guarded/sync", [](attached<std::string> key) { return *key; });
    post("/guarded/async", [](attached<std::string> key, body_text text) -> task<std::string> {
      co_await pause();
      co_return *key + std::string{*text};
    });
  }
  std::vector<std::string> told;
};

TEST(async, coroutines_answer_what_functions_may) {
  async_app a;
  test_client client(a);
  struct {
    const char* name;
    const char* path;
    header_list headers;
    int status;
    std::string body;  // "*": a problem
    std::string told;
  } const rows[] = {
      {"at once", "/now", {}, 200, "now", ""},
      {"later, with its parameters", "/later/7?q=a%20b", {}, 200, "7a b", ""},
      {"a parameter that is not valid", "/later/x?q=1", {}, 400, "*", ""},
      {"the request lives", "/request", {{"X-A", "value"}}, 200, "value", ""},
      {"nothing", "/nothing", {}, 204, "", ""},
      {"a response", "/response", {}, 202, "accepted", ""},
      {"a result", "/result", {}, 404, "*", ""},
      {"a stream", "/stream", {}, 200, "streamed", ""},
      {"an exception", "/throws", {}, 500, "*", "/throws: secret"},
      {"an exception at once", "/throws-at-once", {}, 500, "*", "/throws-at-once: at once"},
      {"middleware lets pass", "/guarded/sync", {{"X-Key", "k"}}, 200, "k", ""},
      {"middleware answers", "/guarded/sync", {}, 401, "*", ""},
      {"middleware throws", "/guarded/sync", {{"X-Key", "throw"}}, 500, "*", "use /guarded: around"},
      {"middleware and no route", "/guarded/nowhere", {{"X-Key", "k"}}, 404, "*", ""},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    a.told.clear();
    const test_response got = client.get(r.path, r.headers);
    EXPECT_EQ(got.status, r.status);
    if (r.body != "*") {
      EXPECT_EQ(got.body, r.body);
    }
    EXPECT_EQ(got.body.find("secret"), std::string::npos);
    EXPECT_EQ(a.told, r.told.empty() ? std::vector<std::string>{} : std::vector{r.told});
  }
  const header_list text{{"Content-Type", "text/plain"}, {"X-Key", "k"}};
  EXPECT_EQ(client.post("/body", "hello", text).body, "hello");
  const test_response both = client.post("/guarded/async", "hello", text);
  EXPECT_EQ(both.body, "khello");
  EXPECT_EQ(both.header("x-around"), "yes");
}

TEST(async, a_client_that_leaves_cancels_the_coroutine) {
  for (const bool in_middleware : {false, true}) {
    SCOPED_TRACE(in_middleware);
    int began = 0;
    int cancelled = 0;
    int told = 0;
    const auto wait_for_ever = [&]() -> task<void> {
      ++began;
      try {
        co_await pause(std::chrono::hours{1});
      } catch (const boost::system::system_error& e) {
        if (e.code() == boost::asio::error::operation_aborted) ++cancelled;
        throw;
      }
    };
    test::open_app a;
    a.report_to([&](const handler_failure&) { ++told; });
    if (in_middleware) {
      a.use([&](const request&, const next& n) -> task<answer_or_next> {
        co_await wait_for_ever();
        co_return n();
      });
    }
    a.get("/", [&]() -> task<std::string> {
      co_await wait_for_ever();
      co_return "never";
    });
    test::harness h{a.service()};
    test::client c = h.connect();
    c.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(h.run_until([&] { return began == 1; }));
    c.abort();
    ASSERT_TRUE(h.run_until([&] { return cancelled == 1; }));
    h.settle();
    EXPECT_EQ(began, 1);
    EXPECT_EQ(told, 0) << "nothing failed";
    test::client other = h.connect();
    other.send("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n");
    if (!in_middleware) {
      ASSERT_TRUE(h.receive_until(other, [](const std::string& all) { return all.ends_with("}"); }));
    }
    other.abort();
    h.run_until([&] { return cancelled == began; });
    h.settle();
  }
}

TEST(async, many_wait_at_once) {
  async_app a;
  test::harness h{a.service()};
  std::vector<test::client> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(h.connect());
    clients.back().send("GET /later/" + std::to_string(i) + "?q=x HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  for (int i = 0; i < 100; ++i) {
    test::client& c = clients[static_cast<std::size_t>(i)];
    const std::string end = "\r\n\r\n" + std::to_string(i) + "x";
    ASSERT_TRUE(h.receive_until(c, [&](const std::string& all) { return all.ends_with(end); }));
    EXPECT_FALSE(c.ended);
  }
}

}  // namespace
}  // namespace gatehouse
