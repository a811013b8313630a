#include <gatehouse/base/byte_words.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gatehouse {
namespace {

TEST(byte_words_test, a_few_bytes_and_none_behind_them) {
  for (std::size_t size = 0; size < 8; ++size) {
    std::vector<char> bytes(size);  // of this size, for the address sanitizer
    std::uint64_t want = 0;
    for (std::size_t i = 0; i < size; ++i) {
      bytes[i] = static_cast<char>(0x81 + i);
      want |= std::uint64_t{0x81 + i} << (8 * i);
    }
    EXPECT_EQ(byte_words::load_few(bytes.data(), size), want) << size;
  }
}

}  // namespace
}  // namespace gatehouse
