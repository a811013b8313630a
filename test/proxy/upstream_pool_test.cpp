// Connections used again, and the one repair that may be made when that fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy_fixture.hpp"
#include "upstream_pool.hpp"

namespace gatehouse::test {
namespace {

using testing::StartsWith;

constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// One whole exchange; the connection it used.
upstream_peer exchange_on_new_connection(proxied& p, std::string_view answer = ok) {
  const auto client = p.get("/first");
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  upstream.send(answer);
  p.until_ended(*client);
  return upstream;
}

TEST(upstream_pool, idle_time_is_a_second_less_than_the_upstream_says) {
  using detail::proxy::idle_time;
  const milliseconds at_most{4'000};
  EXPECT_EQ(idle_time(at_most, std::nullopt), at_most);
  EXPECT_EQ(idle_time(at_most, seconds{5}), at_most);
  EXPECT_EQ(idle_time(at_most, seconds{3}), milliseconds{2'000});
  EXPECT_EQ(idle_time(at_most, seconds{1}), milliseconds{0});
  EXPECT_EQ(idle_time(at_most, seconds{0}), milliseconds{0});
  EXPECT_EQ(idle_time(at_most, seconds{86'400}), at_most);
}

TEST(upstream_pool, the_connection_used_last_is_used_next) {
  proxied p;
  const auto a = p.get("/a");
  upstream_peer first = p.upstream.accept();
  first.take_until();
  const auto b = p.get("/b");
  upstream_peer second = p.upstream.accept();
  second.take_until();
  second.send(ok);
  p.until_ended(*b);
  first.send(ok);
  p.until_ended(*a);
  const auto c = p.get("/c");
  EXPECT_THAT(first.take_until(), StartsWith("GET /c "));
  const auto d = p.get("/d");
  EXPECT_THAT(second.take_until(), StartsWith("GET /d "));
  EXPECT_FALSE(p.upstream.has_connection());
}

TEST(upstream_pool, idle_connections_are_closed_before_node_closes_them) {
  proxied p;
  upstream_peer upstream = exchange_on_new_connection(
      p, "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nContent-Length: 2\r\n\r\nok");
  p.pass(milliseconds{3'900});
  EXPECT_EQ(upstream.take_all(), "");
  EXPECT_FALSE(upstream.ended());
  p.pass(milliseconds{200});
  upstream.take_to_end();
}

struct not_reused {
  const char* name;
  std::string answer;
};
const not_reused spoilt[] = {
    {"the upstream closes", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"},
    {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"},
    {"a timeout of a second", "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok"},
    {"bytes behind the length",
     "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"},
    {"bytes behind the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nX"},
    {"bytes behind a 204", "HTTP/1.1 204 No Content\r\n\r\nX"},
    {"bytes behind a 304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nok"},
};

TEST(upstream_pool, a_connection_that_may_be_out_of_step_is_closed) {
  for (const not_reused& r : spoilt) {
    SCOPED_TRACE(r.name);
    proxied p;
    const auto client = p.get();
    upstream_peer upstream = p.upstream.accept();
    upstream.take_until();
    upstream.send(r.answer);
    p.until_ended(*client);
    EXPECT_FALSE(client->cut);
    EXPECT_EQ(client->received.find("poison"), std::string::npos);
    EXPECT_EQ(client->received.find('X'), std::string::npos);
    upstream.take_to_end();
  }
}

TEST(upstream_pool, an_idle_connection_that_speaks_is_closed) {
  proxied p;
  upstream_peer upstream = exchange_on_new_connection(p);
  upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
  upstream.take_to_end();
  const auto client = p.get();
  upstream_peer next = p.upstream.accept();
  next.take_until();
  next.send(ok);
  p.until_ended(*client);
  EXPECT_TRUE(client->received.ends_with("\r\n\r\nok"));
}

TEST(upstream_pool, an_idle_connection_that_was_closed_is_not_used) {
  proxied p;
  upstream_peer upstream = exchange_on_new_connection(p);
  upstream.close();
  p.settle();
  const auto client = p.request("POST / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  EXPECT_THAT(p.upstream.accept().take_until(), StartsWith("POST / "));
}

TEST(upstream_pool, at_most_so_many_idle_ones) {
  proxied p{{.idle_connections = 1}};
  const auto a = p.get("/a");
  upstream_peer first = p.upstream.accept();
  first.take_until();
  const auto b = p.get("/b");
  upstream_peer second = p.upstream.accept();
  second.take_until();
  first.send(ok);
  p.until_ended(*a);
  second.send(ok);
  p.until_ended(*b);
  first.take_to_end();
  EXPECT_EQ(second.take_all(), "");
  EXPECT_FALSE(second.ended());
}

struct retry_row {
  const char* name;
  std::string request;
  std::string before_it_dies;  // sent by the upstream
  bool reset;
  bool retried;
};
const retry_row retries[] = {
    {"GET, closed", "GET /r HTTP/1.1\r\nHost: a.example\r\n\r\n", "", false, true},
    {"GET, reset", "GET /r HTTP/1.1\r\nHost: a.example\r\n\r\n", "", true, true},
    {"HEAD", "HEAD /r HTTP/1.1\r\nHost: a.example\r\n\r\n", "", false, true},
    {"DELETE without content", "DELETE /r HTTP/1.1\r\nHost: a.example\r\n\r\n", "", false, true},
    {"POST without content reached it", "POST /r HTTP/1.1\r\nHost: a.example\r\n\r\n", "", false, false},
    {"PUT with content", "PUT /r HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\n", "", false, false},
    {"GET with content", "GET /r HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\n", "", false, false},
    {"one byte came back", "GET /r HTTP/1.1\r\nHost: a.example\r\n\r\n", "H", false, false},
    {"an informational answer came back", "GET /r HTTP/1.1\r\nHost: a.example\r\n\r\n",
     "HTTP/1.1 102 Processing\r\n\r\n", false, false},
};

TEST(upstream_pool, only_what_is_safe_is_sent_again) {
  for (const retry_row& r : retries) {
    SCOPED_TRACE(r.name);
    proxied p;
    upstream_peer old = exchange_on_new_connection(p);
    const auto client = p.request(r.request);
    const std::string sent_first = old.take_until();
    old.send(r.before_it_dies);
    p.settle();
    if (r.reset) {
      old.reset();
    } else {
      old.close();
    }
    if (!r.retried) {
      p.until_ended(*client);
      EXPECT_TRUE(client->received.starts_with("HTTP/1.1 502 "));
      EXPECT_FALSE(p.upstream.has_connection());
      continue;
    }
    upstream_peer fresh = p.upstream.accept();
    EXPECT_EQ(fresh.take_until(), sent_first);
    fresh.close();
    p.until_ended(*client);
    EXPECT_TRUE(client->received.starts_with("HTTP/1.1 502 ")) << "once, not for ever";
    EXPECT_FALSE(p.upstream.has_connection());
  }
}

TEST(upstream_pool, a_retry_is_answered_like_any_other) {
  proxied p;
  upstream_peer old = exchange_on_new_connection(p);
  const auto client = p.get("/again");
  old.take_until();
  old.close();
  upstream_peer fresh = p.upstream.accept();
  fresh.take_until();
  fresh.send(ok);
  p.until_ended(*client);
  EXPECT_EQ(client->received, ok);
}

TEST(upstream_pool, a_loop_that_ends_without_a_word_is_survived) {
  for (int i = 0; i < 3; ++i) {
    proxied p;
    upstream_peer upstream = exchange_on_new_connection(p);
    p.says_goodbye = false;  // the idle connection's loop is gone before it
  }
}

}  // namespace
}  // namespace gatehouse::test
