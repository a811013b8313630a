// Addresses and ranges. Property: what is accepted is exactly what the C library accepts (which reads the same strict
// forms), means the same, and survives its own text.
#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/base/ip_address.hpp>

namespace {

using gatehouse::ip_address;
using gatehouse::ip_range;

std::optional<ip_address> parse_with_libc(std::string_view text) {
  if (text.find('\0') != std::string_view::npos || text.size() > ip_address::max_text) return std::nullopt;
  const std::string terminated(text);
  std::array<std::uint8_t, 4> v4{};
  if (inet_pton(AF_INET, terminated.c_str(), v4.data()) == 1) return ip_address::v4(v4);
  std::array<std::uint8_t, 16> v6{};
  if (inet_pton(AF_INET6, terminated.c_str(), v6.data()) == 1) return ip_address::v6(v6);
  return std::nullopt;
}

void survives_its_text(const ip_address& address) {
  char text[ip_address::max_text];
  const std::size_t size = address.write(text);
  GATEHOUSE_ASSERT(size <= 39);
  GATEHOUSE_ASSERT(ip_address::parse({text, size}) == address);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto address = ip_address::parse(text);
  GATEHOUSE_ASSERT(address == parse_with_libc(text));
  if (address) survives_its_text(*address);

  if (const auto range = ip_range::parse(text)) {
    GATEHOUSE_ASSERT(ip_range::parse(range->to_string()) == range);
    const auto network = ip_address::parse(text.substr(0, text.find('/')));
    GATEHOUSE_ASSERT(network && range->contains(*network));
  }
  return 0;
}
