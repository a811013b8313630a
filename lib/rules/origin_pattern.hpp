#pragma once
// One entry of cors.origins, taken apart.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/base/result.hpp>

namespace gatehouse::detail::rules {

struct origin_pattern {
  enum class ports : std::uint8_t { one, any, listed };  // one: `port`, or the scheme's own

  std::string text{};  // as written
  std::string scheme{};
  std::string host{};       // without "*."
  bool subdomains = false;  // "*." stood in front
  ports which = ports::one;
  std::optional<std::uint16_t> port{};
  std::vector<std::uint16_t> listed{};  // sorted
  std::optional<ip_address> address{};

  [[nodiscard]] bool is_exact() const noexcept { return !subdomains && which != ports::any; }
  [[nodiscard]] bool is_loopback() const noexcept;
  [[nodiscard]] bool accepts_port(std::optional<std::uint16_t> asked) const noexcept;
  /// The origins that an exact one stands for, as browsers serialise them.
  [[nodiscard]] std::vector<std::string> serialised() const;
  /// Whether this one allows everything that `other` does.
  [[nodiscard]] bool covers(const origin_pattern& other) const noexcept;
};

/// Errors: why it is none, and what was probably meant; `key` is left to the caller. "*" and "null" are not for here.
[[nodiscard]] result<origin_pattern, config_error> parse_origin_pattern(std::string_view text);

}  // namespace gatehouse::detail::rules
