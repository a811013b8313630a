#pragma once

#include <optional>
#include <string>

#include <gatehouse/base/clock.hpp>

namespace gatehouse {

/// When the public suffix list was made that a CORS policy with this `public_suffix_list` asks (empty: the system's).
/// Nothing when it cannot be read or does not say. Reads the file.
[[nodiscard]] std::optional<system_time> public_suffix_list_made_at(const std::string& path);

}  // namespace gatehouse
