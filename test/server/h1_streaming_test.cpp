// HTTP/1 connections under a handler that streams: chunks, cut answers, backpressure, clients that leave, tunnels.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include <gatehouse/base/internal_limits.hpp>
#include <gatehouse/server/block_pool.hpp>

#include "h1_fixture.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::test;

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
  routes->add("/echo", echoes());
  return routes;
}

TEST(h1_streaming, a_streamed_response_without_a_length_is_chunked) {
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

TEST(h1_streaming, to_a_1_0_client_it_ends_with_the_connection) {
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

TEST(h1_streaming, what_is_not_whole_never_looks_whole) {
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

TEST(h1_streaming, content_streams_with_backpressure) {
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

TEST(h1_streaming, a_client_that_leaves_is_told_to_a_streaming_handler) {
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

TEST(h1_streaming, a_call_outlives_its_client_until_the_handler_is_done) {
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

TEST(h1_streaming, a_chunked_body_over_the_limit_is_refused_while_it_streams) {
  limits l;
  l.body_bytes = 1000;
  recorder events;
  harness h{streaming_route(events, [](call& c) { c.read(); }), l};
  client to = h.connect();
  to.send("POST /stream HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n" +
          std::string(500, 'x') + "\r\n");
  ASSERT_TRUE(h.run_until([&] { return events.got.size() == 500; }));
  to.send("1f5\r\n" + std::string(501, 'x') + "\r\n");
  ASSERT_TRUE(h.receive_end(to));
  EXPECT_EQ(statuses(to.received), (std::vector<std::string>{"413"}));
  EXPECT_EQ(events.aborted, reason::limit_body_too_large);
  EXPECT_EQ(events.got.size(), 500U);
}

TEST(h1_streaming, a_chunk_over_the_limit_is_refused_when_its_size_is_read) {
  limits l;
  l.body_bytes = 1000;
  struct row {
    std::string name;
    std::string path;
    std::string content;
  };
  const row rows[] = {
      {"streamed, the first chunk", "/stream", "3e9\r\n"},
      {"streamed, with the first chunk's content", "/stream", "1f4\r\n" + std::string(500, 'x') + "\r\n1f5\r\n"},
      {"buffered", "/echo", "1f4\r\n" + std::string(500, 'x') + "\r\n1f5\r\n"},
      {"as large as sizes are", "/stream", "fffffffffffffff\r\n"},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    recorder events;
    harness h{streaming_route(events, [](call& c) { c.read(); }), l};
    client to = h.connect();
    const std::string head = "POST " + r.path + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    to.send(head + r.content);
    ASSERT_TRUE(h.receive_end(to));
    EXPECT_EQ(statuses(to.received), (std::vector<std::string>{"413"}));
    // Nothing of what came with the size; only what earlier receives brought was handed over before.
    const std::size_t before = (head.size() + r.content.size() - 1) / max_received_at_once * max_received_at_once;
    const std::size_t behind_sizes = std::max(before, head.size() + 5) - head.size() - 5;
    const std::size_t handed_over = r.path == "/stream" ? std::min<std::size_t>(behind_sizes, 500) : 0;
    EXPECT_EQ(events.got, std::string(handed_over, 'x'));
  }
}

TEST(h1_streaming, a_tunnel_carries_bytes_both_ways) {
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

TEST(h1_streaming, a_slow_reader_makes_the_handler_wait) {
  recorder events;
  std::size_t written = 0;
  const std::string piece(std::size_t{16} * 1024, 'p');
  harness h{streaming_route(
      events, [&](call& c) { (void)c.send_head({.how = body_framing::kind::chunked}, response_source::handler); })};
  client to = h.connect(4096);
  to.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(h.run_until([&] { return events.to != nullptr; }));
  // It is the client's doing only if what was left over does not leave by itself either.
  int drained = -1;
  while (written < 10'000 && events.drained != drained) {
    drained = events.drained;
    while (++written < 10'000 && events.to->write(piece)) {
    }
    h.settle();
  }
  ASSERT_LT(written, 10'000U);
  h.settle();
  EXPECT_EQ(events.drained, drained);
  ASSERT_TRUE(h.run_until([&] {
    to.read();
    return events.drained == drained + 1;
  }));
  events.to->finish();
  ASSERT_TRUE(h.receive_until(to, [](const std::string& r) { return r.ends_with("0\r\n\r\n"); }));
  EXPECT_GT(to.received.size(), written * piece.size());
}

}  // namespace
