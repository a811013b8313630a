// HTTP/1 connections over real sockets: what a client sends, what it gets back byte for byte, and what happens at each
// bound.
#include <gtest/gtest.h>

#include <regex>
#include <string>

#include <gatehouse/server/block_pool.hpp>

#include "connection_harness.hpp"

namespace {

using namespace gatehouse;
using gatehouse::test::client;
using gatehouse::test::harness;
using gatehouse::test::on_call;
using gatehouse::test::test_routes;

std::unique_ptr<handler> answers(std::string text) {
  return std::make_unique<on_call>(content_need{}, [text](call& c) {
    (void)c.response().set(field::content_type, "text/plain; charset=utf-8");
    c.respond(text);
  });
}

std::unique_ptr<handler> echoes() {
  return std::make_unique<on_call>(content_need{.what = content_need::kind::buffered},
                                   [](call& c) { c.respond(c.content()); });
}

std::shared_ptr<const test_routes> usual_routes() {
  auto routes = std::make_shared<test_routes>();
  routes->add("/hello", answers("hello"), {method::get, method::head});
  routes->add("/echo", echoes());
  return routes;
}

constexpr std::string_view api_fields =
    "Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n";

// Date and request id differ each time.
std::string normalised(std::string text) {
  text = std::regex_replace(text, std::regex("Date: [^\r]*"), "Date: D");
  return std::regex_replace(text, std::regex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "ID");
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

std::vector<std::string> statuses(const std::string& received) {
  std::vector<std::string> all;
  for (std::size_t at = received.find("HTTP/1.1 "); at != std::string::npos; at = received.find("HTTP/1.1 ", at + 9)) {
    all.push_back(received.substr(at + 9, 3));
  }
  return all;
}

struct exchange_case {
  std::string name;
  std::string sent;
  std::vector<std::string> want_statuses;
  std::string want_end;      // what the last response ends with
  bool want_closed = false;  // FIN after it
};

const std::string get_hello = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
const std::string head_hello = "HEAD /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";

const exchange_case cases[] = {
    {"a GET is answered", get_hello, {"200"}, "\r\n\r\nhello"},
    {"HEAD has no content", head_hello, {"200"}, "\r\n\r\n"},
    {"a GET after a HEAD is not mistaken for its content", head_hello + get_hello, {"200", "200"}, "hello"},
    {"three pipelined requests are answered in order",
     get_hello + "GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n" + get_hello,
     {"200", "404", "200"},
     "hello"},
    {"a body with a length",
     "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nabcde",
     {"200"},
     "\r\n\r\nabcde"},
    {"a chunked body",
     "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
     {"200"},
     "\r\n\r\nabcde"},
    {"a request behind a body",
     "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nab" + get_hello,
     {"200", "200"},
     "hello"},
    {"a request behind a chunked body",
     "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n" + get_hello,
     {"200", "200"},
     "hello"},
    {"an unread body does not become a request",
     "POST /none HTTP/1.1\r\nHost: localhost\r\nContent-Length: 44\r\n\r\n" + get_hello + "xxxx" + get_hello,
     {"404", "200"},
     "hello"},
    {"an unread chunked body neither",
     "POST /none HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2c\r\n" + get_hello +
         "xxxx\r\n0\r\n\r\n" + get_hello,
     {"404", "200"},
     "hello"},
    {"an unread chunked body that is broken ends the connection",
     "POST /none HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc" + get_hello,
     {"404"},
     "}",
     true},
    {"the chunked body of a refused host",
     "POST /echo HTTP/1.1\r\nHost: evil.example\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n" + get_hello,
     {"421", "200"},
     "hello"},
    {"a method that the route has not",
     "PUT /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
     {"405"},
     "}"},
    {"Connection: close is kept to",
     "GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" + get_hello,
     {"200"},
     "hello",
     true},
    {"HTTP/1.0 closes", "GET /hello HTTP/1.0\r\nHost: localhost\r\n\r\n", {"200"}, "hello", true},
    {"HTTP/1.0 with keep-alive does not",
     "GET /hello HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n" + get_hello,
     {"200", "200"},
     "hello"},
    {"garbage is refused and nothing behind it runs", "GET /hello\r\n\r\n" + get_hello, {"400"}, "}", true},
    {"a smuggled request is not run",
     "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
         get_hello,
     {"400"},
     "}",
     true},
    {"a broken chunk is refused",
     "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n" + get_hello,
     {"400"},
     "}",
     true},
    {"a declared body over the limit is refused unread",
     "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n\r\nxx",
     {"413"},
     "}",
     true},
    {"another host is refused",
     "GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n" + get_hello,
     {"421", "200"},
     "hello"},
};

TEST(h1_connection, answers) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    harness h{usual_routes()};
    client to = h.connect();
    to.send(c.sent);
    EXPECT_TRUE(h.receive_until(to, [&](const std::string& r) {
      return !c.want_closed && statuses(r).size() >= c.want_statuses.size() && r.ends_with(c.want_end);
    })) << to.received;
    EXPECT_EQ(statuses(to.received), c.want_statuses) << to.received;
    EXPECT_TRUE(to.received.ends_with(c.want_end)) << to.received;
    EXPECT_EQ(to.ended, c.want_closed);
    EXPECT_FALSE(to.reset);
    EXPECT_EQ(count(to.received, "X-Content-Type-Options: nosniff\r\n"), c.want_statuses.size());
    EXPECT_EQ(count(to.received, "\r\nX-Request-Id: "), c.want_statuses.size());
  }
}

