#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/config_error.hpp>

namespace gatehouse {

/// Where something was written. Line and column count from 1; line 0: the whole of `file`, which then may also be the
/// name of a command-line flag.
struct source_position {
  std::string file{};
  unsigned line = 0;
  unsigned column = 0;
  friend bool operator==(const source_position&, const source_position&) = default;
};

enum class severity : unsigned char { error, warning, info };

/// One mistake (nothing starts), one doubtful choice (it starts, and says so) or one thing worth knowing, placed.
struct config_problem {
  severity how_bad = severity::error;
  source_position where{};
  config_error what{};
};

/// All that was found in one configuration.
struct config_report {
  std::vector<config_problem> problems{};

  void error(source_position where, config_error what);
  void warning(source_position where, config_error what);
  void info(source_position where, config_error what);
  [[nodiscard]] std::size_t errors() const noexcept;
  [[nodiscard]] std::size_t warnings() const noexcept;
  /// In the order of the file; what was found twice in one place is kept once.
  void sort();
};

/// "gatehouse.toml:3:1: error[unknown-key]: …" and, when there is one, "  write: …" on a second line. Control bytes of
/// values are escaped: the text goes to a terminal.
[[nodiscard]] std::string to_text(const config_problem& p);
/// One JSON document: file, counts, and each problem with its position.
[[nodiscard]] std::string to_json(const config_report& report, std::string_view file);

/// `text` with control bytes and quotes escaped and at most `longest` bytes of it: for messages that quote what a file
/// says.
[[nodiscard]] std::string in_quotes(std::string_view text, std::size_t longest = 80);

}  // namespace gatehouse
