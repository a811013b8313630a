#include "process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

namespace gatehouse::program {
namespace {

using kind = metric_family::kind;

void add(std::vector<metric_family>& out, std::string name, std::string help, kind what, double value) {
  out.push_back({.name = std::move(name), .help = std::move(help), .what = what, .samples = {{.value = value}}});
}

/// What of proc_pid_stat(5) is shown.
struct process_stat {
  std::uint64_t cpu_ticks = 0;
  std::uint64_t start_ticks = 0;  // since the machine started
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_pages = 0;
};

std::optional<process_stat> read_stat() {
  std::ifstream file("/proc/self/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto name_end = text.rfind(')');  // the name may hold anything
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest(text.substr(name_end + 1));
  constexpr int fields = 22;  // from the third, the state, to the 24th, the resident size
  std::string field[fields];
  for (std::string& f : field) {
    if (!(rest >> f)) return std::nullopt;
  }
  const auto number = [&field](int one_based) { return std::stoull(field[one_based - 3]); };
  return process_stat{.cpu_ticks = number(14) + number(15),
                      .start_ticks = number(22),
                      .virtual_bytes = number(23),
                      .resident_pages = number(24)};
}

/// Of the machine, in seconds since 1970.
std::optional<std::uint64_t> boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    constexpr std::string_view name = "btime ";
    if (line.starts_with(name)) return std::stoull(line.substr(name.size()));
  }
  return std::nullopt;
}

double open_descriptors() {
  std::error_code ignored;
  std::filesystem::directory_iterator at("/proc/self/fd", ignored);
  double n = -1;  // one is the listing's own
  for (; at != std::filesystem::directory_iterator{}; at.increment(ignored)) ++n;
  return n < 0 ? 0 : n;
}

}  // namespace

void collect_process(std::vector<metric_family>& out) {
  const auto per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  if (const auto stat = read_stat()) {
    add(out, "process_cpu_seconds_total", "Time that the process took of the processors.", kind::counter,
        static_cast<double>(stat->cpu_ticks) / per_second);
    add(out, "process_resident_memory_bytes", "Memory of the process that is in RAM.", kind::gauge,
        static_cast<double>(stat->resident_pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    add(out, "process_virtual_memory_bytes", "Address space of the process.", kind::gauge,
        static_cast<double>(stat->virtual_bytes));
    if (const auto boot = boot_time()) {
      add(out, "process_start_time_seconds", "When the process started, in seconds since 1970.", kind::gauge,
          static_cast<double>(*boot) + static_cast<double>(stat->start_ticks) / per_second);
    }
  }
  add(out, "process_open_fds", "Descriptors that are open.", kind::gauge, open_descriptors());
  rlimit at_most{};
  if (::getrlimit(RLIMIT_NOFILE, &at_most) == 0) {
    add(out, "process_max_fds", "How many there may be.", kind::gauge, static_cast<double>(at_most.rlim_cur));
  }
}

}  // namespace gatehouse::program
