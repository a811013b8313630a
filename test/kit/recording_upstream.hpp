#pragma once
// An upstream of which the test writes every byte and sees every byte, on 127.0.0.1 and a free port. No thread of its
// own: its calls wait on their sockets, and meanwhile run `while_waiting`, where a test drives the loop under test (or
// nothing, when that has a thread).

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace gatehouse::test {

/// A connection that the upstream accepted. Waits are bounded; one that fails throws, which fails the test.
class upstream_peer {
 public:
  upstream_peer() = default;
  upstream_peer(int fd, const std::function<void()>* while_waiting) : fd_(fd), while_waiting_(while_waiting) {}
  upstream_peer(upstream_peer&& other) noexcept;
  upstream_peer& operator=(upstream_peer&& other) noexcept;
  upstream_peer(const upstream_peer&) = delete;
  upstream_peer& operator=(const upstream_peer&) = delete;
  ~upstream_peer() { close(); }

  /// Everything received since the last call, once it ends with `ending` (the empty line of a head by default).
  std::string take_until(std::string_view ending = "\r\n\r\n");
  /// The next `size` bytes.
  std::string take(std::size_t size);
  /// What is there now.
  std::string take_all();
  /// Waits until the other side finished sending or reset the connection; returns what came before.
  std::string take_to_end();
  [[nodiscard]] bool ended() const noexcept { return ended_ || reset_; }
  [[nodiscard]] bool was_reset() const noexcept { return reset_; }

  void send(std::string_view text);
  /// Sends what the socket takes now; returns how much.
  std::size_t send_some(std::string_view text);
  void finish_sending();
  void close() noexcept;
  /// Closes with RST.
  void reset() noexcept;

 private:
  bool read();  // whether something came
  void wait(const char* for_what, const std::function<bool()>& done);
  int fd_ = -1;
  const std::function<void()>* while_waiting_ = nullptr;
  std::string received_{};
  bool ended_ = false;
  bool reset_ = false;
};

class recording_upstream {
 public:
  explicit recording_upstream(std::function<void()> while_waiting = {}, int receive_buffer = 0);
  recording_upstream(const recording_upstream&) = delete;
  recording_upstream& operator=(const recording_upstream&) = delete;
  ~recording_upstream();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// The next connection; waits for it.
  upstream_peer accept();
  /// Whether a connection is waiting, after `while_waiting` ran a few times.
  bool has_connection();
  /// From now on connections are refused.
  void stop_listening() noexcept;

 private:
  std::function<void()> while_waiting_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace gatehouse::test
