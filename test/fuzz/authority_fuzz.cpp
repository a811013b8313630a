// Accepted: made of its parts and nothing else, read again as the same, the same host as itself in any case, and
// without a byte that could end a field or a URL's authority.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/http/authority.hpp>

#include "fuzz_input.hpp"

namespace {

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
  using gatehouse::test::require;
  const auto input = gatehouse::test::guarded_text(data, size);
  if (!input) return 0;
  const std::string_view text = *input;

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
