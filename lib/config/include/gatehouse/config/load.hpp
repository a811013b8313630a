#pragma once
// gatehouse.toml → gateway_config, in two steps, because flags are merged in between: read() turns text into values,
// judge() asks everyone who knows what those values mean (the rules themselves, above all).

#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/config/gateway_config.hpp>
#include <gatehouse/config/report.hpp>
#include <gatehouse/config/sources.hpp>

namespace gatehouse {

/// Larger files are refused unread: nobody wrote them by hand.
inline constexpr std::size_t max_config_bytes = 1024 * 1024;

/// More are refused: a pattern has met a folder that is none of configurations.
inline constexpr std::size_t max_included_files = 256;

/// The value of an environment variable; null: it is not set. Whoever reads a configuration says where they come from.
using variable_lookup = const char* (*)(const char* name);

struct loaded_config {
  gateway_config config{};
  config_sources sources{""};
  config_report report{};
  std::vector<std::string> files{};  ///< those that were read, also for a value alone
  std::string read_text{};           ///< all that was in them: whether anything changed
  bool parsed = true;                ///< false: nothing of it could be read, so there is nothing to judge
};

/// The defaults, as if from an empty file; `name` is what problems without a better place are reported for.
[[nodiscard]] loaded_config default_config(std::string name);
/// Reads TOML, and the files that its `include` names (beside `file`): they hold services and routes only. A syntax
/// error stops at the first of a file; all else that is wrong with keys and values is reported together. What could not
/// be read keeps its default. `${NAME}` in texts is what `variables` says (null: nothing is set); a secret may be
/// `file:/path`.
[[nodiscard]] loaded_config read_config(std::string_view text, std::string file, variable_lookup variables = nullptr);
/// As above, from a file; that it cannot be read is a problem like any other.
[[nodiscard]] loaded_config read_config_file(const std::string& path, variable_lookup variables = nullptr);

/// Adds what is wrong with the values: those that a rule refuses, and those that do not fit together. Then the report
/// is sorted.
void judge_config(loaded_config& loaded);
/// Adds a warning for each protection that is loosened or cannot work as configured.
void lint_config(loaded_config& loaded);

}  // namespace gatehouse
