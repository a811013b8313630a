#pragma once
// HTTP-version SP status-code SP [ reason-phrase ] (RFC 9112 section 4).

#include <optional>
#include <string_view>

#include <gatehouse/http/request_head.hpp>
#include <gatehouse/http/status.hpp>

namespace gatehouse::detail::wire {

struct status_line {
  http_version version = http_version::http_1_1;
  gatehouse::status status = gatehouse::status::ok;
  std::string_view phrase;
};

/// Nothing when it is malformed, of another version than 1.0 and 1.1, or the status is outside 100 to 599.
[[nodiscard]] std::optional<status_line> read_status_line(std::string_view line) noexcept;

}  // namespace gatehouse::detail::wire
