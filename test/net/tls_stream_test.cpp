// TLS as a client of OpenSSL's sees it, and what the owner of the stream is told: ends, cuts, tricks and floods.
#include <openssl/ssl.h>

#include "tls_kit.hpp"

namespace gatehouse::net_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct version_case {
  const char* name;
  int version;
};
class tls_versions : public tls_test, public ::testing::WithParamInterface<version_case> {};

TEST_P(tls_versions, carry_bytes_both_ways_and_end_in_order) {
  tls_client c(door->local(), {.version = GetParam().version, .server_name = "a.example"});
  ASSERT_TRUE(connected(c)) << c.error;
  EXPECT_EQ(channels[0]->protocol, GetParam().name);
  c.send("ping");
  ASSERT_TRUE(both(c, [&] { return near.received == "ping"; }));
  EXPECT_EQ(near.send("pong").sent, 4U);
  ASSERT_TRUE(both(c, [&] { return c.received == "pong"; }));
  SSL_shutdown(c.ssl());
  ASSERT_TRUE(both(c, [&] { return near.ends == 1; }));
  EXPECT_EQ(near.send("still").sent, 5U) << "a half-closed connection still gets its answer";
  near.call([&] { near.connection->finish_sending(); });
  ASSERT_TRUE(both(c, [&] { return c.ended; })) << c.error;
  EXPECT_EQ(c.received, "pongstill");
  EXPECT_THAT(near.failures, IsEmpty());
}

