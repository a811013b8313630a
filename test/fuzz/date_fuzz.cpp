// Read: written in the one form that we send, it is read as the same again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <gatehouse/http/date.hpp>

#include "guard_page.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  if (size > 4096) return 0;
  static gatehouse::test::guard_page page{4096};
  const auto placed = page.place({reinterpret_cast<const char*>(data), size});
  const std::string_view text{placed.data(), placed.size()};

  const system_time now{seconds{1'700'000'000}};
  const auto parsed = parse_http_date(text, now);
  if (!parsed) return 0;
  require(text.size() >= 24 && text.size() <= 33);
  std::string written(http_date_size, '\0');
  write_http_date(*parsed, written.data());
  require(parse_http_date(written, now) == parsed);
  return 0;
}
