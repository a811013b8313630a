#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <gatehouse/base/clock.hpp>

namespace gatehouse::program {

/// systemd's end: a datagram socket with a name. "@" before it: abstract.
class played_manager {
 public:
  explicit played_manager(std::string name) : name_(std::move(name)), fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path, name_.data(), name_.size());
    if (at.sun_path[0] == '@') at.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&at), size), 0) << name_;
  }
  played_manager(const played_manager&) = delete;
  played_manager& operator=(const played_manager&) = delete;
  ~played_manager() {
    ::close(fd_);
    if (name_.starts_with('/')) ::unlink(name_.c_str());
  }

  /// The next datagram; none if nothing has come: a datagram of this process is there when it was sent.
  std::optional<std::string> heard() const {
    std::array<char, 1024> text{};
    const ssize_t n = ::recv(fd_, text.data(), text.size(), MSG_DONTWAIT);
    if (n < 0) return std::nullopt;
    return std::string{text.data(), static_cast<std::size_t>(n)};
  }
  /// The next datagram, waited for.
  std::optional<std::string> heard_within(milliseconds at_most) const {
    pollfd waited{.fd = fd_, .events = POLLIN, .revents = 0};
    ::poll(&waited, 1, static_cast<int>(at_most.count()));
    return heard();
  }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  int fd_;
};

inline std::string unique(std::string_view begin) { return std::string{begin} + std::to_string(::getpid()); }
inline std::string in_temporary_folder(const std::string& name) {
  return std::filesystem::temp_directory_path() / name;
}

}  // namespace gatehouse::program
