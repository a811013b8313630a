#pragma once

#include <string>
#include <vector>

namespace gatehouse::program {

struct project_file {
  std::string path;  ///< below the project's folder
  std::string text;
};
/// What `gatehouse new` writes.
[[nodiscard]] std::vector<project_file> project_files(const std::string& name);

}  // namespace gatehouse::program
