#include <gatehouse/base/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace gatehouse {
namespace {

TEST(system_random_test, sixteen_bytes_are_never_the_same_twice) {
  system_random random;
  std::array<std::uint8_t, 1> one{};
  random.fill(one);  // so that some of them are of two times that the kernel was asked
  std::set<std::array<std::uint8_t, 16>> seen;
  for (int i = 0; i < 5'000; ++i) {
    std::array<std::uint8_t, 16> bytes{};
    random.fill(bytes);
    ASSERT_TRUE(seen.insert(bytes).second);
  }
}

TEST(system_random_test, fills_any_size_and_only_that) {
  system_random random;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{511}, std::size_t{512}, std::size_t{513}, std::size_t{5'000}}) {
    std::vector<std::uint8_t> bytes(size + 8, 0xaa);
    random.fill(std::span(bytes).first(size));
    EXPECT_TRUE(std::all_of(bytes.end() - 8, bytes.end(), [](std::uint8_t b) { return b == 0xaa; }));
    // 64 equal bytes in a row from a working generator: once in 2^504. Those that were there before are not filled.
    for (const std::uint8_t byte : {std::uint8_t{0}, std::uint8_t{0xaa}}) {
      const std::vector<std::uint8_t> run(64, byte);
      EXPECT_EQ(std::search(bytes.begin(), bytes.end() - 8, run.begin(), run.end()), bytes.end() - 8);
    }
  }
}

TEST(seeded_random_test, repeats_itself_for_one_seed_only) {
  std::array<std::uint8_t, 37> a{}, b{}, c{};
  seeded_random(1).fill(a);
  seeded_random(1).fill(b);
  seeded_random(2).fill(c);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
}

}  // namespace
}  // namespace gatehouse
