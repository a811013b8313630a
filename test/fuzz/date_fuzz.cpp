// Read: written in the one form that we send, it is read as the same again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/http/date.hpp>

#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using test::require;
  const auto input = test::guarded_text(data, size);
  if (!input) return 0;
  const std::string_view text = *input;

  const system_time now{seconds{1'700'000'000}};
  const auto parsed = parse_http_date(text, now);
  if (!parsed) return 0;
  require(text.size() >= 24 && text.size() <= 33);
  std::string written(http_date_size, '\0');
  write_http_date(*parsed, written.data());
  require(parse_http_date(written, now) == parsed);
  return 0;
}
