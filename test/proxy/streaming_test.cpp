// Content on its way: pieces leave when they arrive, and nobody reads ahead of who is slower.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <gatehouse/server/block_pool.hpp>

#include "proxy_fixture.hpp"

namespace gatehouse::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

TEST(streaming, every_event_leaves_at_once_and_silence_is_no_fault) {
  proxied p;
  const auto client = p.get("/events");
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  upstream.send(
      "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n");
  p.until([&] { return client->flushed != 0; });
  for (int i = 0; i < 3; ++i) {
    p.pass(std::chrono::hours{2});
    EXPECT_FALSE(client->is_over);
    upstream.send("9\r\ndata: 1\n\n\r\n");
    p.settle();
    EXPECT_THAT(client->received, EndsWith("9\r\ndata: 1\n\n\r\n"));
    EXPECT_EQ(client->flushed, client->received.size());
  }
  client->leave();
  upstream.take_to_end();
  EXPECT_TRUE(client->is_over);
}

TEST(streaming, a_slow_reader_holds_the_upstream_back) {
  proxied p;
  const auto client = p.get("/large");
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  client->full = true;
  const std::size_t size = 64'000'000;
  upstream.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
  const std::string piece(1'000'000, 'x');
  std::size_t sent = 0;
  for (int i = 0; i < 40; ++i) {
    sent += upstream.send_some(piece);
    p.step();
  }
  EXPECT_LT(sent, size / 2) << "the kernel's buffers fill, nobody reads";
  EXPECT_LE(client->received.size(), 200 + pooled_block::standard) << "one block, not more";
  EXPECT_EQ(blocks_of_this_thread().in_use, 0U) << "nor is one held meanwhile";
  p.pass(std::chrono::minutes{5});
  EXPECT_FALSE(client->is_over) << "a slow client is the server's business";
  client->drain();
  std::size_t left = size - sent;
  while (left != 0 || !client->is_over) {
    left -= upstream.send_some(std::string_view{piece}.substr(0, left));
    p.step();
  }
  EXPECT_FALSE(client->cut);
  EXPECT_EQ(client->received.size(), size + client->received.find("\r\n\r\n") + 4);
}

