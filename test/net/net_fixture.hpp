#pragma once
// A loop in the test's own thread, a stream owner that writes down what it is told, and sockets of the other end.

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <gatehouse/net/loop.hpp>

#include "socket.hpp"

namespace gatehouse::net_test {

using detail::net::socket_address;
using detail::net::unique_fd;

#if defined(__has_feature)
inline constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool sanitized = false;
#endif

inline endpoint at(std::string_view text) { return endpoint::parse(text).value(); }

/// Lets the loop work until `done`, at most `patience`. Returns whether it was.
template <typename Predicate>
bool run_until(loop& l, Predicate done, milliseconds patience = milliseconds{10'000}) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    l.poll(milliseconds{5});
  }
  return true;
}

/// Lets the loop do all that is ready, several times over, for tests of what must not happen.
inline void settle(loop& l) {
  for (int i = 0; i < 5; ++i) l.poll(milliseconds{2});
}

inline std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Writes down what a stream tells. `on_…` members add what a test wants to happen then.
class recorder final : public stream_owner {
 public:
  void take(stream_ptr s) {
    connection = std::move(s);
    connection->owner(*this);
  }
  void receive() {
    call([&] { connection->receive(); });
  }
  stream::send_result send(std::string_view text) {
    stream::send_result r;
    call([&] { r = connection->send({&text, 1}); });
    return r;
  }
  /// Makes a call to the stream, from inside of which nothing may be told.
  template <typename F>
  void call(F f) {
    in_call_ = true;
    f();
    in_call_ = false;
  }

  std::span<char> receive_space() noexcept override {
    ++space_asked;
    return std::span(buffer_).first(space);
  }
  void on_received(std::size_t n) noexcept override {
    told();
    received.append(buffer_.data(), n);
    if (then_received) return then_received();
    if (keep_receiving) receive();
  }
  void on_end() noexcept override {
    told();
    ++ends;
    if (then_end) then_end();
  }
  void on_writable() noexcept override {
    told();
    ++writables;
    if (then_writable) then_writable();
  }
  void on_failure(int error_number) noexcept override {
    told();
    failures.push_back(error_number);
    if (then_failure) then_failure();
  }

  stream_ptr connection;
  std::string received;
  std::vector<int> failures;
  int ends = 0;
  int writables = 0;
  int space_asked = 0;
  std::size_t space = 4096;
  bool keep_receiving = true;
  std::function<void()> then_received, then_end, then_writable, then_failure;

 private:
  void told() { EXPECT_FALSE(in_call_) << "told from inside a call to the stream"; }
  std::array<char, 65536> buffer_{};
  bool in_call_ = false;
};

/// Keeps the connections it is given.
class collector final : public acceptor_owner {
 public:
  void on_accept(stream_ptr connection, endpoint peer) noexcept override {
    connections.push_back(std::move(connection));
    peers.push_back(peer);
    if (then_accept) then_accept();
  }
  void on_accept_failure(int error_number) noexcept override { failures.push_back(error_number); }
  std::vector<stream_ptr> connections;
  std::vector<endpoint> peers;
  std::vector<int> failures;
  std::function<void()> then_accept;
};

/// Keeps what connecting ended in.
class connect_recorder final : public connect_owner {
 public:
  void on_connect(connect_result r) noexcept override {
    EXPECT_FALSE(in_call) << "told from inside connect()";
    results.push_back(std::move(r));
    if (then) then();
  }
  std::vector<connect_result> results;
  std::function<void()> then;
  bool in_call = false;
};

/// A blocking socket connected to `to`: the other end of a test.
inline unique_fd connect_blocking(const endpoint& to) {
  unique_fd fd(::socket(to.address.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const socket_address address(to);
  EXPECT_EQ(::connect(fd.get(), address.data(), address.length()), 0) << errno;
  return fd;
}

inline void send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    ASSERT_GT(n, 0) << errno;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

/// What comes until `size` bytes or the end; the end is written as "<end>", a reset as "<reset>".
inline std::string receive_text(int fd, std::size_t size) {
  std::string out;
  std::array<char, 4096> buffer;
  while (out.size() < size) {
    const ssize_t n = ::recv(fd, buffer.data(), std::min(buffer.size(), size - out.size()), 0);
    if (n <= 0) return out + (n == 0 ? "<end>" : "<reset>");
    out.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return out;
}

inline void reset(unique_fd fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/// A loop with a listener, and connections to it from blocking sockets.
class net_test : public ::testing::Test {
 protected:
  explicit net_test(const time_source* clock = nullptr) : events(loop::make(clock)) {
    auto made = events->listen(at("127.0.0.1:0"), false);
    GATEHOUSE_ASSERT(made.has_value());
    door = std::move(*made);
    door->start(accepted);
  }

  /// A connected pair: `near` has the stream; the other end is returned.
  unique_fd connect(recorder& near, int send_buffer = 0) {
    const std::size_t before = accepted.connections.size();
    unique_fd far = connect_blocking(door->local());
    EXPECT_TRUE(until([&] { return accepted.connections.size() > before; }));
    near.take(std::move(accepted.connections.back()));
    accepted.connections.pop_back();
    if (send_buffer != 0) ::setsockopt(far.get(), SOL_SOCKET, SO_RCVBUF, &send_buffer, sizeof(send_buffer));
    return far;
  }
  template <typename Predicate>
  bool until(Predicate done) {
    return run_until(*events, done);
  }

  std::unique_ptr<loop> events;
  collector accepted;
  std::unique_ptr<listener> door;
};

/// The same with a clock that stands still.
class timed_net_test : public net_test {
 protected:
  timed_net_test() : net_test(&clock) {}
  static inline virtual_clock clock;  // before the base class
};

}  // namespace gatehouse::net_test
