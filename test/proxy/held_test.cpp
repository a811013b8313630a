// Answers that wait until the rules have seen their content.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <gatehouse/server/block_pool.hpp>

#include "proxy_fixture.hpp"

namespace gatehouse::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const error_hygiene_config leaks{.upstream_5xx = "replace_leaks", .upstream_4xx = "replace_leaks"};
const std::string trace = "Traceback (most recent call last):\n";
const std::string bland_500 =
    "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/problem+json\r\nContent-Length: 67\r\n\r\n"
    R"({"type":"about:blank","title":"Internal Server Error","status":500})";

std::string chunk(std::string_view text) {
  std::array<char, max_chunk_head> head;
  return std::string(head.data(), write_chunk_head(head.data(), text.size())) + std::string(text) + "\r\n";
}

struct held_case {
  const char* name;
  error_hygiene_config config;
  std::vector<std::string> pieces;  // what the upstream sends, one after the other
  std::string received;
  std::vector<std::string> logged;
};

const std::string chunked = "Transfer-Encoding: chunked\r\n\r\n";
const held_case cases[] = {
    {"clean, in one piece",
     leaks,
     {"HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\nX-Own: 1\r\nContent-Length: 5\r\n\r\nSorry"},
     "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\nX-Own: 1\r\nContent-Length: 5\r\n\r\nSorry",
     {}},
    {"clean, in pieces: its length is known by then",
     leaks,
     {"HTTP/1.1 404 No\r\nContent-Type: text/plain\r\n", chunked, chunk("Sor"), chunk("ry"), "0\r\n\r\n"},
     "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nSorry",
     {}},
    {"clean, to the end of the connection",
     leaks,
     {"HTTP/1.1 404 No\r\nContent-Type: text/plain\r\n\r\nSor", "ry", "<end>"},
     "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nSorry",
     {}},
    {"empty",
     leaks,
     {"HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\n" + chunked, "0\r\n\r\n"},
     "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n",
     {}},
    {"a leak",
     leaks,
     {"HTTP/1.1 500 Oops\r\nX-Own: 1\r\nContent-Length: 41\r\n\r\n", "Sorry" + trace, "."},
     bland_500,
     {"replaced 500: Sorry" + trace + "."}},
    {"a leak across pieces",
     leaks,
     {"HTTP/1.1 500 Oops\r\n" + chunked, chunk("Traceback (most rec"), chunk("ent call last):"), "0\r\n\r\n"},
     bland_500,
     {"replaced 500: Traceback (most recent call last):"}},
    {"compressed: not even waited for",
     leaks,
     {"HTTP/1.1 500 Oops\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n", "\x1f\x8b"},
     bland_500,
     {"replaced 500: \x1f\x8b"}},
    {"cut off: no answer at all",
     leaks,
     {"HTTP/1.1 500 Oops\r\nContent-Length: 10\r\n\r\nSorry", "<end>"},
     "HTTP/1.1 502 Bad Gateway\r\nCache-Control: no-store, max-age=0\r\nContent-Type: application/problem+json\r\n"
     "Content-Length: 57\r\n\r\n"
     R"({"type":"about:blank","title":"Bad Gateway","status":502})",
     {"broken: upstream.closed-early"}},
    {"a problem document, written again",
     {},
     {"HTTP/1.1 500 Oops\r\nContent-Type: application/problem+json\r\nX-Own: 1\r\nContent-Length: 30\r\n\r\n",
      R"({"title":"t",)", R"("trace":"secret"})"},
     "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/problem+json\r\nContent-Length: 47\r\n\r\n"
     R"({"type":"about:blank","title":"t","status":500})",
     {R"(replaced 500: {"title":"t","trace":"secret"})"}},
};

