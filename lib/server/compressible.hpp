#pragma once

#include <string_view>

namespace gatehouse::detail::server {

/// Whether content of this type ("application/json; charset=utf-8") gets smaller: text in whatever syntax.
[[nodiscard]] bool is_compressible(std::string_view media_type) noexcept;

}  // namespace gatehouse::detail::server
