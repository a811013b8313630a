// A hash under a secret key: the same for the same text, and spread for texts that a stranger chooses.
#include <gmock/gmock.h>

#include <set>
#include <string>

#include "guard_page.hpp"
#include "universal_hash.hpp"

namespace gatehouse {
namespace {

using detail::rules::ending_hash;
using detail::rules::universal_hash;

TEST(universal_hash_test, every_byte_and_the_length_count) {
  const universal_hash hash({1, 2});
  std::set<std::uint32_t> seen;
  std::size_t texts = 0;
  for (std::size_t size = 0; size <= 40; ++size) {
    std::string text(size, '\0');
    seen.insert(hash(text));
    ++texts;
    for (char& c : text) {
      c = 'x';
      seen.insert(hash(text));
      c = '\0';
      ++texts;
    }
  }
  EXPECT_EQ(seen.size(), texts);
}

TEST(universal_hash_test, another_key_is_another_hash) {
  const std::string text = "https://app.example.com";
  EXPECT_EQ(universal_hash({1, 2})(text), universal_hash({1, 2})(text));
  EXPECT_NE(universal_hash({1, 2})(text), universal_hash({1, 3})(text));
  EXPECT_NE(universal_hash({1, 2})(text), universal_hash({2, 2})(text));
}

// Any way a search can go: longer after what was found, anything down to it after what was not.
TEST(universal_hash_test, ends_of_a_text_are_hashed_as_if_each_were_a_text) {
  const universal_hash hash({1, 2});
  std::string text;
  for (std::size_t i = 0; i < 100; ++i) text += static_cast<char>('!' + i % 90);
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); ++second) {
      ending_hash ends(&hash, text);
      ASSERT_EQ(ends.of_last(second), hash(text.substr(text.size() - second)));
      ends.take_back();
      ASSERT_EQ(ends.of_last(first), hash(text.substr(text.size() - first)));
      ASSERT_EQ(ends.of_last(second), hash(text.substr(text.size() - second))) << first << ' ' << second;
    }
  }
}

TEST(universal_hash_test, reads_nothing_beside_the_text) {
  const universal_hash hash({1, 2});
  const std::string text(universal_hash::max_length, 'a');
  test::guard_page page(text.size());
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string_view part{text.data(), size};
    const auto guarded = page.place(part);
    ASSERT_EQ(hash({guarded.data(), guarded.size()}), hash(part)) << size;
  }
}

}  // namespace
}  // namespace gatehouse
