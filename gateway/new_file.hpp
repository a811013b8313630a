#pragma once

#include <string>
#include <string_view>

namespace gatehouse::program {

/// Writes a file that is not there yet. 0, or the errno of what failed: EEXIST when there is one, which stays as it is.
[[nodiscard]] int write_new_file(const std::string& path, std::string_view text);

}  // namespace gatehouse::program
