#pragma once
// A worker on a real loopback socket and its clients, all in one thread and with a virtual clock: a deadline costs no
// time.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/rules/policy.hpp>
#include <gatehouse/rules/standard_set.hpp>

#include "connection_table.hpp"
#include "worker.hpp"

namespace gatehouse::test {

/// A client's socket. Non-blocking; everything else is the harness's.
class client {
 public:
  explicit client(std::uint16_t port, int receive_buffer = 0) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer != 0) setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) throw std::runtime_error("connect");
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd_, F_SETFL, O_NONBLOCK);
  }
  client(client&& other) noexcept
      : received(std::move(other.received)),
        ended(other.ended),
        reset(other.reset),
        fd_(std::exchange(other.fd_, -1)) {}
  client& operator=(client&&) = delete;
  ~client() { close(); }

  /// Sends what fits; returns how much that was.
  std::size_t send(std::string_view bytes) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return n < 0 ? 0 : static_cast<std::size_t>(n);
  }
  void finish_sending() { shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  /// Closes with a reset, as a browser that was killed.
  void abort() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }
  void read() {
    char buffer[65536];
    while (!ended && !reset) {
      const ssize_t n = recv(fd_, buffer, sizeof buffer, 0);
      if (n > 0) {
        received.append(buffer, static_cast<std::size_t>(n));
      } else if (n == 0) {
        ended = true;
      } else if (errno == EAGAIN) {
        return;
      } else {
        reset = true;
      }
    }
  }

  std::string received{};
  bool ended = false;  // FIN
  bool reset = false;

 private:
  int fd_;
};

/// Runs the worker's loop until `done()`; false if it never is.
class harness {
 public:
  explicit harness(std::shared_ptr<const dispatcher> routes, const limits& l = {}, exchange_log* log = nullptr)
      : table_(l, {}, true, {1, 2}), worker_(options(l, log), std::move(routes), table_) {
    auto at = worker_.listen(*endpoint::parse("127.0.0.1:0"), false);
    if (!at) throw std::runtime_error("listen");
    port_ = at->port;
    worker_.start();
  }

  [[nodiscard]] client connect(int receive_buffer = 0) { return client{port_, receive_buffer}; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  detail::server::worker& worker() { return worker_; }
  virtual_clock& clock() { return clock_; }

  bool run_until(const std::function<bool()>& done) {
    for (int idle = 0; idle < 400; ++idle) {
      if (done()) return true;
      worker_.loop().poll(milliseconds{5});
    }
    return done();
  }
  /// Lets everything that is ready happen.
  void settle() {
    for (int i = 0; i < 20; ++i) worker_.loop().poll(milliseconds{0});
  }
  /// Moves the clock and lets what is due happen.
  void pass(milliseconds time) {
    settle();
    clock_.advance(time);
    settle();
  }
  /// Until the client has `count` responses' worth of bytes ("HTTP/1.1 " at a line's start), or its connection ended.
  bool receive_until(client& c, const std::function<bool(const std::string&)>& enough) {
    return run_until([&] {
      c.read();
      return enough(c.received) || c.ended || c.reset;
    });
  }
  bool receive_end(client& c) {
    return receive_until(c, [](const std::string&) { return false; });
  }

 private:
  server_options options(const limits& l, exchange_log* log) {
    server_options o;
    o.limits = l;
    o.log = log;
    o.clock = &clock_;
    o.counted = std::make_shared<route_numbers>();
    return o;
  }

  virtual_clock clock_;
  detail::server::connection_table table_;
  detail::server::worker worker_;
  std::uint16_t port_ = 0;
};

/// One policy and a table of paths; `any` method.
class test_routes final : public dispatcher {
 public:
  test_routes() {
    auto wanted = standard_set();
    auto made = policy::make(wanted, states_);
    if (!made) throw std::runtime_error("policy");
    policy_ = std::move(*made);
  }
  void add(std::string path, std::unique_ptr<handler> h,
           method_set methods = {method::get, method::head, method::post, method::put}) {
    routes_.push_back({route_info{.pattern = std::move(path), .methods = methods}, std::move(h)});
  }
  [[nodiscard]] route_match find(const request_head& head, path_parameters&) const noexcept override {
    for (const auto& r : routes_) {
      if (r.info.pattern == head.path) {
        return {.route = &r.info,
                .handler = r.info.methods.contains(head.verb) ? r.to.get() : nullptr,
                .rules = policy_.get()};
      }
    }
    return {.route = nullptr, .handler = nullptr, .rules = policy_.get()};
  }

 private:
  struct entry {
    route_info info;
    std::unique_ptr<handler> to;
  };
  state_registry states_;
  std::shared_ptr<const policy> policy_;
  std::vector<entry> routes_;
};

/// A handler from a function.
class on_call final : public handler {
 public:
  on_call(content_need need, std::function<void(call&)> f) : need_(need), f_(std::move(f)) {}
  [[nodiscard]] content_need wants(const exchange&) const noexcept override { return need_; }
  void handle(call& c) const noexcept override { f_(c); }

 private:
  content_need need_;
  std::function<void(call&)> f_;
};

}  // namespace gatehouse::test
