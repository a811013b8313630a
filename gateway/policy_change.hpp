#pragma once

#include <optional>
#include <string>

#include "explain_browser.hpp"

namespace gatehouse::program {

/// Changes in `config` the one key that the first failure of `e` is about. Nothing: no key would help, and `hopeless`
/// says why.
[[nodiscard]] std::optional<policy_change> change_policy(gateway_config& config, const browser_explanation& e,
                                                         std::string& hopeless);

}  // namespace gatehouse::program
