// All implementations of the two searches against the one that goes byte by byte, at every length and place, in memory
// that ends at a guard page.
#include "scan.hpp"

#include <gtest/gtest.h>

#include <string>

#include "guard_page.hpp"

namespace gatehouse::detail::wire {
namespace {

template <typename Scan>
class scan : public testing::Test {};
#if defined(__SSE2__)
using implementations = testing::Types<scan_bytes, scan_words, scan_sse2>;
#else
using implementations = testing::Types<scan_bytes, scan_words>;
#endif
TYPED_TEST_SUITE(scan, implementations);

/// The first control byte, or `end`.
template <typename Scan>
const char* first_control(const char* begin, const char* end) {
  return for_each_control<Scan>(begin, end, [](const char*) { return false; });
}

constexpr std::size_t longest = 70;  // four blocks of sixteen and a rest

TYPED_TEST(scan, finds_every_byte_that_it_should_and_no_other) {
  test::guard_page page{longest};
  for (unsigned byte = 0; byte < 256; ++byte) {
    const auto c = static_cast<char>(static_cast<unsigned char>(byte));
    const bool control = (byte < 0x20 && byte != 0x09) || byte == 0x7f;
    for (std::size_t size = 1; size <= longest; size += 3) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, 'x');
        text[at] = c;
        const auto placed = page.place(text);
        const char* const begin = placed.data();
        const char* const end = begin + size;
        ASSERT_EQ(first_control<TypeParam>(begin, end) - begin, static_cast<std::ptrdiff_t>(control ? at : size))
            << byte;
        ASSERT_EQ(TypeParam::colon(begin, end) - begin, static_cast<std::ptrdiff_t>(c == ':' ? at : size)) << byte;
      }
    }
  }
}

TYPED_TEST(scan, finds_the_first_of_several_behind_tabs) {
  test::guard_page page{longest};
  for (std::size_t at = 0; at + 1 < longest; ++at) {
    std::string text(longest, '\t');
    text[at] = '\r';
    text[at + 1] = ':';
    text.back() = '\x7f';
    if (at + 2 == longest) text[at + 1] = ':';
    const auto placed = page.place(text);
    EXPECT_EQ(first_control<TypeParam>(placed.data(), placed.data() + longest) - placed.data(),
              static_cast<std::ptrdiff_t>(at));
    if (at + 2 < longest) {
      EXPECT_EQ(TypeParam::colon(placed.data(), placed.data() + longest) - placed.data(),
                static_cast<std::ptrdiff_t>(at + 1));
    }
  }
}

TYPED_TEST(scan, of_nothing_is_its_end) {
  test::guard_page page{1};
  const auto placed = page.place("");
  EXPECT_EQ(first_control<TypeParam>(placed.data(), placed.data()), placed.data());
  EXPECT_EQ(TypeParam::colon(placed.data(), placed.data()), placed.data());
}

}  // namespace
}  // namespace gatehouse::detail::wire
