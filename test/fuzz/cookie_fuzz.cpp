// Cookies are in the text, in order, and none holds what separates them.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/http/cookie.hpp>

#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using test::require;
  const auto input = test::guarded_text(data, size);
  if (!input) return 0;
  const std::string_view text = *input;

  const char* at = text.data();
  for_each_cookie(text, [&](std::string_view name, std::string_view value) {
    require(name.data() >= at && value.data() >= name.data() + name.size());
    require(value.data() + value.size() <= text.data() + text.size());
    require(!name.empty() && name.find_first_of("=;") == std::string_view::npos);
    require(value.find(';') == std::string_view::npos);
    require(ascii::trim(name) == name && ascii::trim(value) == value);
    require(find_cookie(text, name).count >= 1);
    at = value.data() + value.size();
  });
  return 0;
}
