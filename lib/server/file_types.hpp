#pragma once

#include <string_view>

namespace gatehouse::detail::server {

/// The media type of a file by the extension of its name, any case; "application/octet-stream" when it is not in the
/// table. Texts are UTF-8.
[[nodiscard]] std::string_view media_type_of_file(std::string_view name) noexcept;

}  // namespace gatehouse::detail::server
