#pragma once

#include <string>

#include <gatehouse/base/config_error.hpp>

namespace gatehouse::detail::server {

/// All errors as one block of lines for a person.
[[nodiscard]] std::string describe(const config_errors& errors);

}  // namespace gatehouse::detail::server
