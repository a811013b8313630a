// https://www.freedesktop.org/software/systemd/man/252/sd_notify.html: one datagram of NAME=VALUE lines for each thing
// that is said. It says nothing back, and one that does not listen is no reason to stop serving: failures are ignored.
#include "service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <utility>

#include <fmt/format.h>

namespace gatehouse::program {
namespace {

// More than a stop needs beyond the connections' own deadline: the log is written, threads end.
constexpr milliseconds end_of_process{5'000};

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

/// 0 for what is no number.
std::uint64_t number(const std::string& text) noexcept {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc{} && read.ptr == end ? value : 0;
}

std::int64_t monotonic_us() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

service_manager service_manager::from_environment() {
  std::string socket = environment("NOTIFY_SOCKET");
  // A watchdog is meant for the process that it names; for a child of that it is not.
  const std::string pid = environment("WATCHDOG_PID");
  const bool ours = pid.empty() || number(pid) == static_cast<std::uint64_t>(::getpid());
  constexpr std::uint64_t longest_us = std::uint64_t{24} * 3'600 * 1'000'000;
  const std::uint64_t us = std::min(number(environment("WATCHDOG_USEC")), longest_us);
  return service_manager{std::move(socket), milliseconds{ours ? us / 1'000 : 0}};
}

service_manager::service_manager(std::string socket, milliseconds watchdog)
    : socket_(std::move(socket)), watchdog_(socket_.empty() ? milliseconds{0} : watchdog) {}

void service_manager::ready(std::string_view status) const noexcept { send(fmt::format("READY=1\nSTATUS={}", status)); }

void service_manager::reloading() const noexcept {
  send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=reading the configuration", monotonic_us()));
}

void service_manager::stopping(milliseconds at_most) noexcept {
  stopping_.store(true);
  const auto longest = std::chrono::microseconds{at_most + end_of_process};
  send(fmt::format("STOPPING=1\nEXTEND_TIMEOUT_USEC={}\nSTATUS=ending what was begun", longest.count()));
}

void service_manager::alive() const noexcept { send("WATCHDOG=1"); }

void service_manager::send(const std::string& text) const noexcept {
  sockaddr_un to{};
  const bool known = socket_.starts_with('/') || socket_.starts_with('@');
  if (!known || socket_.size() >= sizeof to.sun_path) return;
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, socket_.data(), socket_.size());
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());

  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd == -1) return;
  // A full queue must not hold the loop that stops.
  (void)::sendto(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&to),
                 size);
  ::close(fd);
}

}  // namespace gatehouse::program
