#include "malloc_counter.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

// A counter that misses allocations would make every "0 allocations" test pass.
namespace gatehouse::test {
namespace {

/// The optimiser may remove an allocation whose memory nobody uses.
void keep(const void* p) { asm volatile("" : : "r"(p) : "memory"); }

TEST(malloc_counter_test, counts_every_way_to_allocate) {
  struct alignas(64) aligned {
    char bytes[64];
  };
  const malloc_counter here;
  std::uint64_t want = 0;
  const auto expect_one_more = [&](const void* p) {
    keep(p);
    EXPECT_EQ(here.count(), ++want);
  };
  const auto number = std::make_unique<int>(1);
  expect_one_more(number.get());
  const auto array = std::make_unique<char[]>(100);
  expect_one_more(array.get());
  const auto over_aligned = std::make_unique<aligned>();
  expect_one_more(over_aligned.get());
  const std::string text(100, 'x');
  expect_one_more(text.data());
  void* block = std::malloc(10);
  expect_one_more(block);
  block = std::realloc(block, 10'000);
  expect_one_more(block);
  std::free(block);
  block = std::calloc(3, 3);
  expect_one_more(block);
  std::free(block);
  block = std::aligned_alloc(64, 64);
  expect_one_more(block);
  std::free(block);
}

TEST(malloc_counter_test, counts_what_the_standard_library_allocates_inside) {
  std::string text = "short";
  const malloc_counter here;
  text.append(1'000, 'x');  // in libstdc++.so
  keep(text.data());
  EXPECT_EQ(here.count(), 1U);
}

TEST(malloc_counter_test, no_allocation_is_no_allocation) {
  std::string text = "short";
  const malloc_counter here;
  text += "er";
  keep(text.data());
  EXPECT_EQ(here.count(), 0U);
}

TEST(malloc_counter_test, other_threads_count_only_when_asked_for) {
  std::atomic<bool> go{false};
  std::thread other([&go] {
    while (!go) std::this_thread::yield();
    keep(std::make_unique<int>(1).get());
  });
  const malloc_counter here;
  const malloc_counter all(malloc_counter::every_thread);
  go = true;
  other.join();
  EXPECT_EQ(here.count(), 0U);
  EXPECT_GE(all.count(), 1U);
}

}  // namespace
}  // namespace gatehouse::test
