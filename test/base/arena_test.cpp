#include <gatehouse/base/arena.hpp>

#include <gtest/gtest.h>

#include <array>

namespace gatehouse {
namespace {

TEST(arena_test, hands_out_its_block_and_then_nothing) {
  alignas(16) std::array<char, 16> block{};
  arena memory{block};
  EXPECT_EQ(memory.allocate(10), block.data());
  EXPECT_EQ(memory.allocate(6), block.data() + 10);
  EXPECT_EQ(memory.left(), 0U);
  EXPECT_EQ(memory.allocate(1), nullptr);
  EXPECT_NE(memory.allocate(0), nullptr);
  memory.reset();
  EXPECT_EQ(memory.left(), 16U);
}

TEST(arena_test, aligns_and_refuses_what_fits_only_unaligned) {
  alignas(16) std::array<char, 16> block{};
  arena memory{block};
  ASSERT_NE(memory.allocate(1), nullptr);
  EXPECT_EQ(memory.allocate(8, 8), block.data() + 8);
  memory.reset();
  ASSERT_NE(memory.allocate(9), nullptr);
  EXPECT_EQ(memory.allocate(7, 8), nullptr);
  EXPECT_EQ(memory.used(), 9U);
}

TEST(arena_test, sizes_near_the_top_of_the_range_do_not_wrap) {
  std::array<char, 16> block{};
  arena memory{block};
  EXPECT_EQ(memory.allocate(SIZE_MAX), nullptr);
  EXPECT_EQ(memory.allocate(SIZE_MAX - 8, 16), nullptr);
  EXPECT_EQ(arena{}.allocate(1), nullptr);
}

TEST(arena_test, copies_text_that_fits) {
  std::array<char, 4> block{};
  arena memory{block};
  EXPECT_EQ(memory.copy("abc"), "abc");
  EXPECT_EQ(memory.copy("de").data(), nullptr);
  EXPECT_EQ(memory.copy("d"), "d");
}

}  // namespace
}  // namespace gatehouse
