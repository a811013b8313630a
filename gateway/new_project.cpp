#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <gatehouse/config/report.hpp>

#include "commands.hpp"
#include "new_file.hpp"
#include "project_template.hpp"

namespace gatehouse::program {
namespace {

constexpr std::size_t longest_name = 64;

/// What CMake keeps for itself, and the package that the project looks for.
constexpr std::array<std::string_view, 13> reserved_names{
    "all",     "clean",          "depend",     "edit_cache",    "gatehouse", "help", "install",
    "package", "package_source", "preinstall", "rebuild_cache", "routes",    "test"};

/// What is wrong with a name, with what to write instead; empty when nothing.
std::string mistake_in(std::string_view name) {
  constexpr std::string_view instead = "; for example: gatehouse new notes";
  if (name.empty()) return "new needs a name" + std::string{instead};
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto allowed = [&](char c) { return small(c) || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  if (!small(name.front()) || !std::all_of(name.begin(), name.end(), allowed) || name.size() > longest_name) {
    return in_quotes(name.substr(0, longest_name)) +
           " is not a name: small letters, digits, \"-\" and \"_\", a letter first, at most 64" + std::string{instead};
  }
  if (std::find(reserved_names.begin(), reserved_names.end(), name) != reserved_names.end()) {
    return in_quotes(name) + " means something else to CMake" + std::string{instead};
  }
  return {};
}

int fail(std::string_view path, std::string_view why) {
  fmt::print(stderr, "gatehouse: {}: {}\n", path, why);
  return exit_failed;
}

}  // namespace

int new_project(const new_options& options) {
  const std::string& name = options.name;
  if (const std::string wrong = mistake_in(name); !wrong.empty()) {
    fmt::print(stderr, "gatehouse: {}\n", wrong);
    return exit_bad_input;
  }
  if (::mkdir(name.c_str(), 0755) != 0) {
    return fail(name, errno == EEXIST
                          ? "there is something of this name already, and new never overwrites; take another name"
                          : std::strerror(errno));
  }
  for (const project_file& file : project_files(name)) {
    const std::string path = name + '/' + file.path;
    if (const int failed = write_new_file(path, file.text); failed != 0) return fail(path, std::strerror(failed));
  }
  fmt::print(
      "made {0}; now:\n  cd {0}\n  cmake -B build && cmake --build build && ctest --test-dir build\n  build/{0}\n",
      name);
  return exit_ok;
}

}  // namespace gatehouse::program
