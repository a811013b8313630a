// Which targets are refused is in the conformance corpus (h1/target.md); here is what a target is taken apart into, and
// every byte in every place.
#include <gatehouse/http/target.hpp>

#include <gtest/gtest.h>

#include <string>

namespace gatehouse {
namespace {

TEST(target, parts) {
  const auto whole = origin_form::parse("/a/b?c?d/..");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->path, "/a/b");
  EXPECT_EQ(whole->query, "c?d/..");
  const auto bare = origin_form::parse("/");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->path, "/");
  EXPECT_EQ(bare->query, "");
  EXPECT_EQ(origin_form::parse("").error().why, reason::http_invalid_target);
  EXPECT_EQ(origin_form::parse("*").error().why, reason::http_invalid_target);
}

std::string accepted_bytes(std::string_view before, std::string_view behind) {
  std::string all;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const auto c = static_cast<char>(static_cast<unsigned char>(byte));
    if (origin_form::parse(std::string{before} + c + std::string{behind})) all += c;
  }
  return all;
}

TEST(target, each_byte_raw) {
  EXPECT_EQ(accepted_bytes("/a", "b"),
            "!$&'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~");
  EXPECT_EQ(accepted_bytes("/a?", "b"),
            "!\"$%&'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");
}

TEST(target, each_byte_escaped) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string accepted;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::string escape{'%', digits[byte / 16], digits[byte % 16]};
    const auto parsed = origin_form::parse("/a" + escape + "b");
    if (parsed) {
      accepted += static_cast<char>(byte);
    } else {
      EXPECT_EQ(parsed.error().why, reason::http_ambiguous_path) << escape;
    }
  }
  std::string want;
  for (char c = ' '; c < '\x7f'; ++c) {
    if (c != '/' && c != '\\' && c != '.') want += c;
  }
  EXPECT_EQ(accepted, want);
}

}  // namespace
}  // namespace gatehouse
