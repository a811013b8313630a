#include <gatehouse/http/field.hpp>

#include <gtest/gtest.h>

#include <cctype>
#include <string>

namespace gatehouse {
namespace {

TEST(field, every_known_name_is_found_in_any_case) {
  for (std::size_t i = 0; i < known_field_count; ++i) {
    const auto id = static_cast<field>(i);
    std::string upper{name(id)};
    std::string lower{name(id)};
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_EQ(find_field(name(id)), id) << name(id);
    EXPECT_EQ(find_field(upper), id) << upper;
    EXPECT_EQ(find_field(lower), id) << lower;
  }
}

TEST(field, no_byte_can_stand_for_another) {
  for (std::size_t i = 0; i < known_field_count; ++i) {
    const std::string known{name(static_cast<field>(i))};
    for (std::size_t at = 0; at < known.size(); ++at) {
      for (unsigned byte = 0; byte < 256; ++byte) {
        std::string changed = known;
        changed[at] = static_cast<char>(static_cast<unsigned char>(byte));
        const bool same_letter = std::isalpha(static_cast<unsigned char>(known[at])) != 0 &&
                                 (changed[at] ^ known[at]) == 0x20;
        if (changed[at] == known[at] || same_letter) continue;
        ASSERT_NE(find_field(changed), static_cast<field>(i)) << changed;
      }
    }
  }
}

TEST(field, longer_and_shorter_names_are_others) {
  for (std::size_t i = 0; i < known_field_count; ++i) {
    const std::string known{name(static_cast<field>(i))};
    EXPECT_NE(find_field(known + "x"), static_cast<field>(i)) << known;
    EXPECT_NE(find_field("x" + known), static_cast<field>(i)) << known;
    EXPECT_NE(find_field(known.substr(1)), static_cast<field>(i)) << known;
    EXPECT_NE(find_field(known.substr(0, known.size() - 1)), static_cast<field>(i)) << known;
  }
  EXPECT_EQ(find_field(""), field::other);
  EXPECT_EQ(find_field(std::string(1000, 'a')), field::other);
}

}  // namespace
}  // namespace gatehouse
