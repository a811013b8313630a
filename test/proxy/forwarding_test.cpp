// What crosses the gateway when all is well: the exact bytes on both sides.
#include <gtest/gtest.h>

#include "proxy_fixture.hpp"

namespace gatehouse::test {
namespace {

/// What every forwarded request of the fixture's client ends with.
constexpr std::string_view ours =
    "X-Forwarded-For: 203.0.113.7\r\n"
    "X-Forwarded-Proto: http\r\n"
    "X-Forwarded-Host: a.example\r\n"
    "X-Request-Id: rid-1\r\n"
    "Via: 1.1 gateway\r\n";

struct row {
  const char* name;
  std::string request;
  std::string forwarded;
  std::string answer;
  std::string received;
};

const row rows[] = {
    {"a length is kept", "GET /a?b=%20c HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\n\r\n",
     "GET /a?b=%20c HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\n" + std::string{ours} + "\r\n",
     "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nDate: x\r\nConnection: "
     "keep-alive\r\nKeep-Alive: "
     "timeout=5\r\n\r\nhello",
     "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"},
    {"chunks are chunked again", "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
     "GET / HTTP/1.1\r\nHost: a.example\r\n" + std::string{ours} + "\r\n",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-T: "
     "1\r\n\r\n",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"},
    {"HEAD keeps the length and has no content", "HEAD / HTTP/1.1\r\nHost: a.example\r\n\r\n",
     "HEAD / HTTP/1.1\r\nHost: a.example\r\n" + std::string{ours} + "\r\n",
     "HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n"},
    {"204 has nothing", "DELETE /n/1 HTTP/1.1\r\nHost: a.example\r\n\r\n",
     "DELETE /n/1 HTTP/1.1\r\nHost: a.example\r\n" + std::string{ours} + "\r\n", "HTTP/1.1 204 No Content\r\n\r\n",
     "HTTP/1.1 204 No Content\r\n\r\n"},
    {"304 has no content whatever its length says", "GET / HTTP/1.1\r\nHost: a.example\r\nIf-None-Match: \"1\"\r\n\r\n",
     "GET / HTTP/1.1\r\nHost: a.example\r\nIf-None-Match: \"1\"\r\n" + std::string{ours} + "\r\n",
     "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nContent-Length: 99\r\n\r\n",
     "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n"},
    {"informational answers end here", "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
     "GET / HTTP/1.1\r\nHost: a.example\r\n" + std::string{ours} + "\r\n",
     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
     "0\r\n\r\n",
     "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {"a POST without content says so", "POST /p HTTP/1.1\r\nHost: a.example\r\n\r\n",
     "POST /p HTTP/1.1\r\nHost: a.example\r\n" + std::string{ours} + "Content-Length: 0\r\n\r\n",
     "HTTP/1.1 201 Created\r\nLocation: /p/1\r\nContent-Length: 0\r\n\r\n",
     "HTTP/1.1 201 Created\r\nLocation: /p/1\r\nContent-Length: 0\r\n\r\n"},
    {"h2c and hop-by-hop fields stay here",
     "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, HTTP2-Settings, X-Mine\r\nUpgrade: "
     "h2c\r\nHTTP2-Settings: "
     "AAMAAABkAARAAAAAAAIAAAAA\r\nX-Mine: 1\r\nX-Other: 2\r\nTE: trailers\r\n\r\n",
     "GET / HTTP/1.1\r\nHost: a.example\r\nX-Other: 2\r\n" + std::string{ours} + "\r\n",
     "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: X-Hop\r\nX-Hop: 1\r\nAlt-Svc: h3=\":443\"\r\n\r\n",
     "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n",
     "OPTIONS * HTTP/1.1\r\nHost: a.example\r\n" + std::string{ours} + "\r\n",
     "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {"several cookies stay several", "GET / HTTP/1.1\r\nHost: a.example\r\nCookie: a=1; b=2\r\n\r\n",
     "GET / HTTP/1.1\r\nHost: a.example\r\nCookie: a=1; b=2\r\n" + std::string{ours} + "\r\n",
     "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n",
     "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n"},
};

TEST(forwarding, whole_exchanges_byte_for_byte) {
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    proxied p;
    const auto client = p.request(r.request);
    upstream_peer upstream = p.upstream.accept();
    EXPECT_EQ(upstream.take_until(), r.forwarded);
    upstream.send(r.answer);
    p.until_ended(*client);
    EXPECT_EQ(client->received, r.received);
    EXPECT_FALSE(client->cut);
  }
}

TEST(forwarding, answers_in_single_bytes_are_the_same_answers) {
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    proxied p;
    const auto client = p.request(r.request);
    upstream_peer upstream = p.upstream.accept();
    upstream.take_until();
    for (const char c : r.answer) {
      upstream.send({&c, 1});
      p.step();
    }
    p.until_ended(*client);
    EXPECT_FALSE(client->cut);
    // Chunks follow the pieces; everything else is the same.
    if (r.received.find("chunked") == std::string::npos) {
      EXPECT_EQ(client->received, r.received);
    }
  }
}

TEST(forwarding, the_end_of_a_connection_becomes_the_last_chunk) {
  proxied p;
  const auto client = p.get();
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  upstream.send("HTTP/1.0 200 OK\r\n\r\nold");
  p.settle();
  EXPECT_FALSE(client->is_over);
  upstream.close();
  p.until_ended(*client);
  EXPECT_EQ(client->received, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nold\r\n0\r\n\r\n");
  EXPECT_FALSE(client->cut);
}

TEST(forwarding, a_declared_length_stays_declared) {
  proxied p;
  const auto client = p.request("PUT /f HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\n");
  upstream_peer upstream = p.upstream.accept();
  EXPECT_EQ(upstream.take_until(),
            "PUT /f HTTP/1.1\r\nHost: a.example\r\n" + std::string{ours} + "Content-Length: 10\r\n\r\n");
  p.until([&] { return client->wants; });
  client->give("01234", false);
  EXPECT_EQ(upstream.take(5), "01234");
  p.until([&] { return client->wants; });
  client->give("56789", true);
  EXPECT_EQ(upstream.take(5), "56789");
  EXPECT_FALSE(client->wants);
  upstream.send("HTTP/1.1 204 No Content\r\n\r\n");
  p.until_ended(*client);
  EXPECT_EQ(client->received, "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST(forwarding, content_of_unknown_length_is_chunked_by_us) {
  proxied p;
  const auto client = p.request("POST /f HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n");
  upstream_peer upstream = p.upstream.accept();
  EXPECT_EQ(upstream.take_until(),
            "POST /f HTTP/1.1\r\nHost: a.example\r\n" + std::string{ours} + "Transfer-Encoding: chunked\r\n\r\n");
  p.until([&] { return client->wants; });
  client->give("abc", false);
  EXPECT_EQ(upstream.take_until("abc\r\n"), "3\r\nabc\r\n");
  p.until([&] { return client->wants; });
  client->give("", false);
  EXPECT_TRUE(client->wants);
  client->give("0123456789abcdef", true);
  EXPECT_EQ(upstream.take_until("0\r\n\r\n"), "10\r\n0123456789abcdef\r\n0\r\n\r\n");
  upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  p.until_ended(*client);
}

TEST(forwarding, an_empty_last_piece_ends_chunked_content) {
  proxied p;
  const auto client = p.request("POST /f HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n");
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  p.until([&] { return client->wants; });
  client->give("", true);
  EXPECT_EQ(upstream.take_until("\r\n\r\n"), "0\r\n\r\n");
}

TEST(forwarding, the_upstream_may_have_its_own_host) {
  proxied p{{.host = "upstream"}};
  const auto client = p.get();
  upstream_peer upstream = p.upstream.accept();
  EXPECT_TRUE(upstream.take_until().starts_with(
      "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(p.upstream.port()) + "\r\n"));
  client->leave();
}

TEST(forwarding, a_head_larger_than_a_block_arrives_whole) {
  proxied p;
  const auto client = p.get();
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  const std::string large(20'000, 'v');
  const std::string lines = "X-A: " + large + "\r\nX-B: " + large + "\r\n";
  upstream.send("HTTP/1.1 200 OK\r\n" + lines);
  p.settle();
  upstream.send("Content-Length: 2\r\n\r\nok");
  p.until([&] { return client->is_over; });
  EXPECT_EQ(client->received, "HTTP/1.1 200 OK\r\n" + lines + "Content-Length: 2\r\n\r\nok");
}

}  // namespace
}  // namespace gatehouse::test
