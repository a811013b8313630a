#pragma once

#include <string>
#include <vector>

#include <gatehouse/net/development_certificate.hpp>

#include "settings.hpp"

namespace gatehouse::program {

/// This user's development certificate (gatehouse cert dev), made if it is not there.
[[nodiscard]] result<development_certificate, config_error> development_tls(const std::vector<std::string>& names = {});

}  // namespace gatehouse::program
