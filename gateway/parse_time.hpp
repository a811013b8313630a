#pragma once

#include <optional>
#include <string_view>

#include <gatehouse/base/clock.hpp>

namespace gatehouse::program {

/// "2026-01-31T12:00:00Z", also with ".123" before the Z (RFC 3339, as the log has it). Nothing for anything else.
[[nodiscard]] std::optional<system_time> parse_time(std::string_view text) noexcept;

}  // namespace gatehouse::program
