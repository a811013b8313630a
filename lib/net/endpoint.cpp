#include <gatehouse/net/endpoint.hpp>

#include <limits>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  if (text.size() > 5 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  const auto number = ascii::parse_decimal(text);
  if (!number || *number > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

/// What stands before the port; empty means "this machine only", since nothing is opened to the network by leaving it
/// out.
std::optional<ip_address> parse_address(std::string_view text) noexcept {
  if (text.empty()) return ip_address::v4({127, 0, 0, 1});
  if (text.front() != '[') {
    const auto address = ip_address::parse(text);
    return address && address->is_v4() && text.find(':') == std::string_view::npos ? address : std::nullopt;
  }
  if (text.back() != ']' || text.find(':') == std::string_view::npos) return std::nullopt;
  return ip_address::parse(text.substr(1, text.size() - 2));
}

}  // namespace

std::optional<endpoint> endpoint::parse(std::string_view text) noexcept {
  const std::size_t colon = text.rfind(':');
  const bool port_only = colon == std::string_view::npos;
  const auto at = parse_address(port_only ? std::string_view{} : text.substr(0, colon));
  const auto number = parse_port(port_only ? text : text.substr(colon + 1));
  if (!at || !number) return std::nullopt;
  return endpoint{.address = *at, .port = *number};
}

std::string endpoint::to_string() const {
  const std::string host = address.to_string();
  return (address.is_v6() ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

}  // namespace gatehouse
