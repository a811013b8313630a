#pragma once
// Values that stand outside of the file: `${NAME}` in any text of it, `file:/path` as the whole of a secret.

#include <string>
#include <string_view>

#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/config/catalog.hpp>
#include <gatehouse/config/load.hpp>

namespace gatehouse::detail::config {

/// No secret is longer, and a slip must not read a disk image.
inline constexpr std::size_t max_secret_bytes = 4 * 1024;

/// `text` with the values of its variables: `${NAME}`, or `${NAME:-this}` where NAME is not set or empty; `$${` is a
/// plain `${`. What comes from a variable is not looked at again. Errors: code, message (without the key), suggestion.
[[nodiscard]] result<std::string, config_error> with_variables(std::string_view text, variable_lookup look_up);

/// A text of the file, with what it names.
struct filled_text {
  std::string text;
  bool from_outside = false;
  std::string secret_file{};  ///< where it stood; empty: not in a file of its own
  bool everyone_reads_it = false;
};
/// What the key's text stands for. Errors: as above; they quote the file, never what it holds.
[[nodiscard]] result<filled_text, config_error> filled(const catalog_entry& e, std::string_view written,
                                                       variable_lookup look_up);

}  // namespace gatehouse::detail::config
