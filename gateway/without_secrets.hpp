#pragma once

#include <string>
#include <string_view>

#include <gatehouse/http/request_head.hpp>

namespace gatehouse::program {

/// `text` with "***" in place of what the request carried and the log must not: values of its fields (but those that
/// tell of no person: a list of what may stay), its credentials and cookies one by one, and values of its query. For
/// error pages that repeat their request. Found as they were sent: what the API decoded or escaped is not.
[[nodiscard]] std::string without_secrets(std::string_view text, const request_head& request);

}  // namespace gatehouse::program
