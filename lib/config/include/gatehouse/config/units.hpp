#pragma once
// Sizes and durations as people write them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

/// "1MiB", "64KiB", "512B", "4096": bytes. Exactly these spellings; what else it may have been meant to be, see
/// `meant_size`.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text) noexcept;
/// "250ms", "10s", "1m", "1h": milliseconds.
[[nodiscard]] std::optional<std::uint64_t> parse_duration(std::string_view text) noexcept;

/// The right spelling of "1mb", "1 MiB", "100k", "1.5MiB"…, or empty. Express's "1mb" is 1024 × 1024 bytes, and so is
/// ours.
[[nodiscard]] std::string meant_size(std::string_view text);
/// The right spelling of "10 sec", "5min", "1.5s", "2 hours"…, or empty.
[[nodiscard]] std::string meant_duration(std::string_view text);

/// The shortest exact spelling.
[[nodiscard]] std::string size_text(std::uint64_t bytes);
[[nodiscard]] std::string duration_text(std::uint64_t milliseconds);

}  // namespace gatehouse
