#pragma once
// For the tests of the access log and of recent decisions: an exchange that has ended, and what the log writes.

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <future>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <gatehouse/server/access_log.hpp>

namespace gatehouse::test {

using namespace std::chrono_literals;

inline const system_time noon{std::chrono::seconds{1'700'049'600}};  // 2023-11-15T12:00:00Z

/// An exchange that went well; rows change what they are about.
struct finished {
  finished() {
    e.request.verb = method::get;
    e.request.method_text = "GET";
    e.request.path = "/notes";
    e.request.authority = *authority::parse("localhost:8080");
    e.client = *ip_address::parse("192.0.2.7");
    e.id = "5e0f5b6e-0000-4000-8000-000000000001";
    e.route = &route;
    e.began_at = noon;
    e.body_limit = 1024 * 1024;
    o.ended = e.began + 1500us;
    o.response_body_bytes = 1536;
  }
  route_info route{.pattern = "/*"};
  exchange e{};
  outcome o{};
};

/// What the log writes, through a pipe.
class written {
 public:
  explicit written(access_log_options options) {
    EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0);
    options.descriptor = ends_[1];
    log_ = std::make_unique<access_log>(options);
  }
  ~written() {
    log_.reset();
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  access_log& log() { return *log_; }
  /// Reads meanwhile: there may be more than the pipe holds.
  std::string all() {
    std::string out;
    ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    auto flushed = std::async(std::launch::async, [this] { return log_->flush(); });
    while (flushed.wait_for(0ms) != std::future_status::ready) {
      pollfd p{.fd = ends_[0], .events = POLLIN, .revents = 0};
      if (::poll(&p, 1, 1) == 1) read_to(out);
    }
    EXPECT_TRUE(flushed.get());
    read_to(out);
    return out;
  }
  /// Whether something can be read within a time that is far too long.
  bool line_comes() {
    pollfd p{.fd = ends_[0], .events = POLLIN, .revents = 0};
    if (::poll(&p, 1, 10'000) != 1) return false;
    char piece[4096];
    return ::read(ends_[0], piece, sizeof(piece)) > 0;
  }
  void close_reader() {
    ::close(ends_[0]);
    ends_[0] = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  }

 private:
  void read_to(std::string& out) const {
    char piece[4096];
    for (ssize_t n = 0; (n = ::read(ends_[0], piece, sizeof(piece))) > 0;)
      out.append(piece, static_cast<std::size_t>(n));
  }
  std::array<int, 2> ends_{};
  std::unique_ptr<access_log> log_;
};

}  // namespace gatehouse::test
