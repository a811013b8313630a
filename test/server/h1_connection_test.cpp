// HTTP/1 connections over real sockets: what a client sends and what it gets back, byte for byte.
#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "h1_fixture.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::test;

constexpr std::string_view api_fields =
    "Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n";

// Date and request id differ each time.
std::string normalised(std::string text) {
  text = std::regex_replace(text, std::regex("Date: [^\r]*"), "Date: D");
  return std::regex_replace(text, std::regex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "ID");
}

struct exchange_case {
  std::string name;
  std::string sent;
  std::vector<std::string> want_statuses;
  std::string want_end;      // what the last response ends with
  bool want_closed = false;  // FIN after it
};

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

}  // namespace
