#include "latest_ring.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse::detail::server {
namespace {

std::vector<std::string> all_of(const latest_ring& ring) {
  std::vector<std::string> out;
  std::vector<char> copy(ring.longest());
  ring.each(copy, [&](std::span<const char> m) { out.emplace_back(m.data(), m.size()); });
  return out;
}

TEST(latest_ring, what_was_put_is_there_the_oldest_first) {
  latest_ring ring(256);
  EXPECT_TRUE(all_of(ring).empty());
  for (const std::string text : {"one", "", "exactly8", "a message over several words"}) ring.put(text);
  EXPECT_EQ(all_of(ring), (std::vector<std::string>{"one", "", "exactly8", "a message over several words"}));
}

TEST(latest_ring, the_oldest_make_way) {
  latest_ring ring(256);
  std::vector<std::string> put;
  for (int i = 0; i < 1'000; ++i) {
    put.push_back("message " + std::to_string(i) + std::string(static_cast<std::size_t>(i % 40), '.'));
    ring.put(put.back());
    const auto there = all_of(ring);
    ASSERT_FALSE(there.empty());
    ASSERT_LE(there.size(), put.size());
    // All that is there is the end of what was put, without a gap.
    EXPECT_TRUE(std::equal(there.rbegin(), there.rend(), put.rbegin()));
  }
}

TEST(latest_ring, two_of_the_longest_fit) {
  latest_ring ring(256);
  const std::string longest(ring.longest(), 'x');
  ring.put(std::string{"small"});
  ring.put(longest);
  ring.put(longest);
  EXPECT_EQ(all_of(ring), (std::vector<std::string>{longest, longest}));
}

/// A message of one repeated number, of a length that follows from it: a torn one is seen.
struct checked_message {
  explicit checked_message(std::uint64_t number) : words(1 + number % 7, number) {}
  std::vector<std::uint64_t> words;
  [[nodiscard]] std::span<const char> bytes() const {
    return {reinterpret_cast<const char*>(words.data()), words.size() * sizeof(std::uint64_t)};
  }
  static bool is_whole(std::span<const char> m) {
    std::uint64_t number = 0;
    std::memcpy(&number, m.data(), sizeof(number));
    const checked_message want(number);
    return m.size() == want.bytes().size() && std::memcmp(m.data(), want.bytes().data(), m.size()) == 0;
  }
};

TEST(latest_ring, a_reader_never_sees_half_a_message) {
  constexpr int enough = 20'000;
  latest_ring ring(512);
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (std::uint64_t i = 1; !done.load(); ++i) ring.put(checked_message(i).bytes());
  });
  std::vector<char> copy(ring.longest());
  for (int seen = 0; seen < enough;) {
    std::uint64_t last = 0;
    ring.each(copy, [&](std::span<const char> m) {
      ++seen;
      EXPECT_TRUE(checked_message::is_whole(m));
      std::uint64_t number = 0;
      std::memcpy(&number, m.data(), sizeof(number));
      EXPECT_GT(number, last);
      last = number;
    });
  }
  done.store(true);
  writer.join();
}

}  // namespace
}  // namespace gatehouse::detail::server
