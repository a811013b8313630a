#include "demo_api.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string_view>

namespace gatehouse::program {
namespace {

constexpr std::string_view announcement = "listening on http://";
constexpr int start_patience_ms = 10'000;

std::filesystem::path beside_this_program() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / "gatehouse-demo-api";
}

/// In the child: only calls that are safe between fork and exec.
[[noreturn]] void become(const char* program, int output, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // it must not outlive us, even if we are killed
  if (::getppid() != parent) ::_exit(1);
  ::dup2(output, STDOUT_FILENO);
  ::execl(program, program, static_cast<char*>(nullptr));
  ::_exit(127);
}

/// The first line that arrives, without its end; what came until then when none does.
std::string read_line(int from) {
  std::string line;
  pollfd p{.fd = from, .events = POLLIN, .revents = 0};
  while (::poll(&p, 1, start_patience_ms) > 0) {
    char c = 0;
    if (::read(from, &c, 1) != 1 || c == '\n') break;
    line += c;
  }
  return line;
}

}  // namespace

std::optional<std::string> demo_api::start() {
  const std::string program = beside_this_program().string();
  int ends[2] = {-1, -1};
  if (::access(program.c_str(), X_OK) != 0) {
    return "the sample API is missing: " + program + "; it comes with the sources (make run), not with packages";
  }
  if (::pipe(ends) != 0) return "no pipe to the sample API could be made";
  const pid_t parent = ::getpid();
  child_ = ::fork();
  if (child_ == 0) become(program.c_str(), ends[1], parent);
  ::close(ends[1]);
  const std::string line = child_ > 0 ? read_line(ends[0]) : std::string{};
  ::close(ends[0]);
  if (!line.starts_with(announcement)) return "the sample API did not start: " + program;
  address_ = line.substr(announcement.size());
  return std::nullopt;
}

demo_api::~demo_api() {
  if (child_ <= 0) return;
  ::kill(child_, SIGTERM);
  int ignored = 0;
  ::waitpid(child_, &ignored, 0);
}

}  // namespace gatehouse::program
