#pragma once
// One value of the file into one member of the config. Includes toml++: for the .cpp files of this layer only.

#include <vector>

#include <toml++/toml.h>

#include <gatehouse/base/config_error.hpp>
#include <gatehouse/config/catalog.hpp>

namespace gatehouse::detail::config {

struct refused_value {
  const toml::node* where;
  config_error what;
};

/// Where the texts of a value were written.
enum class text_origin : bool {
  file,
  elsewhere,  ///< in the environment or a file of their own, which know texts only: "4" is a number there
};

/// Fills the member of `e` from `value`; else says why not, and the member keeps its default. Of a list, what is a text
/// is kept, so that it is judged, too.
[[nodiscard]] std::vector<refused_value> read_value(const catalog_entry& e, const toml::node& value,
                                                    gateway_config& into, text_origin from = text_origin::file);

/// What kind of TOML value this is, for people: "a number", "a section".
[[nodiscard]] std::string_view what_it_is(const toml::node& value);

}  // namespace gatehouse::detail::config
