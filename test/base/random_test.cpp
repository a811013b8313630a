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
    // 64 zeros in a row from a working generator: once in 2^512.
    const std::vector<std::uint8_t> zeros(64, 0);
    EXPECT_EQ(std::search(bytes.begin(), bytes.end(), zeros.begin(), zeros.end()), bytes.end());
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
