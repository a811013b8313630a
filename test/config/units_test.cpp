#include <gatehouse/config/units.hpp>

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

struct size_case {
  std::string_view text;
  std::optional<std::uint64_t> bytes;
  std::string_view meant;  // for those that are none
};

constexpr size_case sizes[] = {
    {"0", 0, ""},
    {"4096", 4096, ""},
    {"17B", 17, ""},
    {"64KiB", 65'536, ""},
    {"1MiB", 1'048'576, ""},
    {"2GiB", 2'147'483'648, ""},
    {"", std::nullopt, ""},
    {"1mb", std::nullopt, "1MiB"},
    {"100k", std::nullopt, "100KiB"},
    {"1 MiB", std::nullopt, "1MiB"},
    {"1.5MB", std::nullopt, "1536KiB"},
    {"10 bytes", std::nullopt, "10B"},
    {"-1MiB", std::nullopt, ""},
    {"1MiB ", std::nullopt, "1MiB"},
    {"0x10", std::nullopt, ""},
    {"1e9", std::nullopt, ""},
    {"99999999999999999999", std::nullopt, ""},
    {"999999999999999GiB", std::nullopt, ""},
    {"nonsense", std::nullopt, ""},
};

TEST(units, sizes) {
  for (const auto& c : sizes) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(parse_size(c.text), c.bytes);
    if (c.bytes) {
      EXPECT_EQ(parse_size(size_text(*c.bytes)), c.bytes);
    } else {
      EXPECT_EQ(meant_size(c.text), c.meant);
    }
  }
}

constexpr size_case durations[] = {
    {"250ms", 250, ""},
    {"10s", 10'000, ""},
    {"1m", 60'000, ""},
    {"24h", 86'400'000, ""},
    {"0ms", 0, ""},
    {"10", std::nullopt, "10s"},
    {"10 sec", std::nullopt, "10s"},
    {"5min", std::nullopt, "5m"},
    {"1.5s", std::nullopt, "1500ms"},
    {"2 hours", std::nullopt, "2h"},
    {"1d", std::nullopt, "24h"},
    {"", std::nullopt, ""},
    {"soon", std::nullopt, ""},
    {"-5s", std::nullopt, ""},
    {"999999999999999h", std::nullopt, ""},
};

TEST(units, durations) {
  for (const auto& c : durations) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(parse_duration(c.text), c.bytes);
    if (c.bytes) {
      EXPECT_EQ(parse_duration(duration_text(*c.bytes)), c.bytes);
    } else {
      EXPECT_EQ(meant_duration(c.text), c.meant);
    }
  }
}

}  // namespace
}  // namespace gatehouse
