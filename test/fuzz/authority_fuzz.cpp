// Accepted: made of its parts and nothing else, read again as the same, the same host as itself in any case, and
// without a byte that could end a field or a URL's authority.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <gatehouse/http/authority.hpp>

#include "guard_page.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

std::string in_upper_case(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 0x20);
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using gatehouse::authority;
  if (size > 4096) return 0;
  static gatehouse::test::guard_page page{4096};
  const auto placed = page.place({reinterpret_cast<const char*>(data), size});
  const std::string_view text{placed.data(), placed.size()};

  const auto parsed = authority::parse(text);
  if (!parsed) return 0;
  require(!parsed->host.empty() && text.starts_with(parsed->host));
  const std::string port = parsed->port ? ":" + std::to_string(*parsed->port) : "";
  require(std::string{parsed->host} + port == text);
  require(text.find_first_of(std::string_view{"\r\n\0 /?#@\\%,", 11}) == std::string_view::npos);
  require(parsed->text == text);
  const std::string upper = in_upper_case(text);
  const auto in_capitals = authority::parse(upper);
  require(in_capitals && same_host(*parsed, *in_capitals) && in_capitals->is_loopback() == parsed->is_loopback());
  const auto host_alone = authority::parse(parsed->host);
  require(host_alone && host_alone->host == parsed->host && !host_alone->port);
  return 0;
}