TEST(h1_connection, the_same_however_the_bytes_are_split) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    std::string whole;
    {
      harness h{usual_routes()};
      client to = h.connect();
      to.send(c.sent);
      h.receive_until(to, [&](const std::string& r) {
        return !c.want_closed && statuses(r).size() >= c.want_statuses.size() && r.ends_with(c.want_end);
      });
      whole = normalised(to.received);
    }
    harness h{usual_routes()};
    client to = h.connect();
    for (const char byte : c.sent) {
      to.send({&byte, 1});
      h.worker().loop().poll(milliseconds{0});
    }
    h.receive_until(to, [&](const std::string& r) {
      return !c.want_closed && statuses(r).size() >= c.want_statuses.size() && r.ends_with(c.want_end);
    });
    EXPECT_EQ(normalised(to.received), whole);
  }
}

TEST(h1_connection, a_whole_response_is_exactly_this) {
  harness h{usual_routes()};
  client to = h.connect();
  to.send(get_hello);
  h.receive_until(to, [](const std::string& r) { return r.ends_with("hello"); });
  const std::string text = normalised(to.received);
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n")) << text;
  for (const std::string_view line :
       {"Content-Type: text/plain; charset=utf-8\r\n", "Content-Length: 5\r\n", "Date: D\r\n", "X-Request-Id: ID\r\n",
        "X-Frame-Options: DENY\r\n", "Referrer-Policy: no-referrer\r\n",
        "Cross-Origin-Resource-Policy: same-origin\r\n", "Cross-Origin-Opener-Policy: same-origin\r\n",
        "Cache-Control: no-store, max-age=0\r\n"}) {
    EXPECT_EQ(count(text, line), 1U) << line << text;
  }
  EXPECT_NE(text.find(api_fields.substr(0, 40)), std::string::npos);
  EXPECT_EQ(count(text, "\r\n"), 13U) << text;  // status line, eleven fields, the empty line
}

TEST(h1_connection, a_405_says_what_is_allowed) {
  harness h{usual_routes()};
  client to = h.connect();
  to.send("POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  h.receive_until(to, [](const std::string& r) { return r.ends_with("}"); });
  EXPECT_NE(to.received.find("\r\nAllow: GET, HEAD\r\n"), std::string::npos) << to.received;
}

TEST(h1_connection, content_is_asked_for_before_it_is_sent) {
  harness h{usual_routes()};
  client to = h.connect();
  to.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_TRUE(h.receive_until(to, [](const std::string& r) { return r == "HTTP/1.1 100 Continue\r\n\r\n"; }));
  to.send("ab");
  ASSERT_TRUE(h.receive_until(to, [](const std::string& r) { return r.ends_with("\r\n\r\nab"); }));
  EXPECT_EQ(statuses(to.received), (std::vector<std::string>{"100", "200"}));
}

