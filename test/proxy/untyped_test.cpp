// What is sent of an upstream's answer that does not say what its content is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy_fixture.hpp"

namespace gatehouse::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view octet_stream = "Content-Type: application/octet-stream\r\n";

struct untyped_case {
  const char* name;
  const char* method;
  const char* answer;
  bool named;  // the client is told application/octet-stream
};

const untyped_case cases[] = {
    {"a length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n<script></script>", true},
    {"chunked", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", true},
    {"an error", "GET", "HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx", true},
    {"nothing", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false},
    {"204", "GET", "HTTP/1.1 204 No Content\r\n\r\n", false},
    {"304", "GET", "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n", false},
    {"a hint and then nothing", "GET", "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", false},
    {"a redirect without content", "GET", "HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n", false},
    {"HEAD of content", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n", true},
    {"HEAD of content whose length is not told", "HEAD", "HTTP/1.1 200 OK\r\n\r\n", true},
    {"HEAD of nothing", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false},
    {"HEAD of a 304", "HEAD", "HTTP/1.1 304 Not Modified\r\n\r\n", false},
    {"typed", "GET", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\nx", false},
};

TEST(untyped, content_without_a_type_is_named_and_said_once) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    proxied p{{}, {error_hygiene()}};
    for (int i = 0; i < 2; ++i) {
      const auto client = p.request(std::string{c.method} + " / HTTP/1.1\r\nHost: a.example\r\n\r\n");
      upstream_peer upstream = p.upstream.accept();
      upstream.take_until();
      upstream.send(c.answer);
      p.until_ended(*client);
      EXPECT_EQ(client->received.find(octet_stream) != std::string::npos, c.named) << client->received;
      EXPECT_FALSE(client->cut);
      close_idle_upstreams(*p.events_loop);
    }
    if (c.named) {
      EXPECT_THAT(p.events.lines, ElementsAre("untyped"));
    } else {
      EXPECT_THAT(p.events.lines, IsEmpty());
    }
  }
}

}  // namespace
}  // namespace gatehouse::test
