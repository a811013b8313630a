#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::program {

/// What to say about words of the command line that nobody asked for: one message, with what was most likely meant.
[[nodiscard]] std::string explain_unknown_command(std::string_view word);
[[nodiscard]] std::string explain_extra(std::string_view command, const std::vector<std::string>& extra);

/// What to say when the shell made file names of the `*` of --allow-origin; empty: it did not. `extra`: the words that
/// stood behind it.
[[nodiscard]] std::string explain_expanded_star(const std::vector<std::string>& allow_origin,
                                                const std::vector<std::string>& extra);

}  // namespace gatehouse::program
