#pragma once
// A configuration cut into the sections that its file would have.

#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/config/catalog.hpp>
#include <gatehouse/config/gateway_config.hpp>

namespace gatehouse::detail::config {

struct config_part {
  std::string_view section;  ///< the catalog's; empty: the top of the file
  std::string header;        ///< "[service.notes]"; empty for the top
  std::string name;          ///< for people: "limits", "service.notes", "route /notes/* of api.example.com"
  gateway_config only;       ///< of what may stand there often, this one alone
};

/// In the catalog's order, services and routes in that of the configuration.
[[nodiscard]] std::vector<config_part> parts_of(const gateway_config& c);

/// Whether an entry of the part has a value of its own. What is inherited whole has none: writing it would replace what
/// it inherits.
[[nodiscard]] bool is_own(const catalog_entry& e, const config_part& part);

}  // namespace gatehouse::detail::config
