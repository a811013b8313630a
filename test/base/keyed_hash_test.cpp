#include <gatehouse/base/keyed_hash.hpp>

#include <gtest/gtest.h>

#include <numeric>

namespace gatehouse {
namespace {

constexpr std::uint64_t vectors[] = {
#include "keyed_hash_vectors.inc"
};

TEST(keyed_hash_test, agrees_with_the_reference_vectors) {
  const keyed_hash hash(keyed_hash::key{0x0706050403020100U, 0x0f0e0d0c0b0a0908U});
  std::array<std::uint8_t, 64> input{};
  std::iota(input.begin(), input.end(), std::uint8_t{0});
  static_assert(std::size(vectors) == 64);
  for (std::size_t size = 0; size < 64; ++size) {
    EXPECT_EQ(hash(std::span<const std::uint8_t>(input).first(size)), vectors[size]) << size;
  }
}

TEST(keyed_hash_test, text_is_its_bytes_and_the_key_matters) {
  const std::string_view text = "\xff\x80 a";
  const std::array<std::uint8_t, 4> bytes{0xff, 0x80, ' ', 'a'};
  EXPECT_EQ(keyed_hash({1, 2})(text), keyed_hash({1, 2})(bytes));
  EXPECT_NE(keyed_hash({1, 2})(text), keyed_hash({2, 1})(text));
  EXPECT_EQ(keyed_hash({1, 2})(std::string_view{}), keyed_hash({1, 2})(""));
}

}  // namespace
}  // namespace gatehouse
