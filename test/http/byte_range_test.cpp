#include <gatehouse/http/byte_range.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

std::string asked(std::string_view value, std::uint64_t size) {
  const byte_ranges r = parse_byte_ranges(value, size);
  if (r.what == byte_ranges::kind::ignored) return "ignored";
  if (r.what == byte_ranges::kind::unsatisfiable) return "unsatisfiable";
  std::string all;
  for (std::size_t i = 0; i < r.count; ++i) {
    all += (i == 0 ? "" : ",") + std::to_string(r.all[i].first) + "-" + std::to_string(r.all[i].last);
  }
  return all;
}

TEST(byte_range, is_read) {
  struct {
    const char* name;
    std::string value;
    const char* want;
    std::uint64_t size = 10;
  } const rows[] = {
      {"the first bytes", "bytes=0-3", "0-3"},
      {"one byte", "bytes=9-9", "9-9"},
      {"from a position on", "bytes=4-", "4-9"},
      {"the last bytes", "bytes=-3", "7-9"},
      {"more than there is", "bytes=4-99", "4-9"},
      {"more last bytes than there are", "bytes=-99", "0-9"},
      {"all", "bytes=0-", "0-9"},
      {"the unit in any case", "Bytes=0-1", "0-1"},
      {"a number beyond 64 bits", "bytes=1-99999999999999999999999", "1-9"},
      {"leading zeros", "bytes=000-001", "0-1"},
      {"several", "bytes=0-1,5-6", "0-1,5-6"},
      {"several, with spaces and empty elements", "bytes=0-1, ,\t5-6,", "0-1,5-6"},
      {"not in order", "bytes=5-6,0-1", "0-1,5-6"},
      {"overlapping ones are joined", "bytes=0-4,2-6", "0-6"},
      {"touching ones are joined", "bytes=0-4,5-6", "0-6"},
      {"one inside of another", "bytes=0-8,2-3", "0-8"},
      {"the same one twice", "bytes=2-3,2-3", "2-3"},
      {"one of two behind the end", "bytes=0-1,20-30", "0-1"},
      {"ten", "bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,9-9", "0-0,9-9"},
      {"eleven", "bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,9-9", "ignored"},
      {"behind the end", "bytes=10-", "unsatisfiable"},
      {"no last bytes", "bytes=-0", "unsatisfiable"},
      {"of nothing", "bytes=0-", "unsatisfiable", 0},
      {"the last of nothing", "bytes=-1", "unsatisfiable", 0},
      {"no unit", "0-3", "ignored"},
      {"another unit", "pages=0-3", "ignored"},
      {"nothing", "bytes=", "ignored"},
      {"empty", "", "ignored"},
      {"only commas", "bytes=,,", "ignored"},
      {"backwards", "bytes=3-0", "ignored"},
      {"one of two backwards", "bytes=0-1,3-2", "ignored"},
      {"no number", "bytes=a-b", "ignored"},
      {"no dash", "bytes=5", "ignored"},
      {"only a dash", "bytes=-", "ignored"},
      {"a sign", "bytes=+1-2", "ignored"},
      {"two dashes", "bytes=--1", "ignored"},
      {"a space inside", "bytes=0 -3", "ignored"},
      {"hexadecimal", "bytes=0x0-3", "ignored"},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    EXPECT_EQ(asked(r.value, r.size), r.want);
  }
}

}  // namespace
}  // namespace gatehouse
