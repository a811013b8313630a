// HTTP/1 connections: a request whose content nobody wants. What is read of it, for whose sake, and how much.
#include <gtest/gtest.h>

#include <string>

#include <gatehouse/base/limits.hpp>
#include <gatehouse/server/block_pool.hpp>

#include "h1_fixture.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::test;

const std::string chunked_none = "POST /none HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string none_with(std::size_t length) {
  return "POST /none HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n" +
         std::string(length, 'x');
}

/// `count` chunks of one byte: six bytes each on the wire.
std::string tiny_chunks(std::size_t count) {
  std::string all = chunked_none;
  for (std::size_t i = 0; i < count; ++i) all += "1\r\nx\r\n";
  return all + "0\r\n\r\n";
}

struct kept_case {
  std::string name;
  std::string sent;  // then comes another request
  bool want_kept;
  bool want_told;  // by "Connection: close": known before anything is read
};

TEST(h1_unread_content, a_connection_is_kept_only_for_little_of_it) {
  const kept_case rows[] = {
      {"as much as is drained", none_with(max_drained_bytes), true, false},
      {"one byte more", none_with(max_drained_bytes + 1), false, true},
      {"chunks within the bound", tiny_chunks(max_drained_bytes / 6 - 10), true, false},
      {"chunks that pass the bound with little content", tiny_chunks(max_drained_bytes / 6 + 10), false, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    harness h{usual_routes()};
    client to = h.connect();
    const std::string all = row.sent + get_hello;
    std::size_t at = 0;
    ASSERT_TRUE(h.run_until([&] {
      at += to.send(std::string_view{all}.substr(at));
      to.read();
      return to.ended || to.reset || to.received.ends_with("hello");
    }));
    EXPECT_FALSE(to.reset);
    EXPECT_EQ(to.ended, !row.want_kept);
    EXPECT_EQ(statuses(to.received),
              (row.want_kept ? std::vector<std::string>{"404", "200"} : std::vector<std::string>{"404"}));
    EXPECT_EQ(count(to.received, "Connection: close\r\n"), row.want_told ? 1U : 0U);
  }
}

struct lingering_case {
  std::string name;
  std::string head;
};

// curl, fetch and Node send a large body before they look for an answer.
TEST(h1_unread_content, a_client_that_sends_all_before_it_looks_reads_the_refusal) {
  const std::size_t size = std::size_t{20} * 1024 * 1024;
  const lingering_case rows[] = {
      {"a length", "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n"},
      {"a chunk", "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1400000\r\n"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    harness h{usual_routes()};
    client to = h.connect();
    const std::string all = row.head + std::string(size, 'x');
    std::size_t at = 0;
    ASSERT_TRUE(h.run_until([&] {
      for (std::size_t n = 1; n != 0; at += n) n = to.send(std::string_view{all}.substr(at));
      return at == all.size();
    })) << at;
    ASSERT_TRUE(h.receive_end(to));
    EXPECT_FALSE(to.reset);
    EXPECT_EQ(statuses(to.received), (std::vector<std::string>{"413"}));
  }
}

TEST(h1_unread_content, one_that_sends_more_than_is_dropped_is_cut) {
  limits l;
  l.linger_bytes = 64 * 1024;
  harness h{usual_routes(), l};
  client to = h.connect();
  to.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n");
  const std::string more(64 * 1024, 'x');
  EXPECT_TRUE(h.run_until([&] {  // the clock stands still: it is not the deadline that ends this
    to.send(more);
    to.read();
    return to.ended && blocks_of_this_thread().in_use == 0;
  }));
  EXPECT_EQ(statuses(to.received), (std::vector<std::string>{"413"}));
}

}  // namespace
