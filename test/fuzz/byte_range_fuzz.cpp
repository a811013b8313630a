// Obeyed: at most ten ranges, ascending, apart from each other, inside of the representation; written as a field, they
// are read as the same again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/http/byte_range.hpp>

#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using test::require;
  const auto input = test::guarded_text(data, size);
  if (!input) return 0;
  const std::string_view text = *input;

  for (const std::uint64_t length :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, std::uint64_t{1} << 50U}) {
    const byte_ranges r = parse_byte_ranges(text, length);
    if (r.what != byte_ranges::kind::some) continue;
    require(r.count >= 1 && r.count <= max_byte_ranges);
    std::string written = "bytes=";
    for (std::size_t i = 0; i < r.count; ++i) {
      require(r.all[i].first <= r.all[i].last && r.all[i].last < length);
      require(i == 0 || r.all[i].first > r.all[i - 1].last + 1);
      written += std::to_string(r.all[i].first) + "-" + std::to_string(r.all[i].last) + ",";
    }
    const byte_ranges again = parse_byte_ranges(written, length);
    require(again.what == r.what && again.count == r.count);
    for (std::size_t i = 0; i < r.count; ++i) require(again.all[i] == r.all[i]);
  }
  return 0;
}