TEST(streaming, a_slow_upstream_holds_the_client_back) {
  proxied p{{}, {}, 4096};
  const auto client = p.request("POST /upload HTTP/1.1\r\nHost: a.example\r\nContent-Length: 50000000\r\n\r\n");
  upstream_peer upstream = p.upstream.accept();
  const std::string piece(500'000, 'u');
  int given = 0;
  for (int i = 0; i < 200 && given < 100; ++i) {
    p.step();
    if (!client->wants) continue;
    client->give(piece, ++given == 100);
  }
  EXPECT_LT(given, 60) << "asked for no more than the socket takes";
  std::size_t arrived = 0;
  while (arrived < 50'000'000) {
    const std::string some = upstream.take_all();
    arrived += some.size() - (arrived == 0 && !some.empty() ? some.find("\r\n\r\n") + 4 : 0);
    p.step();
    if (client->wants) client->give(piece, ++given == 100);
  }
  EXPECT_EQ(given, 100);
  upstream.send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  p.until_ended(*client);
  EXPECT_THAT(client->received, StartsWith("HTTP/1.1 201 "));
}

TEST(streaming, an_upstream_that_takes_nothing_is_504) {
  proxied p{{}, {}, 4096};
  const auto client = p.request("POST /upload HTTP/1.1\r\nHost: a.example\r\nContent-Length: 50000000\r\n\r\n");
  upstream_peer upstream = p.upstream.accept();
  const std::string piece(500'000, 'u');
  for (int i = 0; i < 100; ++i) {
    p.step();
    if (client->wants) client->give(piece, false);
  }
  p.pass(milliseconds{30'200});
  EXPECT_THAT(client->received, StartsWith("HTTP/1.1 504 "));
}

TEST(streaming, a_slow_client_is_not_the_upstreams_fault) {
  proxied p;
  const auto client = p.request("POST /upload HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\n");
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  p.pass(std::chrono::minutes{2});
  EXPECT_FALSE(client->is_over);
  client->give("1234", true);
  EXPECT_EQ(upstream.take(4), "1234");
  p.pass(milliseconds{30'200});
  EXPECT_THAT(client->received, StartsWith("HTTP/1.1 504 ")) << "from the whole request on it is";
}

TEST(streaming, an_early_error_ends_the_upload) {
  proxied p;
  const auto client = p.request("POST /upload HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1000\r\n\r\n");
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  p.until([&] { return client->wants; });
  upstream.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
  p.until_ended(*client);
  EXPECT_EQ(client->received, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
  EXPECT_FALSE(client->cut);
  EXPECT_EQ(upstream.take_to_end(), "") << "not one byte of the content, and not used again";
}

TEST(streaming, an_early_error_that_takes_its_time_stops_the_upload_meanwhile) {
  proxied p;
  const auto client = p.request("POST /upload HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1000\r\n\r\n");
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  p.until([&] { return client->wants; });
  upstream.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nno");
  p.settle();
  client->give("late", false);
  p.settle();
  EXPECT_EQ(upstream.take_all(), "");
  upstream.send("no");
  p.until_ended(*client);
  EXPECT_FALSE(client->cut);
}

TEST(streaming, an_answer_may_begin_before_the_request_ends) {
  proxied p;
  const auto client = p.request("POST /echo HTTP/1.1\r\nHost: a.example\r\nContent-Length: 6\r\n\r\n");
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  p.until([&] { return client->wants; });
  client->give("abc", false);
  EXPECT_EQ(upstream.take(3), "abc");
  upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
  p.settle();
  EXPECT_THAT(client->received, EndsWith("abc"));
  client->give("def", true);
  EXPECT_EQ(upstream.take(3), "def");
  upstream.send("def");
  p.until_ended(*client);
  EXPECT_EQ(client->received, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef");
  const auto next = p.get("/next");
  EXPECT_THAT(upstream.take_until(), StartsWith("GET /next ")) << "both are whole: the connection is used again";
}

TEST(streaming, last_words_of_an_upstream_that_refuses_content_are_heard) {
  proxied p;
  const auto client = p.request("POST /upload HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5000000\r\n\r\n");
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  upstream.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  upstream.close();
  const std::string piece(100'000, 'u');
  p.until([&] {
    if (client->wants) client->give(piece, false);
    return client->is_over;
  });
  EXPECT_THAT(client->received, StartsWith("HTTP/1.1 413 "));
}

TEST(streaming, content_that_breaks_off_is_never_whole_upstream) {
  for (const char* framing : {"Content-Length: 10", "Transfer-Encoding: chunked"}) {
    SCOPED_TRACE(framing);
    for (const bool refused : {false, true}) {
      proxied p;
      const auto client = p.request("POST /f HTTP/1.1\r\nHost: a.example\r\n" + std::string{framing} + "\r\n\r\n");
      upstream_peer upstream = p.upstream.accept();
      upstream.take_until();
      p.until([&] { return client->wants; });
      client->give("abc", false);
      p.settle();
      if (refused) {
        client->break_content(reason::http_invalid_chunk);
      } else {
        client->leave();
      }
      const std::string arrived = upstream.take_to_end();
      EXPECT_THAT(arrived, Not(HasSubstr("0\r\n\r\n")));
      EXPECT_LE(arrived.size(), 8U);
      EXPECT_TRUE(client->is_over);
    }
  }
}

TEST(streaming, a_client_that_leaves_while_we_connect_or_wait_leaves_nothing_behind) {
  proxied p;
  auto client = p.get();
  client->leave();
  EXPECT_TRUE(client->is_over);
  p.settle();
  client = p.get();
  upstream_peer upstream = p.upstream.accept();
  if (p.upstream.has_connection()) upstream = p.upstream.accept();
  upstream.take_until();
  client->leave();
  EXPECT_TRUE(client->is_over);
  upstream.take_to_end();
  EXPECT_EQ(blocks_of_this_thread().in_use, 0U);
}

}  // namespace
}  // namespace gatehouse::test
