#include "access_log_writer.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace gatehouse::detail::server {
namespace {

constexpr milliseconds slice{50};              // how long one poll() waits: as late as a wish to stop is noticed
constexpr std::size_t always_writable = 4096;  // PIPE_BUF: what poll() called writable takes that much without blocking

}  // namespace

patient_writer::patient_writer(int descriptor, milliseconds patience) noexcept
    : descriptor_(descriptor), patience_(patience) {
  struct stat status{};
  is_file_ = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

std::size_t patient_writer::write_all(std::string_view text, const std::atomic<int>& hurry) noexcept {
  const std::size_t size = text.size();
  milliseconds waited{0};
  while (!text.empty()) {
    if (!is_file_ && !ready()) {
      waited = hurry.load(std::memory_order_relaxed) != 0 ? waited + slice : milliseconds{0};
      if (waited > patience_ || broken_) return size - text.size();
      continue;
    }
    const ssize_t n = ::write(descriptor_, text.data(),
                              is_file_ ? text.size() : std::min(text.size(), always_writable));
    if (n < 0 && errno != EINTR && errno != EAGAIN) return size - text.size();
    if (n > 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
      waited = milliseconds{0};
    }
  }
  return size;
}

bool patient_writer::ready() noexcept {
  pollfd p{.fd = descriptor_, .events = POLLOUT, .revents = 0};
  const int n = ::poll(&p, 1, static_cast<int>(slice.count()));
  broken_ = n > 0 && (p.revents & (POLLERR | POLLNVAL)) != 0;
  return n > 0 && !broken_ && (p.revents & POLLOUT) != 0;
}

}  // namespace gatehouse::detail::server
