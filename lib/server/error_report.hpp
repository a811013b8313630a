#pragma once

#include <string>

#include <gatehouse/base/config_error.hpp>

namespace gatehouse::detail::server {

/// All errors as one block of lines for a person.
[[nodiscard]] std::string describe(const config_errors& errors);

/// Adds `text` without control bytes, which a terminal would obey.
void append_printable(std::string& out, std::string_view text);

}  // namespace gatehouse::detail::server
