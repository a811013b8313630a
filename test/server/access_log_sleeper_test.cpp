// The log's thread sleeps as soon as its rings are empty: nothing that is put while it falls asleep may be left lying.
#include "access_log_sleeper.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "access_log_ring.hpp"

namespace gatehouse::detail::server {
namespace {

using namespace std::chrono_literals;

/// Takes what is in two rings, counts it, and sleeps whenever there is nothing.
struct taker {
  void run() {
    while (!stop.load()) {
      bool found = false;
      for (log_ring& r : rings) {
        for (auto piece = r.peek(r.end(), 4096); !piece.bytes.empty(); piece = r.peek(r.end(), 4096)) {
          r.release(piece);
          found = true;
          taken.fetch_add(static_cast<int>(piece.bytes.size()));
        }
      }
      if (!found) {
        sleep.sleep_unless([this] { return stop.load() || !rings[0].empty() || !rings[1].empty(); });
      }
    }
  }

  std::array<log_ring, 2> rings{log_ring{4096}, log_ring{4096}};
  sleeper sleep;
  std::atomic<bool> stop{false};
  std::atomic<int> taken{0};
};

bool put(log_ring& ring) {
  const auto space = ring.reserve_line(1);
  if (space.empty()) return false;
  space.front() = '\n';
  ring.commit_line(1);
  return true;
}

bool until_taken(const taker& t, int count) {
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (t.taken.load() < count) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(access_log_sleeper, one_message_at_a_time_always_wakes_it) {
  taker t;
  std::thread thread([&] { t.run(); });
  constexpr int count = 5'000;  // each is put just when the thread has taken the last one and is about to sleep
  for (int i = 1; i <= count; ++i) {
    ASSERT_TRUE(put(t.rings[0]));
    t.sleep.wake();
    const bool taken = until_taken(t, i);
    EXPECT_TRUE(taken) << "lost wake-up at " << i;
    if (!taken) break;
  }
  t.stop.store(true);
  t.sleep.wake();
  thread.join();
}

TEST(access_log_sleeper, two_that_put_at_once_lose_nothing) {
  taker t;
  std::thread thread([&] { t.run(); });
  constexpr int each = 5'000;
  std::vector<std::thread> putting;
  for (log_ring& r : t.rings) {
    putting.emplace_back([&] {
      for (int i = 0; i < each;) {
        if (put(r)) ++i;
        t.sleep.wake();
      }
    });
  }
  for (std::thread& p : putting) p.join();
  EXPECT_TRUE(until_taken(t, 2 * each));
  t.stop.store(true);
  t.sleep.wake();
  thread.join();
}

}  // namespace
}  // namespace gatehouse::detail::server
