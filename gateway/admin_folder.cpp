#include "admin_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace gatehouse::program {
namespace {

constexpr std::string_view socket_end = ".sock";
constexpr const char* system_folder = "/run/gatehouse";  // systemd's RuntimeDirectory=gatehouse
constexpr std::size_t max_sockets = 64;                  // as many gateways of one user are looked at

/// https://specifications.freedesktop.org/basedir-spec/latest/: absolute, the user's own, 0700. Checked, because an
/// environment that somebody else made (sudo -E) may name another user's.
std::optional<std::string> user_folder() {
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime == nullptr || *runtime != '/') return std::nullopt;
  return std::string{runtime};
}

/// Whether it is a folder (no link) of this user's in which nobody else can put anything.
bool is_own(const std::string& folder, mode_t forbidden) {
  struct stat s{};
  return ::lstat(folder.c_str(), &s) == 0 && S_ISDIR(s.st_mode) && s.st_uid == ::geteuid() &&
         (s.st_mode & forbidden) == 0;
}

constexpr mode_t of_others = S_IRWXG | S_IRWXO;
constexpr mode_t writable_by_others = S_IWGRP | S_IWOTH;

}  // namespace

std::optional<std::string> make_admin_folder() {
  if (const auto runtime = user_folder(); runtime && is_own(*runtime, of_others)) {
    const std::string folder = *runtime + "/gatehouse";
    if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) return std::nullopt;
    return is_own(folder, of_others) ? std::optional{folder} : std::nullopt;
  }
  // Never made here: it would be in systemd's way. What may be read by others (0755) holds a socket that they may not
  // connect to.
  if (is_own(system_folder, writable_by_others)) return std::string{system_folder};
  return std::nullopt;
}

std::vector<std::string> admin_sockets() {
  std::vector<std::string> out;
  std::vector<std::string> folders{system_folder};
  if (const auto runtime = user_folder()) folders.insert(folders.begin(), *runtime + "/gatehouse");
  for (const std::string& folder : folders) {
    std::error_code none;
    for (std::filesystem::directory_iterator at(folder, none), end; !none && at != end; at.increment(none)) {
      if (out.size() == max_sockets) return out;
      if (at->path().native().ends_with(socket_end)) out.push_back(at->path());
    }
  }
  std::ranges::sort(out);
  return out;
}

std::string admin_socket_name(std::uint16_t port) { return std::to_string(port).append(socket_end); }

}  // namespace gatehouse::program
