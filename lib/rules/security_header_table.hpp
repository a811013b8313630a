#pragma once
// Which security headers there are, what each profile says in them, and who wins when the application sends its own.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <gatehouse/http/field.hpp>
#include <gatehouse/rules/security_headers.hpp>

#include "header_values.hpp"

namespace gatehouse::detail::rules {

/// In the order of security_header::values.
enum class header_profile : std::uint8_t { api, strict, spa, page, helmet };
inline constexpr std::size_t header_profile_count = 5;

struct profile_name {
  std::string_view latest;
  std::string_view version;  // what `latest` stands for today
};
inline constexpr profile_name profile_names[header_profile_count] = {
    {"api", "api-1"}, {"strict", "strict-1"}, {"spa", "spa-1"}, {"page", "page-1"}, {"helmet", "helmet-8"}};

/// Towards what the application sent of a header.
enum class header_mode : std::uint8_t {
  overridden,  ///< by ours
  if_absent,   ///< it stays, and ours is not sent
  removed,     ///< and ours is not sent either
};

/// How often a header may be there.
enum class header_lines : std::uint8_t {
  one,   ///< of two lines browsers make something they do not know, and ignore it
  many,  ///< a list: lines are joined, or each counts
};

struct security_header {
  field id;
  /// Its configuration key below `headers`; null for the few that have none.
  const char* key;
  std::optional<std::string> security_headers_config::* configured;
  checked_value (*check)(std::string_view);
  header_mode mode;
  header_lines lines;
  /// Per profile; empty: it is not sent.
  std::string_view values[header_profile_count];
};

[[nodiscard]] std::span<const security_header> security_header_table() noexcept;

/// At the end of a profile's policy: it is only sent where Strict-Transport-Security is.
inline constexpr std::string_view upgrade_insecure_requests = ";upgrade-insecure-requests";

}  // namespace gatehouse::detail::rules