TEST_P(tls_versions, move_what_is_larger_than_every_buffer) {
  tls_client c(door->local(), {.version = GetParam().version, .server_name = "a.example"});
  ASSERT_TRUE(connected(c));
  std::string text;
  for (std::size_t i = 0; text.size() < 12'000'000; ++i) text += std::to_string(i) + ' ';
  // As a connection sends: what was not taken is offered again, whole and in pieces of any size.
  std::size_t begin = 0;
  int turns = 0;
  const auto push = [&] {
    while (begin < text.size()) {
      const std::string_view rest = std::string_view{text}.substr(begin);
      const std::array<const_bytes, 3> pieces{
          rest.substr(0, 100), rest.substr(std::min<std::size_t>(100, rest.size())), {}};
      const auto r = near.connection->send(pieces);
      ASSERT_EQ(r.error_number, 0);
      begin += r.sent;
      ++turns;
      if (r.sent < rest.size()) return near.connection->want_writable();
    }
  };
  near.then_writable = push;
  push();
  EXPECT_LT(begin, text.size()) << "it blocks when nobody reads";
  ASSERT_TRUE(both(c, [&] { return c.received.size() == text.size(); }));
  EXPECT_EQ(c.received, text);
  EXPECT_GT(turns, 2);

  std::size_t sent = 0;
  ASSERT_TRUE(both(c, [&] {
    if (sent < text.size()) sent += c.send(std::string_view{text}.substr(sent, 16'000));
    return near.received.size() == text.size();
  }));
  EXPECT_EQ(near.received, text);
}

TEST_P(tls_versions, wait_with_what_the_owner_does_not_ask_for) {
  tls_client c(door->local(), {.version = GetParam().version, .server_name = "a.example"});
  ASSERT_TRUE(connected(c));
  near.keep_receiving = false;
  near.space = 10;
  c.send("0123456789abcdefghij");
  c.send("klmno");
  ASSERT_TRUE(both(c, [&] { return near.received.size() == 10; }));
  settle(*events);
  EXPECT_EQ(near.received, "0123456789");
  EXPECT_TRUE(near.connection->has_unread());
  near.receive();
  ASSERT_TRUE(until([&] { return near.received.size() == 20; }));
  near.receive();
  ASSERT_TRUE(until([&] { return near.received.size() == 25; }));
  near.receive();
  settle(*events);
  EXPECT_EQ(near.received, "0123456789abcdefghijklmno");
  EXPECT_FALSE(near.connection->has_unread());
  c.send("p");
  ASSERT_TRUE(until([&] { return near.received.size() == 26; }));
}

TEST_P(tls_versions, call_an_end_without_close_notify_a_failure) {
  tls_client c(door->local(), {.version = GetParam().version, .server_name = "a.example"});
  ASSERT_TRUE(connected(c));
  c.send("GET / HTTP/1.1");
  c.finish_socket();
  ASSERT_TRUE(both(c, [&] { return !near.failures.empty(); }));
  EXPECT_EQ(near.received, "GET / HTTP/1.1");
  EXPECT_EQ(near.ends, 0);
  EXPECT_THAT(near.failures, ElementsAre(ECONNRESET));
}

TEST_P(tls_versions, do_not_ask_for_room_when_only_half_a_record_is_there) {
  tls_client c(door->local(), {.version = GetParam().version, .server_name = "a.example"});
  ASSERT_TRUE(connected(c));
  settle(*events);
  const int asked = near.space_asked;
  // The first bytes of a record of application data.
  send_all(c.fd(), std::string_view{"\x17\x03\x03\x00\x40half", 9});
  settle(*events);
  EXPECT_EQ(near.space_asked, asked);
  EXPECT_THAT(near.failures, IsEmpty());
}

TEST_P(tls_versions, close_with_close_notify) {
  tls_client c(door->local(), {.version = GetParam().version, .server_name = "a.example"});
  ASSERT_TRUE(connected(c));
  near.connection.reset();
  ASSERT_TRUE(both(c, [&] { return c.ended; })) << c.error;
}

TEST_P(tls_versions, abort_without_one) {
  tls_client c(door->local(), {.version = GetParam().version, .server_name = "a.example"});
  ASSERT_TRUE(connected(c));
  near.send("half an answ");
  near.call([&] { near.connection->abort(); });
  near.connection.reset();
  ASSERT_TRUE(both(c, [&] { return !c.error.empty(); }));
  EXPECT_FALSE(c.ended) << "what the client has must not look finished";
}

TEST_P(tls_versions, resume_across_a_change_of_keys_and_certificates) {
  const auto tickets = tls_ticket_keys::make();
  server = make(tickets);
  tls_client first(door->local(), {.version = GetParam().version, .server_name = "a.example"});
  ASSERT_TRUE(connected(first));
  ASSERT_TRUE(both(first, [&] { return first.session != nullptr; }));
  server = make(tickets);  // a reload
  tls_client second(door->local(),
                    {.version = GetParam().version, .server_name = "a.example", .session = first.session.get()});
  ASSERT_TRUE(connected(second));
  server = make();  // another process
  tls_client third(door->local(),
                   {.version = GetParam().version, .server_name = "a.example", .session = first.session.get()});
  ASSERT_TRUE(connected(third));
  EXPECT_THAT(resumed, ElementsAre(false, true, false));
}

INSTANTIATE_TEST_SUITE_P(both, tls_versions,
                         ::testing::Values(version_case{"TLSv1.2", TLS1_2_VERSION},
                                           version_case{"TLSv1.3", TLS1_3_VERSION}),
                         [](const auto& one) { return one.param.version == TLS1_2_VERSION ? "v12" : "v13"; });

// ------------------------------------------------------------------------------------------------ the handshake

struct name_case {
  const char* name;
  const char* asked;
  const char* shown;  // null: refused
};
constexpr name_case names[] = {
    {"exact", "a.example", "a.example"},
    {"the second certificate's", "b.example", "b.example"},
    {"capitals", "B.Example", "b.example"},
    {"one label below a wildcard", "x.w.example", "a.example"},
    {"two labels below a wildcard", "y.x.w.example", nullptr},
    {"the wildcard's own", "w.example", nullptr},
    {"no name: the first certificate", "", "a.example"},
    {"nobody's", "c.example", nullptr},
    {"a part of a name", "example", nullptr},
};

TEST_F(tls_test, shows_the_certificate_of_the_name_that_was_asked_for) {
  for (const name_case& row : names) {
    SCOPED_TRACE(row.name);
    failures.clear();
    channels.clear();
    tls_client c(door->local(), {.server_name = row.asked});
    if (row.shown != nullptr) {
      ASSERT_TRUE(connected(c)) << c.error;
      EXPECT_EQ(c.peer_name(), row.shown);
      EXPECT_TRUE(channels[0]->names->covers(*row.asked == '\0' ? "a.example" : row.asked));
      continue;
    }
    ASSERT_TRUE(both(c, [&] { return !c.error.empty() && !failures.empty(); }));
    EXPECT_EQ(c.error, "tlsv1 unrecognized name");
    EXPECT_THAT(failures, ElementsAre(tls_failure::unknown_name));
  }
  EXPECT_EQ(counted.under_way, 0U);
}

struct protocol_case {
  const char* name;
  const char* offered;
  const char* chosen;  // null: refused
};
constexpr protocol_case protocols[] = {
    {"none", "", ""},
    {"ours", "\x08http/1.1", "http/1.1"},
    {"as a browser", "\x02h2\x08http/1.1", "http/1.1"},
    {"only others", "\x02h2", nullptr},
    {"another service's (ALPACA)", "\x04smtp", nullptr},
};

TEST_F(tls_test, speaks_http_1_1_or_nothing) {
  for (const protocol_case& row : protocols) {
    SCOPED_TRACE(row.name);
    failures.clear();
    tls_client c(door->local(), {.server_name = "a.example", .protocols = row.offered});
    if (row.chosen != nullptr) {
      ASSERT_TRUE(connected(c)) << c.error;
      const unsigned char* chosen = nullptr;
      unsigned size = 0;
      SSL_get0_alpn_selected(c.ssl(), &chosen, &size);
      EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), row.chosen);
      continue;
    }
    ASSERT_TRUE(both(c, [&] { return !c.error.empty() && !failures.empty(); }));
    EXPECT_EQ(c.error, "tlsv1 alert no application protocol");
    EXPECT_THAT(failures, ElementsAre(tls_failure::refused));
  }
}

