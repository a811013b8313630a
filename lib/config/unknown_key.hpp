#pragma once

#include <string>
#include <string_view>

#include <gatehouse/base/config_error.hpp>

namespace gatehouse::detail::config {

/// What to say about a key (or section) that is in no table of ours: what it was most likely meant to be. `section` is
/// empty at the top of the file; `is_section`: it holds keys itself.
[[nodiscard]] config_error unknown_key(std::string_view section, std::string_view name, bool is_section);

/// What to say about a key of a later version, with its full path.
[[nodiscard]] config_error not_available_yet(std::string_view key);

/// The key of ours, with its full path, that another tool calls `name`; else empty. May be a planned key.
[[nodiscard]] std::string_view synonym_of(std::string_view name);

}  // namespace gatehouse::detail::config
