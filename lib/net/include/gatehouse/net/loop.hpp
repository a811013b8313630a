#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/net/endpoint.hpp>
#include <gatehouse/net/stream.hpp>
#include <gatehouse/net/timer_wheel.hpp>

namespace gatehouse {

/// What a listener calls for each connection, on the loop.
class acceptor_owner {
 public:
  virtual void on_accept(stream_ptr connection, endpoint peer) noexcept = 0;
  /// Accepting failed (descriptors used up); the listener waits 100 ms by itself and goes on. `error_number` is errno.
  virtual void on_accept_failure(int error_number) noexcept = 0;

 protected:
  ~acceptor_owner() = default;
};

/// A listening socket. Closing or destroying it stops accepting at once, and the kernel resets who waits to be
/// accepted.
class listener {
 public:
  listener() = default;
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;
  virtual ~listener() = default;
  virtual void start(acceptor_owner& owner) = 0;
  virtual void close() noexcept = 0;
  /// Hands over everybody who is connected already, then closes: for a stop that loses nobody. `on_accept` is called
  /// from inside this; not from inside `on_accept`.
  virtual void finish() noexcept = 0;
  [[nodiscard]] virtual endpoint local() const noexcept = 0;  ///< with the real port
};

/// What was wrong with the TLS of a server that we connected to.
enum class tls_trouble : std::uint8_t {
  none,
  untrusted,   ///< no authority that we believe answers for its certificate
  wrong_name,  ///< its certificate is for somebody else
  expired,     ///< its certificate is not valid any more, or not yet
  handshake,   ///< no common version, cipher or protocol; an alert; what came is not TLS; a connection that ended
  timed_out,   ///< connected, and no end of the handshake in time
};

/// What connect and resolve end in. Exactly one call, on the loop, never from inside the call that started it.
struct connect_result {
  stream_ptr connection;  ///< null on failure
  int error_number = 0;   ///< errno of the last address tried; ETIMEDOUT when time ran out; EHOSTUNREACH without an
                          ///< address
  bool name_not_found = false;
  ip_address address{};                 ///< which of the host's was connected; of a Unix socket: none
  tls_trouble tls = tls_trouble::none;  ///< of tls_connect(): not none on failures behind the connection
  std::string text{};                   ///< with `tls`: what was presented and what to do, printable, at most 1 KiB
};
class connect_owner {
 public:
  virtual void on_connect(connect_result r) noexcept = 0;

 protected:
  ~connect_owner() = default;
};
/// A connection being made. Destroying it cancels: `on_connect` is not called then.
class connecting {
 public:
  virtual ~connecting() = default;
};

/// Told what a name's addresses are. Exactly one call, on the loop, never from inside the call that started it.
class resolve_owner {
 public:
  /// Empty when the name has no address, or nobody could be asked. Valid during the call.
  virtual void on_resolved(std::span<const ip_address> addresses) noexcept = 0;

 protected:
  ~resolve_owner() = default;
};
/// A look-up under way. Destroying it cancels: `on_resolved` is not called then.
class resolving {
 public:
  virtual ~resolving() = default;
};

/// How long a name's addresses are used before they are asked for again. CHOICE: a bound of our own, since the system's
/// resolver (hosts file, DNS, what else is configured) does not tell how long its answers hold: a record that lives
/// shorter is followed at most this much late.
inline constexpr milliseconds resolved_names_hold{5'000};

/// Whether `host` is a name that is looked up: neither an address nor localhost.
[[nodiscard]] bool is_looked_up(std::string_view host) noexcept;

/// One thread's event loop. All members are for its own thread unless marked. It outlives all that it made: streams,
/// listeners, connections being made and set deadlines.
class loop {
 public:
  /// `clock` must outlive the loop; nullptr: the real one. Ends the process when the kernel has no descriptors for it.
  [[nodiscard]] static std::unique_ptr<loop> make(const time_source* clock = nullptr);
  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;
  virtual ~loop() = default;

  /// Runs until stop(), also one that came before it.
  virtual void run() = 0;
  /// Runs what is ready now and returns; for tests with a virtual clock. Waits for the first event at most `wait`.
  virtual void poll(milliseconds wait) = 0;
  virtual void stop() noexcept = 0;                   ///< from any thread, also from a signal_owner
  virtual void post(std::function<void()> work) = 0;  ///< from any thread: runs on the loop

  /// The time of the event being handled, read once and only when asked for; outside of events the time of the call.
  [[nodiscard]] virtual steady_time now() const noexcept = 0;
  virtual void read_clock_again() noexcept = 0;  ///< now() is the time of this call for the rest of the event
  [[nodiscard]] virtual system_time system_now() const noexcept = 0;
  [[nodiscard]] virtual timer_wheel& timers() noexcept = 0;

  /// Binds and listens, SO_REUSEPORT when `share_port` (the first listener of a port is opened without it, once, so
  /// that "port in use" is noticed). Errors: errno.
  [[nodiscard]] virtual result<std::unique_ptr<listener>, int> listen(const endpoint& at, bool share_port) = 0;

  /// Listens on a Unix socket that only this user may connect to (0600). Its file is removed with the listener, and one
  /// that a process left behind before is replaced. Peers have no address, and local() is an empty endpoint. Errors:
  /// errno; EADDRINUSE: somebody listens there; EEXIST: what is there is no socket of this user's; EPERM: others may
  /// write to its folder, and so put their own socket in its place.
  [[nodiscard]] virtual result<std::unique_ptr<listener>, int> listen_local(const std::string& path) = 0;

  /// Connects to a numeric address, or a name ("localhost" tries ::1 and 127.0.0.1; others are resolved on a helper
  /// thread, never on the loop), all addresses in turn until the deadline, each for an equal share of the time left.
  [[nodiscard]] virtual std::unique_ptr<connecting> connect(std::string_view host, std::uint16_t port,
                                                            milliseconds timeout, connect_owner& owner) = 0;
  /// Connects to a Unix socket. While its queue is full it is tried again, until the time is over.
  [[nodiscard]] virtual std::unique_ptr<connecting> connect_local(std::string_view path, milliseconds timeout,
                                                                  connect_owner& owner) = 0;
  /// The addresses of a name, at most `resolved_names_hold` old. Names that connect() looks up are the same ones.
  [[nodiscard]] virtual std::unique_ptr<resolving> resolve(std::string_view host, resolve_owner& owner) = 0;

  /// Calls `handler(signal_number)` on the loop when the process gets one of these. One loop of the process at a time.
  virtual void on_signals(std::span<const int> signals, std::function<void(int)> handler) = 0;

  /// The boost::asio::io_context it runs on, for gatehouse/async.hpp: coroutines of Asio's run between our own events.
  [[nodiscard]] virtual void* native() noexcept = 0;

 protected:
  loop() = default;
};

/// Asks the kernel whether `at` can be bound by nobody else's listener: binds without SO_REUSEPORT and closes again.
/// Returns 0 or errno. With port 0 nothing is asked.
[[nodiscard]] int probe_bind(const endpoint& at) noexcept;

}  // namespace gatehouse
