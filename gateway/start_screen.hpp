#pragma once

#include <string>
#include <vector>

#include <gatehouse/config/load.hpp>

namespace gatehouse::program {

/// What a start prints for people: where it listens, what is on, in words and with its values, each exit in use, what
/// to try.
[[nodiscard]] std::string start_screen(const loaded_config& settings, const std::vector<std::string>& addresses);

/// The same for a log that machines read: one sentence.
[[nodiscard]] std::string start_sentence(const loaded_config& settings, const std::vector<std::string>& addresses);

}  // namespace gatehouse::program
