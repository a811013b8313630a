#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::program {

/// What to say about words of the command line that nobody asked for: one message, with what was most likely meant.
[[nodiscard]] std::string explain_unknown_command(std::string_view word);
[[nodiscard]] std::string explain_extra(std::string_view command, const std::vector<std::string>& extra);

}  // namespace gatehouse::program
