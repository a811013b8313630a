#include "blocking_pool.hpp"

#include <atomic>
#include <semaphore>

#include <gtest/gtest.h>

namespace gatehouse::detail::server {
namespace {

using namespace std::chrono_literals;

TEST(blocking_pool, takes_what_threads_and_queue_hold) {
  std::counting_semaphore<8> begun{0};
  std::counting_semaphore<8> go{0};
  std::counting_semaphore<8> done{0};
  blocking_pool pool{2, 3};
  const auto work = [&] {
    begun.release();
    go.acquire();
    done.release();
  };
  EXPECT_TRUE(pool.submit(work));
  EXPECT_TRUE(pool.submit(work));
  begun.acquire();
  begun.acquire();  // both threads are busy
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.submit(work)) << i;
  EXPECT_FALSE(pool.submit(work));
  go.release(5);
  for (int i = 0; i < 5; ++i) done.acquire();
  go.release();
  EXPECT_TRUE(pool.submit(work)) << "there is room again";
  EXPECT_TRUE(pool.stop(10s));
}

TEST(blocking_pool, stopping_drops_what_waits_and_says_what_still_runs) {
  std::binary_semaphore begun{0};
  std::binary_semaphore go{0};
  std::atomic<int> ran = 0;
  blocking_pool pool{1, 8};
  EXPECT_TRUE(pool.submit([&] {
    begun.release();
    go.acquire();
    ++ran;
  }));
  begun.acquire();
  EXPECT_TRUE(pool.submit([&] { ++ran; }));
  EXPECT_FALSE(pool.stop(10ms)) << "one runs";
  EXPECT_FALSE(pool.submit([&] { ++ran; })) << "it takes no more";
  go.release();
  EXPECT_TRUE(pool.stop(10s));
  EXPECT_EQ(ran, 1);
}

TEST(blocking_pool, without_work_has_nothing_to_stop) {
  blocking_pool pool{4, 4};
  EXPECT_TRUE(pool.stop(0ms));
}

}  // namespace
}  // namespace gatehouse::detail::server
