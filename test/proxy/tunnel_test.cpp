// WebSocket: nothing becomes a tunnel without an agreement of both ends, and then everything passes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy_fixture.hpp"
#include "websocket_accept.hpp"

namespace gatehouse::test {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::StartsWith;

const std::string handshake =
    "GET /chat HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Extensions: permessage-deflate; "
    "client_max_window_bits\r\n\r\n";
const std::string forwarded =
    "GET /chat HTTP/1.1\r\nHost: a.example\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
    "dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Extensions: permessage-deflate; "
    "client_max_window_bits\r\n"
    "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.example\r\nX-Request-Id: rid-1\r\n"
    "Via: 1.1 gateway\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const std::string accept_line = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
const std::string agreed = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
                           accept_line;

TEST(websocket_accept, the_example_of_rfc_6455) {
  const auto value = detail::proxy::websocket_accept("dGhlIHNhbXBsZSBub25jZQ==");
  EXPECT_EQ(std::string(value.data(), value.size()), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

/// A client and an upstream with a tunnel between them.
struct open_tunnel {
  proxied p;
  std::unique_ptr<played_call> client = p.request(handshake);
  upstream_peer upstream = p.upstream.accept();
  open_tunnel() {
    upstream.take_until();
    upstream.send(agreed + "\r\n");
    p.until([this] { return client->tunnel && client->wants; });
    client->received.clear();
  }
};

TEST(tunnel, a_verified_switch_is_a_tunnel) {
  proxied p;
  const auto client = p.request(handshake);
  upstream_peer upstream = p.upstream.accept();
  EXPECT_EQ(upstream.take_until(), forwarded);
  upstream.send(agreed +
                "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\nfirst frame");
  p.until([&] { return client->tunnel && client->received.ends_with("first frame"); });
  EXPECT_EQ(client->received, "HTTP/1.1 101 Switching Protocols\r\n" + accept_line +
                                  "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
                                  "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\nfirst frame");
  EXPECT_EQ(client->flushed, client->received.size());
  ASSERT_TRUE(client->wants);
  client->give_tunnel("from the client");
  EXPECT_EQ(upstream.take(15), "from the client");
  EXPECT_TRUE(client->wants);
  p.pass(std::chrono::hours{24});
  EXPECT_FALSE(client->is_over) << "no idle deadline";
  upstream.close();
  p.until_ended(*client);
  EXPECT_FALSE(client->cut);
}

struct unverified {
  const char* name;
  std::string answer;
};
const unverified refused[] = {
    {"no accept", "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"},
    {"a wrong accept",
     "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
     "AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n"},
    {"two accepts", agreed + accept_line + "\r\n"},
    {"no upgrade", "HTTP/1.1 101 S\r\nConnection: Upgrade\r\n" + accept_line + "\r\n"},
    {"another upgrade", "HTTP/1.1 101 S\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n" + accept_line + "\r\n"},
    {"no connection option", "HTTP/1.1 101 S\r\nUpgrade: websocket\r\n" + accept_line + "\r\n"},
    {"a protocol not offered", agreed + "Sec-WebSocket-Protocol: mqtt\r\n\r\n"},
    {"a protocol in another case", agreed + "Sec-WebSocket-Protocol: Chat\r\n\r\n"},
    {"two protocols", agreed + "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: superchat\r\n\r\n"},
    {"an extension not offered", agreed + "Sec-WebSocket-Extensions: permessage-deflate, x-mine\r\n\r\n"},
};

TEST(tunnel, an_unverified_switch_is_502) {
  for (const unverified& r : refused) {
    SCOPED_TRACE(r.name);
    proxied p;
    const auto client = p.request(handshake);
    upstream_peer upstream = p.upstream.accept();
    upstream.take_until();
    upstream.send(r.answer);
    p.until_ended(*client);
    EXPECT_THAT(client->received, StartsWith("HTTP/1.1 502 "));
    EXPECT_FALSE(client->tunnel);
    upstream.take_to_end();
    // Two equal single-valued fields are the parser's to refuse already.
    EXPECT_THAT(p.events.lines,
                ElementsAre(testing::AnyOf("broken: upstream.invalid-upgrade", "broken: upstream.invalid-response")));
  }
}

TEST(tunnel, a_refusal_is_an_answer_like_any_other) {
  proxied p;
  const auto client = p.request(handshake);
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  upstream.send("HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 8\r\nContent-Length: 2\r\n\r\nno");
  p.until_ended(*client);
  EXPECT_EQ(client->received,
            "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 8\r\nContent-Length: 2\r\n\r\nno");
  const auto next = p.get();
  EXPECT_THAT(upstream.take_until(), StartsWith("GET / "));
}

TEST(tunnel, both_directions_hold_the_faster_end_back) {
  open_tunnel t;
  const std::string piece(100'000, 't');
  std::size_t given = 0;
  for (int i = 0; i < 500; ++i) {
    if (t.client->wants) {
      t.client->give_tunnel(piece);
      given += piece.size();
    }
    t.p.step();
  }
  EXPECT_LT(given, 30'000'000U);
  std::size_t arrived = 0;
  while (arrived < given) {
    arrived += t.upstream.take_all().size();
    t.p.step();
  }
  EXPECT_EQ(arrived, given);

  t.client->full = true;
  std::size_t sent = 0;
  for (int i = 0; i < 200; ++i) {
    sent += t.upstream.send_some(piece);
    t.p.step();
  }
  EXPECT_LE(t.client->received.size(), 40'000U);
  t.client->full = false;
  t.client->drain();
  t.p.until([&] { return t.client->received.size() == sent; });
}

TEST(tunnel, the_clients_end_reaches_the_upstream_which_may_still_speak) {
  open_tunnel t;
  t.client->give_tunnel("bye");
  t.client->give_tunnel("");
  EXPECT_EQ(t.upstream.take_to_end(), "bye");
  EXPECT_FALSE(t.client->is_over);
  t.upstream.send("bye too");
  t.p.settle();
  EXPECT_EQ(t.client->received, "bye too");
  t.upstream.close();
  t.p.until_ended(*t.client);
  EXPECT_FALSE(t.client->cut);
}

TEST(tunnel, half_a_tunnel_does_not_stay_for_ever) {
  open_tunnel t;
  t.client->give_tunnel("");
  t.p.pass(milliseconds{30'200});
  EXPECT_TRUE(t.client->is_over);
  t.upstream.take_to_end();
}

TEST(tunnel, an_upstream_that_is_lost_cuts_the_client_off) {
  open_tunnel t;
  t.upstream.reset();
  t.p.until_ended(*t.client);
  EXPECT_TRUE(t.client->cut);
}

TEST(tunnel, a_client_that_is_lost_ends_the_upstream) {
  open_tunnel t;
  t.client->leave();
  t.upstream.take_to_end();
  EXPECT_TRUE(t.client->is_over);
}

}  // namespace
}  // namespace gatehouse::test