TEST(h1_connection, content_that_is_refused_is_not_asked_for) {
  harness h{usual_routes()};
  client to = h.connect();
  to.send("POST /none HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_EQ(statuses(to.received), (std::vector<std::string>{"404"}));
  EXPECT_NE(to.received.find("Connection: close\r\n"), std::string::npos);
}

// ------------------------------------------------------------------------------------------------ deadlines

TEST(h1_connection, a_head_that_does_not_come_is_a_408) {
  harness h{usual_routes()};
  client to = h.connect();
  to.send("GET /hello HTTP/1.1\r\nHost: lo");
  h.pass(milliseconds{9'800});
  to.read();
  EXPECT_EQ(to.received, "");
  h.pass(milliseconds{400});
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_EQ(statuses(to.received), (std::vector<std::string>{"408"}));
}

TEST(h1_connection, one_byte_a_second_does_not_move_the_heads_deadline) {
  harness h{usual_routes()};
  client to = h.connect();
  for (int i = 0; i < 11 && to.received.empty(); ++i) {
    to.send("G");
    h.pass(milliseconds{1'000});
    to.read();
  }
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_EQ(statuses(to.received), (std::vector<std::string>{"408"}));
}

TEST(h1_connection, an_idle_connection_is_closed_without_a_word) {
  harness h{usual_routes()};
  client to = h.connect();
  to.send(get_hello);
  h.receive_until(to, [](const std::string& r) { return r.ends_with("hello"); });
  to.received.clear();
  h.pass(milliseconds{74'000});
  to.read();
  EXPECT_FALSE(to.ended);
  h.pass(milliseconds{1'500});
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_EQ(to.received, "");
}

TEST(h1_connection, a_body_that_stops_is_a_408) {
  harness h{usual_routes()};
  client to = h.connect();
  to.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab");
  h.pass(milliseconds{14'800});
  to.read();
  EXPECT_EQ(to.received, "");
  h.pass(milliseconds{500});
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_EQ(statuses(to.received), (std::vector<std::string>{"408"}));
}

TEST(h1_connection, a_body_that_drips_is_a_408) {
  harness h{usual_routes()};
  client to = h.connect();
  to.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n");
  int sent = 0;
  for (; sent < 20 && to.received.empty(); ++sent) {
    h.pass(milliseconds{5'000});
    to.send("x");
    h.settle();
    to.read();
  }
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_EQ(statuses(to.received), (std::vector<std::string>{"408"}));
  EXPECT_LE(sent, 4);  // judged at the first byte behind the grace
}

TEST(h1_connection, a_response_that_is_not_read_is_reset) {
  auto routes = std::make_shared<test_routes>();
  routes->add("/large", answers(std::string(std::size_t{16} * 1024 * 1024, 'x')));
  harness h{routes};
  client to = h.connect(4096);
  to.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  h.settle();
  h.pass(milliseconds{29'000});
  EXPECT_TRUE(h.run_until([&] { return true; }));
  h.pass(milliseconds{1'500});
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_TRUE(to.reset);
  EXPECT_LT(to.received.size(), std::size_t{16} * 1024 * 1024);
}

// ------------------------------------------------------------------------------------------------ streaming handlers

// Keeps what a streaming handler is told.
struct recorder final : call_events {
  void on_content(std::string_view piece, bool last) noexcept override {
    got += piece;
    ++pieces;
    whole = last;
    if (reads_on && !last) to->read();
  }
  void on_drained() noexcept override { ++drained; }
  void on_abort(reason why) noexcept override {
    aborted = why;
    if (finishes_on_abort) to->finish();
  }
  void on_tunnel(std::string_view bytes) noexcept override {
    if (bytes.empty()) {
      tunnel_ended = true;
      return;
    }
    got += bytes;
    to->write(bytes);
    to->flush();
    to->read();
  }
  call* to = nullptr;
  std::string got{};
  int pieces = 0;
  int drained = 0;
  bool whole = false;
  bool reads_on = true;
  bool finishes_on_abort = true;
  bool tunnel_ended = false;
  reason aborted = reason::none;
};

std::shared_ptr<const test_routes> streaming_route(recorder& events, std::function<void(call&)> then) {
  auto routes = std::make_shared<test_routes>();
  routes->add("/stream",
              std::make_unique<on_call>(content_need{.what = content_need::kind::stream}, [&events, then](call& c) {
                events.to = &c;
                c.events(events);
                then(c);
              }));
  routes->add("/hello", answers("hello"));
  return routes;
}

TEST(h1_connection, a_streamed_response_without_a_length_is_chunked) {
  recorder events;
  harness h{streaming_route(events, [](call& c) {
    EXPECT_TRUE(c.send_head({.how = body_framing::kind::chunked}, response_source::handler));
    c.write("abc");
    c.write("");
    c.write("defgh");
    c.finish();
  })};
  client to = h.connect();
  to.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n" + get_hello);
  ASSERT_TRUE(h.receive_until(to, [](const std::string& r) { return r.ends_with("hello"); })) << to.received;
  EXPECT_NE(to.received.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_NE(to.received.find("\r\n\r\n3\r\nabc\r\n5\r\ndefgh\r\n0\r\n\r\nHTTP/1.1 200"), std::string::npos)
      << to.received;
}

TEST(h1_connection, to_a_1_0_client_it_ends_with_the_connection) {
  recorder events;
  harness h{streaming_route(events, [](call& c) {
    EXPECT_TRUE(c.send_head({.how = body_framing::kind::chunked}, response_source::handler));
    c.write("abc");
    c.finish();
  })};
  client to = h.connect();
  to.send("GET /stream HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_TRUE(to.ended);
  EXPECT_TRUE(to.received.ends_with("\r\n\r\nabc")) << to.received;
  EXPECT_EQ(to.received.find("chunked"), std::string::npos);
}

struct cut_case {
  std::string name;
  std::function<void(call&)> does;
};

TEST(h1_connection, what_is_not_whole_never_looks_whole) {
  const cut_case rows[] = {
      {"fewer bytes than declared",
       [](call& c) {
         (void)c.send_head({.how = body_framing::kind::length, .length = 10}, response_source::upstream);
         c.write("abc");
         c.finish();
       }},
      {"failed after the head, chunked",
       [](call& c) {
         (void)c.send_head({.how = body_framing::kind::chunked}, response_source::upstream);
         c.write("abc");
         c.fail(reason::upstream_closed_early);
       }},
      {"more bytes than declared",
       [](call& c) {
         (void)c.send_head({.how = body_framing::kind::length, .length = 2}, response_source::upstream);
         c.write("abc");
         c.finish();
       }},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    recorder events;
    harness h{streaming_route(events, row.does)};
    client to = h.connect();
    to.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(h.receive_end(to));
    EXPECT_TRUE(to.reset);
    EXPECT_FALSE(to.received.ends_with("0\r\n\r\n"));
  }
}

TEST(h1_connection, content_streams_with_backpressure) {
  recorder events;
  events.reads_on = false;
  harness h{streaming_route(events, [](call& c) { c.read(); })};
  client to = h.connect();
  const std::size_t size = std::size_t{800} * 1024;
  std::string body;
  for (std::size_t i = 0; body.size() < size; ++i) body += std::to_string(i);
  body.resize(size);
  std::string out = "POST /stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
                    body;
  std::size_t at = 0;
  int reads = 1;
  ASSERT_TRUE(h.run_until([&] {
    at += to.send(std::string_view{out}.substr(at));
    if (events.pieces == reads && !events.whole) {
      ++reads;
      events.to->read();
    }
    return events.whole;
  }));
  EXPECT_EQ(events.got, body);
  events.to->respond("done");
  ASSERT_TRUE(h.receive_until(to, [](const std::string& r) { return r.ends_with("done"); }));
}

TEST(h1_connection, a_client_that_leaves_is_told_to_a_streaming_handler) {
  struct row {
    std::string name;
    bool with_reset;
  };
  for (const auto& r : {row{"by FIN", false}, row{"by reset", true}}) {
    SCOPED_TRACE(r.name);
    recorder events;
    harness h{streaming_route(events, [](call&) {})};
    client to = h.connect();
    to.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(h.run_until([&] { return events.to != nullptr; }));
    r.with_reset ? to.abort() : to.close();
    EXPECT_TRUE(h.run_until([&] { return events.aborted != reason::none; }));
    EXPECT_EQ(events.aborted, reason::http_client_closed);
    h.settle();
    EXPECT_EQ(blocks_of_this_thread().in_use, 0U);
  }
}

TEST(h1_connection, a_call_outlives_its_client_until_the_handler_is_done) {
  call* later = nullptr;
  auto routes = std::make_shared<test_routes>();
  routes->add("/later", std::make_unique<on_call>(content_need{}, [&](call& c) { later = &c; }));
  harness h{routes};
  client to = h.connect();
  to.send("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(h.run_until([&] { return later != nullptr; }));
  to.abort();
  ASSERT_TRUE(h.run_until([&] { return later->aborted(); }));
  EXPECT_EQ(later->head().path, "/later");
  later->respond("nobody hears this");
  h.settle();
  EXPECT_EQ(blocks_of_this_thread().in_use, 0U);
}

TEST(h1_connection, a_chunked_body_over_the_limit_is_refused_while_it_streams) {
  limits l;
  l.body_bytes = 1000;
  recorder events;
  harness h{streaming_route(events, [](call& c) { c.read(); }), l};
  client to = h.connect();
  to.send("POST /stream HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n" +
          std::string(500, 'x') + "\r\n");
  ASSERT_TRUE(h.run_until([&] { return events.pieces == 1; }));
  to.send("1f5\r\n" + std::string(501, 'x') + "\r\n");
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_EQ(statuses(to.received), (std::vector<std::string>{"413"}));
  EXPECT_EQ(events.aborted, reason::limit_body_too_large);
  EXPECT_EQ(events.got.size(), 500U);
}

TEST(h1_connection, a_tunnel_carries_bytes_both_ways) {
  recorder events;
  harness h{streaming_route(events, [](call& c) {
    c.response().status(status::switching_protocols);
    c.upgrade();
    c.read();
  })};
  client to = h.connect();
  to.send(
      "GET /stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nearly");
  ASSERT_TRUE(h.receive_until(to, [](const std::string& r) { return r.ends_with("\r\n\r\nearly"); })) << to.received;
  to.send("GET /hello HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(h.receive_until(to, [](const std::string& r) {
    return r.ends_with(
        "early"
        "GET /hello HTTP/1.1\r\n\r\n");
  })) << to.received;
  EXPECT_EQ(statuses(to.received).front(), "101");
  to.finish_sending();
  ASSERT_TRUE(h.run_until([&] { return events.tunnel_ended; }));
  events.to->finish();
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_TRUE(to.ended);
}

TEST(h1_connection, a_slow_reader_makes_the_handler_wait) {
  recorder events;
  std::size_t written = 0;
  const std::string piece(std::size_t{16} * 1024, 'p');
  harness h{streaming_route(
      events, [&](call& c) { (void)c.send_head({.how = body_framing::kind::chunked}, response_source::handler); })};
  client to = h.connect(4096);
  to.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(h.run_until([&] { return events.to != nullptr; }));
  while (written < 10'000 && events.to->write(piece)) ++written;
  ASSERT_LT(written, 10'000U);
  h.settle();
  EXPECT_EQ(events.drained, 0);
  ASSERT_TRUE(h.run_until([&] {
    to.read();
    return events.drained == 1;
  }));
  events.to->finish();
  ASSERT_TRUE(h.receive_until(to, [](const std::string& r) { return r.ends_with("0\r\n\r\n"); }));
  EXPECT_GT(to.received.size(), (written + 1) * piece.size());
}

// ------------------------------------------------------------------------------------------------ what it costs, how
// it ends

TEST(h1_connection, an_idle_connection_owns_no_block) {
  harness h{usual_routes()};
  client to = h.connect();
  h.settle();
  EXPECT_EQ(blocks_of_this_thread().in_use, 0U);
  to.send(get_hello);
  h.receive_until(to, [](const std::string& r) { return r.ends_with("hello"); });
  h.settle();
  EXPECT_EQ(blocks_of_this_thread().in_use, 0U);
}

TEST(h1_connection, a_stop_answers_what_runs_and_closes_what_is_idle) {
  call* running = nullptr;
  auto routes = std::make_shared<test_routes>();
  routes->add("/later", std::make_unique<on_call>(content_need{}, [&](call& c) { running = &c; }));
  harness h{routes};
  client idle = h.connect();
  client busy = h.connect();
  busy.send("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(h.run_until([&] { return running != nullptr; }));
  h.worker().stop();
  ASSERT_TRUE(h.receive_end(idle));
  EXPECT_TRUE(idle.ended);
  running->respond("done");
  ASSERT_TRUE(h.receive_end(busy));
  EXPECT_TRUE(busy.received.ends_with("done"));
  EXPECT_NE(busy.received.find("Connection: close\r\n"), std::string::npos);
}

TEST(h1_connection, a_client_over_its_share_is_told_so) {
  limits l;
  l.connections = 2;
  harness h{usual_routes(), l};
  client one = h.connect();
  client two = h.connect();
  client three = h.connect();
  ASSERT_TRUE(h.receive_end(three));
  EXPECT_EQ(statuses(three.received), (std::vector<std::string>{"503"}));
  one.close();
  h.settle();
  client four = h.connect();
  four.send(get_hello);
  ASSERT_TRUE(h.receive_until(four, [](const std::string& r) { return r.ends_with("hello"); }));
}

}  // namespace
