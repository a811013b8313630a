#include <gatehouse/net/stream.hpp>

#include <poll.h>

#include <algorithm>

#include <gatehouse/base/internal_limits.hpp>

#include "net_fixture.hpp"

namespace gatehouse::net_test {
namespace {

class stream_io : public net_test {
 protected:
  recorder near;
};

TEST_F(stream_io, bytes_arrive_and_go) {
  const unique_fd far = connect(near);
  near.receive();
  send_all(far.get(), "hello");
  ASSERT_TRUE(until([&] { return near.received == "hello"; }));
  EXPECT_EQ(near.send("world").sent, 5U);
  EXPECT_EQ(receive_text(far.get(), 5), "world");
}

TEST_F(stream_io, an_idle_connection_is_not_asked_for_space) {
  const unique_fd far = connect(near);
  near.receive();
  settle(*events);
  EXPECT_EQ(near.space_asked, 0);
}

TEST_F(stream_io, pieces_are_sent_in_order_in_one_call) {
  const unique_fd far = connect(near);
  const std::array<const_bytes, 8> pieces{"a", "", "bc", "def", "", "g", "hi", "j"};
  EXPECT_EQ(near.connection->send(pieces).sent, 10U);
  EXPECT_EQ(receive_text(far.get(), 10), "abcdefghij");
}

TEST_F(stream_io, nothing_to_send_is_no_error) {
  const unique_fd far = connect(near);
  EXPECT_EQ(near.connection->send({}).error_number, 0);
  EXPECT_EQ(near.send("").error_number, 0);
}

TEST_F(stream_io, more_pieces_than_fit_are_a_short_send_that_goes_on) {
  const unique_fd far = connect(near);
  std::vector<const_bytes> pieces(12, "x");
  EXPECT_EQ(near.connection->send(pieces).sent, 8U);
  near.call([&] { near.connection->want_writable(); });
  EXPECT_TRUE(until([&] { return near.writables == 1; }));
}

TEST_F(stream_io, bytes_larger_than_the_space_come_in_pieces) {
  near.space = 3;
  const unique_fd far = connect(near);
  near.receive();
  const std::string text(1000, 'x');
  send_all(far.get(), text);
  EXPECT_TRUE(until([&] { return near.received == text; }));
}

TEST_F(stream_io, bytes_that_fill_the_space_exactly_do_not_confuse) {
  near.space = 4;
  const unique_fd far = connect(near);
  near.receive();
  for (const std::string_view text : {"1234", "5678", "9abc"}) {
    send_all(far.get(), text);
    ASSERT_TRUE(until([&] { return near.received.ends_with(text); }));
  }
}

TEST_F(stream_io, one_receive_is_one_delivery) {
  near.keep_receiving = false;
  const unique_fd far = connect(near);
  near.receive();
  send_all(far.get(), "first");
  ASSERT_TRUE(until([&] { return near.received == "first"; }));
  send_all(far.get(), "second");
  settle(*events);
  EXPECT_EQ(near.received, "first");
  near.receive();
  near.receive();  // armed already
  ASSERT_TRUE(until([&] { return near.received == "firstsecond"; }));
  EXPECT_EQ(near.space_asked, 2);
}

TEST_F(stream_io, what_comes_after_stop_receiving_waits_for_the_next_receive) {
  const unique_fd far = connect(near);
  near.receive();
  near.call([&] { near.connection->stop_receiving(); });
  send_all(far.get(), "kept");
  settle(*events);
  EXPECT_EQ(near.received, "");
  EXPECT_EQ(near.space_asked, 0);
  near.receive();
  EXPECT_TRUE(until([&] { return near.received == "kept"; }));
}

TEST_F(stream_io, stop_receiving_takes_back_what_is_on_its_way) {
  const unique_fd far = connect(near);
  send_all(far.get(), "kept");
  settle(*events);  // readiness is known
  near.receive();   // on its way
  near.call([&] { near.connection->stop_receiving(); });
  settle(*events);
  EXPECT_EQ(near.received, "");
  near.receive();
  EXPECT_TRUE(until([&] { return near.received == "kept"; }));
}

TEST_F(stream_io, no_memory_is_a_failure) {
  near.space = 0;
  const unique_fd far = connect(near);
  near.receive();
  send_all(far.get(), "x");
  ASSERT_TRUE(until([&] { return !near.failures.empty(); }));
  EXPECT_EQ(near.failures, std::vector{ENOBUFS});
}

TEST_F(stream_io, a_busy_connection_leaves_the_others_their_turn) {
  recorder busy, other;
  busy.space = 1;
  const unique_fd busy_far = connect(busy);
  const unique_fd other_far = connect(other);
  busy.receive();
  other.receive();
  send_all(busy_far.get(), std::string(10'000, 'x'));
  send_all(other_far.get(), "y");
  ASSERT_TRUE(until([&] { return other.received == "y"; }));
  EXPECT_TRUE(until([&] { return busy.received.size() == 10'000; }));
}

// ---- Ends ----

TEST_F(stream_io, the_end_is_told_once_and_sending_goes_on) {
  const unique_fd far = connect(near);
  near.receive();
  ::shutdown(far.get(), SHUT_WR);
  ASSERT_TRUE(until([&] { return near.ends == 1; }));
  near.receive();
  settle(*events);
  EXPECT_EQ(near.ends, 1);
  EXPECT_EQ(near.send("still").sent, 5U);
  EXPECT_EQ(receive_text(far.get(), 5), "still");
}

// The case for EPOLLRDHUP: the read is short, and the FIN behind it raises no edge of its own.
TEST_F(stream_io, an_end_that_came_together_with_bytes_is_told) {
  near.keep_receiving = false;
  const unique_fd far = connect(near);
  send_all(far.get(), "all");
  ::shutdown(far.get(), SHUT_WR);
  settle(*events);
  near.receive();
  ASSERT_TRUE(until([&] { return near.received == "all"; }));
  settle(*events);
  EXPECT_EQ(near.ends, 0);
  near.receive();
  EXPECT_TRUE(until([&] { return near.ends == 1; }));
}

TEST_F(stream_io, an_end_between_two_receives_is_told) {
  near.keep_receiving = false;
  const unique_fd far = connect(near);
  near.receive();
  send_all(far.get(), "all");
  ASSERT_TRUE(until([&] { return near.received == "all"; }));
  ::shutdown(far.get(), SHUT_WR);
  settle(*events);
  near.receive();
  EXPECT_TRUE(until([&] { return near.ends == 1; }));
}

TEST_F(stream_io, finish_sending_ends_after_what_was_sent_and_receiving_goes_on) {
  const unique_fd far = connect(near);
  near.receive();
  ASSERT_EQ(near.send("bye").sent, 3U);
  near.call([&] { near.connection->finish_sending(); });
  EXPECT_EQ(receive_text(far.get(), 100), "bye<end>");
  send_all(far.get(), "answer");
  EXPECT_TRUE(until([&] { return near.received == "answer"; }));
}

TEST_F(stream_io, sending_after_finish_sending_is_an_error_and_no_signal) {
  const unique_fd far = connect(near);
  near.connection->finish_sending();
  EXPECT_EQ(near.send("x").error_number, EPIPE);
}

TEST_F(stream_io, a_reset_is_a_failure) {
  unique_fd far = connect(near);
  near.receive();
  reset(std::move(far));
  ASSERT_TRUE(until([&] { return !near.failures.empty(); }));
  EXPECT_EQ(near.failures, std::vector{ECONNRESET});
  EXPECT_EQ(near.ends, 0);
}

TEST_F(stream_io, a_reset_behind_bytes_is_a_failure) {
  unique_fd far = connect(near);
  send_all(far.get(), "cut of");
  settle(*events);
  reset(std::move(far));
  settle(*events);
  near.receive();
  ASSERT_TRUE(until([&] { return !near.failures.empty(); }));
  EXPECT_EQ(near.failures, std::vector{ECONNRESET});
  EXPECT_EQ(near.ends, 0);
}

// The failed send takes the socket's error with it; the recv then sees 0, which must not pass for an end.
TEST_F(stream_io, a_reset_that_a_send_noticed_first_is_no_end) {
  unique_fd far = connect(near);
  reset(std::move(far));
  settle(*events);
  EXPECT_EQ(near.send("x").error_number, ECONNRESET);
  near.receive();
  ASSERT_TRUE(until([&] { return !near.failures.empty() || near.ends > 0; }));
  EXPECT_EQ(near.failures, std::vector{ECONNRESET});
  EXPECT_EQ(near.ends, 0);
}

TEST_F(stream_io, abort_resets) {
  const unique_fd far = connect(near);
  ASSERT_EQ(near.send("half a mess").sent, 11U);
  near.call([&] { near.connection->abort(); });
  EXPECT_THAT(receive_text(far.get(), 100), ::testing::EndsWith("<reset>"));
  EXPECT_NE(near.send("age").error_number, 0);
  near.receive();
  settle(*events);
  EXPECT_TRUE(near.failures.empty());
}

TEST_F(stream_io, dropping_closes) {
  const unique_fd far = connect(near);
  near.connection.reset();
  EXPECT_EQ(receive_text(far.get(), 1), "<end>");
}

// ---- Writable ----

/// Sends until the kernel takes no more; returns how much it took.
std::size_t fill(recorder& r) {
  const std::string block(65536, 'f');
  for (std::size_t sum = 0;;) {
    const auto sent = r.send(block);
    EXPECT_EQ(sent.error_number, 0);
    sum += sent.sent;
    if (sent.sent < std::min(block.size(), max_sent_at_once)) return sum;
  }
}

TEST_F(stream_io, writable_is_told_once_the_peer_reads) {
  const unique_fd far = connect(near);
  const std::size_t sent = fill(near);
  near.call([&] { near.connection->want_writable(); });
  settle(*events);
  EXPECT_EQ(near.writables, 0);
  EXPECT_EQ(receive_text(far.get(), sent).size(), sent);
  ASSERT_TRUE(until([&] { return near.writables == 1; }));
  settle(*events);
  EXPECT_EQ(near.writables, 1);
}

TEST_F(stream_io, writable_is_told_again_and_again) {
  const unique_fd far = connect(near);
  for (int round = 1; round <= 3; ++round) {
    const std::size_t sent = fill(near);
    near.call([&] { near.connection->want_writable(); });
    EXPECT_EQ(receive_text(far.get(), sent).size(), sent);
    ASSERT_TRUE(until([&] { return near.writables == round; }));
  }
}

TEST_F(stream_io, a_peer_that_read_before_want_writable_is_not_missed) {
  const unique_fd far = connect(near);
  for (int round = 1; round <= 2; ++round) {  // the second time EPOLLOUT is registered already
    const std::size_t sent = fill(near);
    EXPECT_EQ(receive_text(far.get(), sent).size(), sent);
    settle(*events);
    near.call([&] { near.connection->want_writable(); });
    ASSERT_TRUE(until([&] { return near.writables == round; }));
  }
}

TEST_F(stream_io, want_writable_without_need_is_told_soon) {
  const unique_fd far = connect(near);
  near.call([&] { near.connection->want_writable(); });
  EXPECT_TRUE(until([&] { return near.writables == 1; }));
}

TEST_F(stream_io, a_stalled_sender_learns_of_a_reset) {
  unique_fd far = connect(near);
  fill(near);
  near.connection->want_writable();
  settle(*events);
  reset(std::move(far));
  ASSERT_TRUE(until([&] { return near.writables == 1; }));
  EXPECT_EQ(near.send("x").error_number, ECONNRESET);
}

// ---- Lifetime ----

TEST_F(stream_io, dropped_inside_on_received) {
  near.then_received = [&] { near.connection.reset(); };
  const unique_fd far = connect(near);
  near.space = 2;
  near.receive();
  send_all(far.get(), "xxxxxxxx");
  ASSERT_TRUE(until([&] { return !near.received.empty(); }));
  settle(*events);
  EXPECT_EQ(near.received, "xx");
  EXPECT_THAT(receive_text(far.get(), 1), ::testing::HasSubstr("<"));
}

TEST_F(stream_io, dropped_inside_on_end) {
  near.then_end = [&] { near.connection.reset(); };
  const unique_fd far = connect(near);
  near.receive();
  ::shutdown(far.get(), SHUT_WR);
  ASSERT_TRUE(until([&] { return near.ends == 1; }));
  EXPECT_EQ(receive_text(far.get(), 1), "<end>");
}

TEST_F(stream_io, dropped_inside_on_failure) {
  near.then_failure = [&] { near.connection.reset(); };
  unique_fd far = connect(near);
  near.receive();
  reset(std::move(far));
  EXPECT_TRUE(until([&] { return near.failures.size() == 1; }));
}

TEST_F(stream_io, dropped_inside_on_writable_although_bytes_are_waiting) {
  near.then_writable = [&] { near.connection.reset(); };
  const unique_fd far = connect(near);
  send_all(far.get(), "waiting");
  near.receive();
  near.call([&] { near.connection->want_writable(); });
  ASSERT_TRUE(until([&] { return near.writables == 1; }));
  settle(*events);
  EXPECT_EQ(near.received, "");
}

TEST_F(stream_io, aborted_inside_on_received) {
  near.then_received = [&] { near.connection->abort(); };
  const unique_fd far = connect(near);
  near.receive();
  send_all(far.get(), "x");
  EXPECT_EQ((until([&] { return !near.received.empty(); }), receive_text(far.get(), 1)), "<reset>");
}

TEST_F(stream_io, nothing_is_told_after_dropping_with_everything_under_way) {
  const unique_fd far = connect(near);
  send_all(far.get(), "waiting");
  settle(*events);
  near.receive();
  near.connection->want_writable();
  near.connection.reset();
  settle(*events);
  EXPECT_EQ(near.received, "");
  EXPECT_EQ(near.writables, 0);
}

// The events of both are in one batch: the second one's still stands in the queue when its stream is dropped, and again
// when a new connection takes its descriptor over.
TEST_F(stream_io, one_connection_may_drop_another_whose_event_is_queued) {
  recorder other, next;
  const unique_fd far = connect(near);
  const unique_fd other_far = connect(other);
  near.receive();
  other.receive();
  near.then_received = [&] { other.connection.reset(); };
  other.then_received = [&] { near.connection.reset(); };
  send_all(far.get(), "x");
  send_all(other_far.get(), "x");
  ASSERT_TRUE(until([&] { return near.received + other.received == "x"; }));
  const unique_fd next_far = connect(next);
  next.receive();
  settle(*events);
  EXPECT_EQ(near.received + other.received, "x");
  send_all(next_far.get(), "mine");
  EXPECT_TRUE(until([&] { return next.received == "mine"; }));
}

TEST_F(stream_io, an_owner_hands_the_stream_over) {
  recorder tunnel;
  const unique_fd far = connect(near);
  near.then_received = [&] {
    tunnel.take(std::move(near.connection));
    tunnel.receive();
  };
  near.receive();
  send_all(far.get(), "upgrade");
  ASSERT_TRUE(until([&] { return near.received == "upgrade"; }));
  send_all(far.get(), "frame");
  ASSERT_TRUE(until([&] { return tunnel.received == "frame"; }));
  EXPECT_EQ(near.received, "upgrade");
}

TEST_F(stream_io, a_thousand_connections_leave_no_descriptor) {
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 1000; ++i) {
    recorder r;
    unique_fd far = connect(r);
    r.receive();
    send_all(far.get(), "x");
    if (i % 3 == 0) continue;
    ASSERT_TRUE(until([&] { return r.received == "x"; }));
    if (i % 3 == 1) r.connection->abort();
    if (i % 3 == 2) reset(std::move(far));
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(stream_io, post_that_never_ran_may_own_a_stream) {
  const unique_fd far = connect(near);
  door.reset();
  events->post([keep = std::shared_ptr<stream>(near.connection.release(), stream_closer{})] {});
  events.reset();
  EXPECT_EQ(receive_text(far.get(), 1), "<end>");
}

}  // namespace
}  // namespace gatehouse::net_test
