// What a client sees of an upstream that is broken, slow, or gone: an honest status, or a message that cannot look
// whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy_fixture.hpp"

namespace gatehouse::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::string status_line(const played_call& c) { return c.received.substr(0, c.received.find("\r\n")); }

struct broken_row {
  const char* name;
  std::string answer;
};

const broken_row invalid[] = {
    {"garbage", "this is not HTTP\r\n\r\n"},
    {"both lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"},
    {"two equal lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"},
    {"a signed length", "HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc"},
    {"a list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc"},
    {"an unknown coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
    {"chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"a bare line feed", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n"},
    {"a folded line", "HTTP/1.1 200 OK\r\nX-A: 1\r\n b\r\nContent-Length: 0\r\n\r\n"},
    {"a space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n"},
    {"a NUL in a value", std::string("HTTP/1.1 200 OK\r\nX-A: ") + '\0' + "\r\nContent-Length: 0\r\n\r\n"},
    {"a switch nobody asked for",
     "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"},
    {"content in a 204", "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc"},
    {"nine informational answers",
     [] {
       std::string s;
       for (int i = 0; i < 9; ++i) s += "HTTP/1.1 102 Processing\r\n\r\n";
       return s + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
     }()},
    {"a head that never ends", "HTTP/1.1 200 OK\r\nX-A: " + std::string(70'000, 'a')},
    {"too many lines",
     [] {
       std::string s = "HTTP/1.1 200 OK\r\n";
       for (int i = 0; i < 200; ++i) s += "X-A: 1\r\n";
       return s + "\r\n";
     }()},
    {"too many connection options",
     "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\r\n\r\n"},
};

TEST(upstream_fault, an_invalid_answer_is_502_and_the_end_of_its_connection) {
  for (const broken_row& r : invalid) {
    SCOPED_TRACE(r.name);
    proxied p;
    const auto client = p.get();
    upstream_peer upstream = p.upstream.accept();
    upstream.take_until();
    upstream.send(r.answer);
    p.until_ended(*client);
    EXPECT_EQ(status_line(*client), "HTTP/1.1 502 Bad Gateway");
    EXPECT_THAT(client->received, Not(HasSubstr("127.0.0.1")));
    EXPECT_FALSE(client->cut);
    upstream.take_to_end();
    EXPECT_THAT(p.events.lines, ElementsAre("broken: upstream.invalid-response"));
  }
}

TEST(upstream_fault, invalid_chunks_cut_the_answer_off) {
  for (const char* chunk :
       {"xyz\r\n", "3\r\nabcd\r\n", "-3\r\nabc\r\n", "0x3\r\nabc\r\n", "3\nabc\r\n", "1234567890abcdef0\r\n"}) {
    SCOPED_TRACE(chunk);
    proxied p;
    const auto client = p.get();
    upstream_peer upstream = p.upstream.accept();
    upstream.take_until();
    upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
    p.settle();
    upstream.send(chunk);
    p.until_ended(*client);
    EXPECT_TRUE(client->cut);
    EXPECT_FALSE(client->received.ends_with("0\r\n\r\n"));
    upstream.take_to_end();
  }
}

struct ending_row {
  const char* name;
  std::string answer;
  bool fin_is_an_end;  // RFC 9112 section 6.3 rule 8
};
const ending_row endings[] = {
    {"length", "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello, world", false},
    {"chunked",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\nX-T: 1\r\n\r\n",
     false},
    {"until close", "HTTP/1.1 200 OK\r\nX-A: b\r\n\r\nhello, world", true},
};

/// The upstream dies after `size` bytes of `answer`; what the client is left with.
void die_after(const ending_row& r, std::size_t size, bool with_reset) {
  proxied p;
  const auto client = p.get();
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  upstream.send(std::string_view{r.answer}.substr(0, size));
  p.settle();
  if (with_reset) {
    upstream.reset();
  } else {
    upstream.close();
  }
  p.until_ended(*client);
  const bool whole_head = size >= r.answer.find("\r\n\r\n") + 4;
  if (!whole_head) {
    EXPECT_EQ(status_line(*client), "HTTP/1.1 502 Bad Gateway");
    return;
  }
  EXPECT_EQ(status_line(*client), "HTTP/1.1 200 OK");
  const bool whole = r.fin_is_an_end ? !with_reset : size == r.answer.size();
  EXPECT_EQ(client->cut, !whole);
  // Cut off, so that no client takes it for whole: chunks without the last, or fewer bytes than declared.
  if (!whole && r.answer.find("Content-Length") == std::string::npos) {
    EXPECT_FALSE(client->received.ends_with("0\r\n\r\n"));
  }
  if (!whole && r.answer.find("Content-Length") != std::string::npos) {
    EXPECT_LT(client->received.size(), r.answer.size());
  }
}

TEST(upstream_fault, dying_at_every_byte_never_makes_a_whole_message) {
  for (const ending_row& r : endings) {
    SCOPED_TRACE(r.name);
    for (std::size_t size = 0; size <= r.answer.size(); ++size) {
      SCOPED_TRACE(size);
      die_after(r, size, false);
      die_after(r, size, true);
    }
  }
}

TEST(upstream_fault, gone_before_the_head_is_502_with_its_reason) {
  proxied p;
  const auto client = p.get();
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  upstream.close();
  p.until_ended(*client);
  EXPECT_EQ(status_line(*client), "HTTP/1.1 502 Bad Gateway");
  EXPECT_THAT(p.events.lines, ElementsAre("broken: upstream.closed-early"));
  EXPECT_FALSE(p.upstream.has_connection()) << "a fresh connection is not tried twice";
}

TEST(upstream_fault, no_first_byte_is_504) {
  proxied p;
  const auto client = p.get();
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  p.pass(milliseconds{29'800});
  EXPECT_FALSE(client->is_over);
  p.pass(milliseconds{400});
  EXPECT_TRUE(client->is_over);
  EXPECT_EQ(status_line(*client), "HTTP/1.1 504 Gateway Timeout");
  upstream.take_to_end();
}

TEST(upstream_fault, a_dripping_head_is_504_too) {
  proxied p;
  const auto client = p.get();
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  for (int i = 0; i < 31 && !client->is_over; ++i) {
    upstream.send(i == 0 ? "HTTP/1.1 200 OK\r\nX-A: " : "a");
    p.pass(milliseconds{1'000});
  }
  EXPECT_EQ(status_line(*client), "HTTP/1.1 504 Gateway Timeout");
}

TEST(upstream_fault, silence_in_the_middle_cuts_after_a_minute) {
  proxied p;
  const auto client = p.get();
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab");
  p.pass(milliseconds{59'000});
  upstream.send("c");
  p.pass(milliseconds{59'000});
  EXPECT_FALSE(client->is_over);
  p.pass(milliseconds{1'200});
  EXPECT_TRUE(client->is_over);
  EXPECT_TRUE(client->cut);
}

TEST(upstream_fault, nothing_listens) {
  proxied p;
  p.upstream.stop_listening();
  const auto client = p.get();
  p.until_ended(*client);
  EXPECT_EQ(status_line(*client), "HTTP/1.1 502 Bad Gateway");
  EXPECT_THAT(p.events.lines,
              ElementsAre("unreachable: nothing listens on 127.0.0.1:" + std::to_string(p.upstream.port())));
}

TEST(upstream_fault, too_many_connections_are_503_at_once) {
  proxied p{{.connections = 1}};
  const auto first = p.get();
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  const auto second = p.get();
  EXPECT_TRUE(second->is_over);
  EXPECT_EQ(status_line(*second), "HTTP/1.1 503 Service Unavailable");
  upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  p.until_ended(*first);
  const auto third = p.get();
  EXPECT_THAT(upstream.take_until(), StartsWith("GET / HTTP/1.1\r\n"));
  EXPECT_FALSE(third->is_over);
}

TEST(upstream_fault, a_replaced_error_is_kept_for_the_log) {
  proxied p{{}, standard_set()};
  const auto client = p.request("GET /crash HTTP/1.1\r\nHost: localhost\r\n\r\n", {.peer = "127.0.0.1"});
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  const std::string body = "TypeError: x is not a function\n    at /srv/app.js:3:1";
  upstream.send("HTTP/1.1 500 Internal Server Error\r\nX-Powered-By: Express\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
  p.until_ended(*client);
  EXPECT_EQ(status_line(*client), "HTTP/1.1 500 Internal Server Error");
  EXPECT_THAT(client->received, HasSubstr("application/problem+json"));
  EXPECT_THAT(client->received, Not(HasSubstr("TypeError")));
  EXPECT_THAT(client->received, Not(HasSubstr("Express")));
  EXPECT_THAT(p.events.lines, ElementsAre("powered by Express", "replaced 500: " + body));
  const auto next = p.request("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", {.peer = "127.0.0.1"});
  EXPECT_THAT(upstream.take_until(), StartsWith("GET / ")) << "read whole, so the connection is used again";
}

TEST(upstream_fault, of_a_long_replaced_error_only_the_beginning_is_read) {
  proxied p{{}, standard_set()};
  const auto client = p.request("GET /crash HTTP/1.1\r\nHost: localhost\r\n\r\n", {.peer = "127.0.0.1"});
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  upstream.send("HTTP/1.1 500 Oops\r\nContent-Length: 1000000\r\n\r\n" + std::string(5'000, 'x'));
  p.until_ended(*client);
  EXPECT_THAT(p.events.lines, ElementsAre("replaced 500: " + std::string(4'096, 'x')));
  upstream.take_to_end();
}

TEST(upstream_fault, a_replaced_error_that_never_ends_is_waited_for_a_second) {
  proxied p{{}, standard_set()};
  const auto client = p.request("GET /crash HTTP/1.1\r\nHost: localhost\r\n\r\n", {.peer = "127.0.0.1"});
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  upstream.send("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nabc");
  p.settle();
  EXPECT_EQ(client->flushed, client->received.size()) << "the client does not wait for the log";
  EXPECT_FALSE(client->is_over);
  p.pass(milliseconds{1'200});
  EXPECT_TRUE(client->is_over);
  EXPECT_FALSE(client->cut);
  EXPECT_THAT(p.events.lines, ElementsAre("replaced 500: abc"));
}

}  // namespace
}  // namespace gatehouse::test