struct bytes_case {
  const char* name;
  std::string bytes;
  tls_failure why;
  std::string answer;  // its beginning; "" where only the end comes
};

TEST_F(tls_test, refuses_what_is_no_handshake) {
  const std::string alert = "\x15\x03";
  const std::string plain = "HTTP/1.1 400 no\r\n\r\n<end>";
  const bytes_case rows[] = {
      {"HTTP", "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", tls_failure::plain_text, plain},
      {"an unknown method", "BREW / HTTP/1.1\r\n\r\n", tls_failure::plain_text, plain},
      {"HTTP/2 without TLS", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", tls_failure::plain_text, plain},
      {"SSL 2", std::string("\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10", 11) + std::string(40, '\x01'),
       tls_failure::refused, alert},
      {"an alert first", std::string("\x15\x03\x01\x00\x02\x02\x28", 7), tls_failure::refused, ""},
      {"application data first", std::string("\x17\x03\x03\x00\x05hello", 10), tls_failure::refused, alert},
      {"a record that is too long", std::string("\x16\x03\x01\xff\xff", 5) + std::string(70'000, 'x'),
       tls_failure::refused, alert},
      {"an empty record, and then nothing", std::string("\x16\x03\x01\x00\x00", 5), tls_failure::closed, ""},
      {"a ClientHello of another version's", std::string("\x16\x09\x09\x00\x04\x01\x00\x00\x00", 9),
       tls_failure::refused, ""},
      {"a ServerHello", std::string("\x16\x03\x01\x00\x04\x02\x00\x00\x00", 9), tls_failure::refused, alert},
      {"a ClientHello that is cut inside", std::string("\x16\x03\x01\x00\x08\x01\x00\x00\x04\x03\x03\xaa\xaa", 13),
       tls_failure::refused, alert},
      {"zeros", std::string(100, '\0'), tls_failure::refused, ""},
  };
  for (const bytes_case& row : rows) {
    SCOPED_TRACE(row.name);
    failures.clear();
    handshakes.clear();
    const unique_fd far = connect_blocking(door->local());
    (void)::send(far.get(), row.bytes.data(), row.bytes.size(), MSG_NOSIGNAL);
    ::shutdown(far.get(), SHUT_WR);
    ASSERT_TRUE(until([&] { return !failures.empty(); }));
    EXPECT_THAT(failures, ElementsAre(row.why));
    handshakes.clear();  // closes
    const std::string answer = receive_text(far.get(), 200);
    if (row.answer != plain) {
      EXPECT_TRUE(answer.starts_with(row.answer)) << testing::PrintToString(answer);
    } else {
      EXPECT_EQ(answer, plain);
    }
  }
  EXPECT_EQ(counted.under_way, 0U);
}

TEST_F(tls_test, reads_of_plain_text_only_so_much) {
  const unique_fd far = connect_blocking(door->local());
  ::fcntl(far.get(), F_SETFL, O_NONBLOCK);
  const std::string more(16'384, 'x');
  (void)::send(far.get(), "POST / HTTP/1.1\r\n", 17, MSG_NOSIGNAL);
  ASSERT_TRUE(until([&] {
    (void)::send(far.get(), more.data(), more.size(), MSG_NOSIGNAL);
    return !failures.empty();
  }));
  EXPECT_THAT(failures, ElementsAre(tls_failure::plain_text));
}

TEST_F(tls_test, knows_a_handshake_that_the_client_left) {
  for (const std::string_view sent : {"", "\x16\x03\x01"}) {
    failures.clear();
    unique_fd far = connect_blocking(door->local());
    if (!sent.empty()) send_all(far.get(), sent);
    settle(*events);
    EXPECT_EQ(counted.under_way, sent.empty() ? 0U : 1U);
    ::shutdown(far.get(), SHUT_WR);
    ASSERT_TRUE(until([&] { return !failures.empty(); }));
    EXPECT_THAT(failures, ElementsAre(tls_failure::closed));
    handshakes.clear();
  }
  EXPECT_EQ(counted.under_way, 0U);
}

TEST_F(tls_test, bounds_the_handshakes_under_way) {
  counted.at_most = 2;
  std::vector<unique_fd> far;
  for (int i = 0; i < 5; ++i) {
    far.push_back(connect_blocking(door->local()));
    send_all(far.back().get(), "\x16\x03\x01");
  }
  ASSERT_TRUE(until([&] { return failures.size() == 3; }));
  EXPECT_THAT(failures, ::testing::Each(tls_failure::crowded));
  EXPECT_EQ(counted.under_way, 2U);
  handshakes.clear();
  EXPECT_EQ(counted.under_way, 0U);
  tls_client c(door->local(), {.server_name = "a.example"});
  EXPECT_TRUE(connected(c));
}

class timed_tls_test : public tls_test {
 protected:
  timed_tls_test() : tls_test(&clock) {}
  static inline virtual_clock clock;
};

TEST_F(timed_tls_test, ends_a_handshake_that_takes_too_long) {
  for (const std::string_view sent : {"", "\x16", "\x16\x03\x01\x02\x00\x01", "GET / HTTP/1.1\r\n"}) {
    SCOPED_TRACE(sent);
    failures.clear();
    const unique_fd far = connect_blocking(door->local());
    if (!sent.empty()) send_all(far.get(), sent);
    settle(*events);
    clock.advance(milliseconds{4'900});
    settle(*events);
    EXPECT_THAT(failures, IsEmpty());
    clock.advance(milliseconds{300});
    settle(*events);
    EXPECT_THAT(failures, ElementsAre(tls_failure::timed_out));
    handshakes.clear();
  }
  EXPECT_EQ(counted.under_way, 0U);
}

TEST_F(timed_tls_test, forgets_ticket_keys_after_twice_their_time) {
  tls_client first(door->local(), {.version = TLS1_2_VERSION, .server_name = "a.example"});
  ASSERT_TRUE(connected(first));
  const auto again = [&] {
    tls_client next(door->local(),
                    {.version = TLS1_2_VERSION, .server_name = "a.example", .session = first.session.get()});
    EXPECT_TRUE(connected(next));
    return resumed.back();
  };
  EXPECT_TRUE(again());
  clock.advance(tls_ticket_keys::rotation + std::chrono::minutes{1});
  EXPECT_TRUE(again()) << "sealed with the key before";
  clock.advance(tls_ticket_keys::rotation);
  EXPECT_FALSE(again());
}

// ------------------------------------------------------------------------------------------------ tricks

TEST_F(tls_test, allows_some_key_updates_and_not_a_flood) {
  tls_client c(door->local(), {.version = TLS1_3_VERSION, .server_name = "a.example"});
  ASSERT_TRUE(connected(c));
  for (int i = 0; i < 8; ++i) {
    ASSERT_EQ(SSL_key_update(c.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    c.send("x");
    ASSERT_TRUE(both(c, [&] { return near.received.size() == static_cast<std::size_t>(i) + 1; }));
    near.send("y");
    ASSERT_TRUE(both(c, [&] { return c.received.size() == static_cast<std::size_t>(i) + 1; }));
  }
  EXPECT_THAT(near.failures, IsEmpty());
  ASSERT_TRUE(both(c, [&] {
    SSL_key_update(c.ssl(), SSL_KEY_UPDATE_REQUESTED);
    SSL_do_handshake(c.ssl());
    return !near.failures.empty();
  }));
  EXPECT_THAT(near.failures, ElementsAre(EPROTO));
}

TEST_F(tls_test, never_renegotiates) {
  tls_client c(door->local(), {.version = TLS1_2_VERSION, .server_name = "a.example"});
  ASSERT_TRUE(connected(c));
  SSL_renegotiate(c.ssl());
  SSL_do_handshake(c.ssl());
  ASSERT_TRUE(both(c, [&] { return !c.error.empty() || !near.failures.empty(); }));
  EXPECT_EQ(c.error, "no renegotiation");
}

TEST_F(tls_test, fails_on_a_record_that_was_changed) {
  tls_client c(door->local(), {.server_name = "a.example"});
  ASSERT_TRUE(connected(c));
  send_all(c.fd(), std::string_view{"\x17\x03\x03\x00\x20"
                                    "0123456789abcdef0123456789abcdef",
                                    37});
  ASSERT_TRUE(both(c, [&] { return !near.failures.empty(); }));
  EXPECT_THAT(near.failures, ElementsAre(EPROTO));
  EXPECT_EQ(near.received, "");
  EXPECT_NE(near.send("x").error_number, 0);
}

TEST_F(tls_test, hears_nothing_behind_close_notify) {
  tls_client c(door->local(), {.server_name = "a.example"});
  ASSERT_TRUE(connected(c));
  c.send("all");
  SSL_shutdown(c.ssl());
  send_all(c.fd(), std::string_view{"\x17\x03\x03\x00\x05hello", 10});
  ASSERT_TRUE(both(c, [&] { return near.ends == 1; }));
  near.receive();
  settle(*events);
  EXPECT_EQ(near.received, "all");
  EXPECT_EQ(near.ends, 1);
  EXPECT_THAT(near.failures, IsEmpty());
}

TEST_F(tls_test, may_be_closed_from_inside_of_each_call) {
  const auto drop = [this] { near.connection.reset(); };
  {
    tls_client c(door->local(), {.server_name = "a.example"});
    ASSERT_TRUE(connected(c));
    near.then_received = drop;
    c.send("one");
    ASSERT_TRUE(both(c, [&] { return near.connection == nullptr; }));
  }
  near.then_received = nullptr;
  {
    tls_client c(door->local(), {.server_name = "a.example"});
    ASSERT_TRUE(connected(c));
    near.then_end = drop;
    SSL_shutdown(c.ssl());
    ASSERT_TRUE(both(c, [&] { return near.connection == nullptr; }));
  }
  {
    tls_client c(door->local(), {.server_name = "a.example"});
    ASSERT_TRUE(connected(c));
    near.then_failure = drop;
    c.finish_socket();
    ASSERT_TRUE(both(c, [&] { return near.connection == nullptr; }));
  }
  {
    tls_client c(door->local(), {.server_name = "a.example"});
    ASSERT_TRUE(connected(c));
    near.then_writable = drop;
    near.connection->want_writable();
    ASSERT_TRUE(both(c, [&] { return near.connection == nullptr; }));
  }
  {
    // With work of its own under way.
    tls_client c(door->local(), {.server_name = "a.example"});
    ASSERT_TRUE(connected(c));
    near.keep_receiving = false;
    near.space = 1;
    c.send("two");
    ASSERT_TRUE(both(c, [&] { return near.received.ends_with('t'); }));
    near.receive();
    near.connection.reset();
    settle(*events);
    EXPECT_TRUE(near.received.ends_with('t'));
  }
}

}  // namespace
}  // namespace gatehouse::net_test