TEST(held, an_error_is_sent_when_it_was_seen) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    proxied p{{}, {error_hygiene(c.config)}};
    const auto client = p.get();
    upstream_peer upstream = p.upstream.accept();
    upstream.take_until();
    for (const std::string& piece : c.pieces) {
      EXPECT_FALSE(client->is_over);
      if (piece == "<end>") {
        upstream.close();
      } else {
        upstream.send(piece);
      }
      p.settle();
    }
    p.until_ended(*client);
    EXPECT_EQ(client->received, c.received);
    EXPECT_FALSE(client->cut);
    EXPECT_EQ(p.events.lines, c.logged);
    EXPECT_EQ(blocks_of_this_thread().in_use, 0U);
  }
}

TEST(held, nothing_leaves_before_all_was_seen) {
  proxied p{{}, {error_hygiene(leaks)}};
  const auto client = p.get();
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  upstream.send("HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\nContent-Length: 2000\r\n\r\n" +
                std::string(1'000, 'x'));
  p.settle();
  EXPECT_THAT(client->received, IsEmpty());
  upstream.send(std::string(1'000, 'x'));
  p.until_ended(*client);
  EXPECT_THAT(client->received, StartsWith("HTTP/1.1 500 "));
  EXPECT_EQ(client->received.size(), client->received.find("\r\n\r\n") + 4 + 2'000);
}

TEST(held, a_leak_is_answered_at_once_and_the_rest_is_for_the_log) {
  proxied p{{}, {error_hygiene(leaks)}};
  const auto client = p.get();
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  upstream.send("HTTP/1.1 500 Oops\r\nContent-Length: 100000\r\n\r\n" + trace + std::string(1'000, 'x'));
  p.until([&] { return client->flushed != 0; });
  EXPECT_EQ(client->received, bland_500);
  EXPECT_FALSE(client->is_over) << "it is, for whoever reads";
  upstream.send(std::string(4'000, 'y'));
  p.until_ended(*client);
  ASSERT_EQ(p.events.lines.size(), 1U);
  EXPECT_THAT(p.events.lines[0], StartsWith("replaced 500: " + trace + "xxx"));
  EXPECT_EQ(p.events.lines[0].size(), std::string("replaced 500: ").size() + 4'096);
}

TEST(held, what_is_too_long_to_be_seen_is_replaced) {
  proxied p{{}, {error_hygiene(leaks)}};
  const auto client = p.get();
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  const std::string piece(16 * 1024, 'x');
  upstream.send("HTTP/1.1 500 Oops\r\nContent-Length: 1000000\r\n\r\n");
  for (int i = 0; i < 8; ++i) {
    upstream.send(piece);
    p.settle();
  }
  EXPECT_THAT(client->received, IsEmpty());
  upstream.send("x");
  p.until_ended(*client);
  EXPECT_EQ(client->received, bland_500);
  EXPECT_EQ(blocks_of_this_thread().in_use, 0U);
}

TEST(held, a_client_that_leaves_meanwhile_leaves_nothing_behind) {
  proxied p{{}, {error_hygiene(leaks)}};
  const auto client = p.get();
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  upstream.send("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nSorry");
  p.settle();
  client->leave();
  EXPECT_TRUE(client->is_over);
  EXPECT_EQ(blocks_of_this_thread().in_use, 0U);
}

TEST(held, an_upstream_that_stops_in_the_middle_is_a_timeout) {
  proxied p{{}, {error_hygiene(leaks)}};
  const auto client = p.get();
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  upstream.send("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nSorry");
  p.settle();
  p.pass(std::chrono::minutes{2});
  EXPECT_TRUE(client->is_over);
  EXPECT_THAT(client->received, StartsWith("HTTP/1.1 504 "));
  EXPECT_THAT(p.events.lines, ElementsAre("broken: upstream.timeout"));
}

TEST(held, an_event_stream_is_never_held) {
  proxied p{{}, {error_hygiene(leaks)}};
  const auto client = p.get("/events");
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  upstream.send("HTTP/1.1 403 No\r\nContent-Type: text/event-stream\r\n" + chunked + chunk("data: 1\n\n"));
  p.until([&] { return client->flushed != 0 && client->received.ends_with("data: 1\n\n\r\n"); });
  EXPECT_THAT(client->received, Not(HasSubstr("problem")));
  client->leave();
}

}  // namespace
}  // namespace gatehouse::test
