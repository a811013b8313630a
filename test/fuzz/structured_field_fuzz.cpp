// What parses, as item, list or dictionary, serialises; that parses to the same value and serialises to itself, and is
// fit for a field. What does not parse says where.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/http/structured_field.hpp>

#include "fuzz_input.hpp"

namespace {

using namespace gatehouse;
using test::require;

template <typename Field>
void check(std::string_view text, result<Field, structured::parse_error> (*parse)(std::string_view)) {
  const auto parsed = parse(text);
  if (!parsed) {
    require(parsed.error().offset <= text.size() && !parsed.error().expected.empty());
    return;
  }
  const auto written = structured::serialize(*parsed);
  require(written.has_value());
  for (const char c : *written) require(c >= ' ' && c <= '~');
  const auto again = parse(*written);
  require(again && *again == *parsed);
  require(structured::serialize(*again).value() == *written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = test::guarded_text(data, size);
  if (!input) return 0;
  check(*input, structured::parse_item);
  check(*input, structured::parse_list);
  check(*input, structured::parse_dictionary);
  return 0;
}
