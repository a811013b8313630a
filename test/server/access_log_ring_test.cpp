#include "access_log_ring.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace gatehouse::detail::server {
namespace {

bool put_line(log_ring& ring, std::string_view line, std::size_t longest) {
  const auto space = ring.reserve_line(longest);
  if (space.empty()) return false;
  EXPECT_EQ(space.size(), longest);
  std::ranges::copy(line, space.begin());
  ring.commit_line(line.size());
  return true;
}

bool put_record(log_ring& ring, std::string_view record, std::size_t longest) {
  const auto space = ring.reserve_record(longest);
  if (space.empty()) return false;
  EXPECT_EQ(space.size(), longest);
  std::ranges::copy(record, space.begin());
  ring.commit_record(record.size());
  return true;
}

/// "lines: ..." or "record: ..."; "nothing".
std::string next(log_ring& ring, std::size_t most = 1024) {
  const log_ring::piece taken = ring.peek(ring.end(), most);
  if (taken.bytes.empty()) return "nothing";
  std::string out = (taken.is_record ? "record: " : "lines: ") + std::string{taken.bytes};
  ring.release(taken);
  return out;
}

TEST(access_log_ring, lines_are_taken_together_and_records_by_themselves) {
  log_ring ring(256);
  EXPECT_TRUE(ring.empty());
  EXPECT_EQ(next(ring), "nothing");
  ASSERT_TRUE(put_line(ring, "a\n", 20));
  ASSERT_TRUE(put_line(ring, "b\n", 20));
  ASSERT_TRUE(put_record(ring, "1", 20));
  ASSERT_TRUE(put_record(ring, "\x01\n2", 20));
  ASSERT_TRUE(put_line(ring, "c\n", 20));
  EXPECT_FALSE(ring.empty());
  EXPECT_EQ(next(ring), "lines: a\nb\n");
  EXPECT_EQ(next(ring), "record: 1");
  EXPECT_EQ(next(ring), "record: \x01\n2");
  EXPECT_EQ(next(ring), "lines: c\n");
  EXPECT_EQ(next(ring), "nothing");
  EXPECT_TRUE(ring.empty());
}

TEST(access_log_ring, of_lines_no_more_is_taken_than_was_asked_for) {
  log_ring ring(256);
  for (const char* line : {"aa\n", "bb\n", "cc\n", "dd\n"}) ASSERT_TRUE(put_line(ring, line, 20));
  EXPECT_EQ(next(ring, 0), "lines: aa\n") << "one at least";
  EXPECT_EQ(next(ring, 2), "lines: bb\n") << "and whole";
  EXPECT_EQ(next(ring, 6), "lines: cc\ndd\n");
  for (const char* line : {"aa\n", "bb\n"}) ASSERT_TRUE(put_line(ring, line, 20));
  EXPECT_EQ(next(ring, 5), "lines: aa\n");
  EXPECT_EQ(next(ring, 5), "lines: bb\n");
}

TEST(access_log_ring, what_comes_later_is_not_taken) {
  log_ring ring(256);
  ASSERT_TRUE(put_line(ring, "a\n", 20));
  const std::uint64_t end = ring.end();
  ASSERT_TRUE(put_line(ring, "b\n", 20));
  ASSERT_TRUE(put_record(ring, "1", 20));
  const log_ring::piece taken = ring.peek(end, 1024);
  EXPECT_EQ(taken.bytes, "a\n");
  ring.release(taken);
  EXPECT_TRUE(ring.peek(end, 1024).bytes.empty());
  EXPECT_EQ(next(ring), "lines: b\n");
  EXPECT_EQ(next(ring), "record: 1");
}

// Of two threads: what the reader sees is whole, and in order.
TEST(access_log_ring, lines_and_records_cross_between_threads) {
  constexpr int count = 20'000;
  log_ring ring(512);
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 0; i < count && !stop.load();) {
      const std::string text = std::to_string(i) + '\n';
      if (i % 5 == 0 ? put_record(ring, text, 24) : put_line(ring, text, 24)) ++i;
    }
  });
  std::string all;
  std::string expected;
  for (int i = 0; i < count; ++i) expected += std::to_string(i) + '\n';
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (all.size() < expected.size() && std::chrono::steady_clock::now() < give_up) {
    const log_ring::piece taken = ring.peek(ring.end(), 100);
    all += taken.bytes;
    if (taken.bytes.empty()) {
      std::this_thread::yield();
    } else {
      ring.release(taken);
    }
  }
  stop.store(true);
  writer.join();
  EXPECT_EQ(all, expected);
}

TEST(access_log_ring, refuses_what_has_no_room_and_has_room_again) {
  constexpr std::size_t half = 32;
  constexpr std::size_t in_frame = half - log_ring::frame;
  log_ring ring(2 * half);
  EXPECT_TRUE(put_record(ring, std::string(in_frame, '1'), in_frame));
  EXPECT_TRUE(put_line(ring, std::string(half, '2'), half));
  EXPECT_FALSE(put_line(ring, "no room", 7));
  EXPECT_FALSE(put_record(ring, "no room", 7));
  EXPECT_EQ(next(ring), "record: " + std::string(in_frame, '1'));
  EXPECT_TRUE(put_line(ring, "short", half));
  EXPECT_FALSE(put_line(ring, "not before its end", half)) << "the longest would not fit";
  EXPECT_EQ(next(ring), "lines: " + std::string(half, '2'));
  EXPECT_EQ(next(ring), "lines: short");
  EXPECT_TRUE(ring.empty());
  EXPECT_TRUE(put_line(ring, "at its beginning", half));
  EXPECT_EQ(next(ring), "lines: at its beginning");
}

/// Whatever lies where the ring ends, frames that do not fit there included.
TEST(access_log_ring, keeps_all_of_it_in_order_around_its_end) {
  std::mt19937 random(1);
  log_ring ring(128);
  std::deque<std::string> expected;  // lines that follow each other are one
  bool last_is_lines = false;
  std::size_t refused = 0;
  std::size_t taken = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::size_t size = 1 + random() % 24;
    const std::size_t longest = size + random() % 8;
    const std::string text(size, static_cast<char>('a' + i % 26));
    const bool is_line = random() % 3 != 0;
    if (is_line ? put_line(ring, text, longest) : put_record(ring, text, longest)) {
      if (!expected.empty() && is_line && last_is_lines) {
        expected.back() += text;
      } else {
        expected.push_back((is_line ? "lines: " : "record: ") + text);
      }
      last_is_lines = is_line;
    } else {
      ++refused;
    }
    if (random() % 4 != 0) continue;
    // Lines before and behind the ring's end are two pieces.
    while (!expected.empty()) {
      std::string found = next(ring);
      while (found.size() < expected.front().size()) {
        const std::string more = next(ring);
        ASSERT_TRUE(more.starts_with("lines: ")) << i << ' ' << more;
        found += more.substr(std::string_view{"lines: "}.size());
      }
      ASSERT_EQ(found, expected.front()) << i;
      expected.pop_front();
      ++taken;
    }
    ASSERT_TRUE(ring.empty());
    EXPECT_EQ(next(ring), "nothing");
  }
  EXPECT_GT(refused, 1'000U);
  EXPECT_GT(taken, 10'000U);
}

}  // namespace
}  // namespace gatehouse::detail::server
