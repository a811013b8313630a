#pragma once
// The commands as data: what the command line parser takes, and what the help says of it. Man page and completions are
// made of this, so that they cannot say anything else.

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::program {

struct described_option {
  std::vector<std::string> names{};  ///< "-c", "--config"
  bool takes_value = false;
  std::string value{};  ///< what the help calls it: "FILE"
  std::string text{};   ///< what the help says of it; empty if it says nothing
};

struct described_command {
  std::string name{};
  std::string summary{};
  std::vector<std::string> examples{};  ///< command lines, each with what the help says behind it
  std::vector<described_option> options{};
  std::vector<std::string> remarks{};  ///< paragraphs
  bool takes_file = false;             ///< a word without an option is the name of a file
};

/// What a text of help.cpp says: its first line, the lines that begin with "  gatehouse", those that begin with "  -"
/// (and what is indented below them), and the rest.
[[nodiscard]] described_command read_help(std::string_view help);

/// The option of that name; null if there is none.
[[nodiscard]] const described_option* find_option(const std::vector<described_option>& all,
                                                  std::string_view name) noexcept;

}  // namespace gatehouse::program
