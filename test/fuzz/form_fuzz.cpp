// Split: joined again, it is split into the same; within the limits, and nothing but what was sent.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/http/form.hpp>

#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using test::require;
  const auto input = test::guarded_text(data, size);
  if (!input) return 0;
  const std::string_view text = *input;

  const form_limits bounds{.fields = 8, .files = 2, .field_bytes = 64};
  const auto pairs = parse_urlencoded(text, bounds);
  if (!pairs) return 0;
  require(pairs->size() <= bounds.fields);
  std::string joined;
  for (const form_pair& p : *pairs) {
    require(p.name.size() <= bounds.field_bytes && p.value.size() <= bounds.field_bytes);
    require(p.name.find_first_of("&=") == std::string_view::npos && p.value.find('&') == std::string_view::npos);
    joined.append(p.name).append("=").append(p.value).append("&");
  }
  const auto again = parse_urlencoded(joined, bounds);
  require(again && again->size() == pairs->size());
  for (std::size_t i = 0; i < pairs->size(); ++i) {
    require((*again)[i].name == (*pairs)[i].name && (*again)[i].value == (*pairs)[i].value);
  }
  return 0;
}
