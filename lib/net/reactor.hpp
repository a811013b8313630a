#pragma once
// The loop's descriptors: our own operation on Boost.Asio's epoll. Everything that relies on Asio's insides is here and
// in reactor.cpp.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include <boost/asio/detail/operation.hpp>

#include <gatehouse/base/clock.hpp>

namespace boost::asio {
class io_context;
namespace detail {
class scheduler;
}
}  // namespace boost::asio

namespace gatehouse::detail::net {

class reactor;

/// Who is told that a descriptor is ready.
class descriptor_owner {
 public:
  /// `events` are epoll's, or 0 after descriptor::again(). May release the descriptor.
  virtual void on_ready(std::uint32_t events) noexcept = 0;

 protected:
  ~descriptor_owner() = default;
};

/// A file descriptor registered with the loop, edge-triggered, or none yet.
///
/// OPTIMIZATION: Asio's own operations cost a plain request a fourth system call: async_receive tries a recv when it is
/// armed (a FIN behind the last byte raises no new edge, so it has to), and async_wait re-registers. They also want
/// their buffer in advance. nginx's way needs neither: register EPOLLRDHUP once, and believe a short read unless a FIN
/// was announced. Asio's reactor_op and descriptor_state cannot carry EPOLLRDHUP, so this class takes
/// descriptor_state's place: epoll gives the reactor a pointer of which it uses only the scheduler_operation at its
/// beginning (epoll_reactor::run), and the scheduler completes that with the events as its result. Verified with
/// Boost 1.81; reactor.cpp refuses any other.
///
/// Its memory stays a descriptor until the loop ends (descriptors are pooled), since the event of one that was released
/// may still stand in the scheduler's queue. It then reaches nobody, or the next user as a readiness that turns out to
/// be none.
class descriptor {
 public:
  explicit descriptor(reactor& r) noexcept : events_(*this), again_(*this), reactor_(r) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() = default;

  void owner(descriptor_owner& o) noexcept { owner_ = &o; }
  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] reactor& loop() const noexcept { return reactor_; }

  /// Takes `fd` over, also on failure, and reports `events` (EPOLLET is added). Returns 0 or errno.
  [[nodiscard]] int watch(int fd, std::uint32_t events) noexcept;
  /// Changes what is reported; what is ready already is reported again.
  [[nodiscard]] int rewatch(std::uint32_t events) noexcept;
  /// Calls on_ready(0) soon, once, however often it is asked for.
  void again() noexcept;
  /// Closes the file descriptor and stays without one.
  void close() noexcept;
  /// Closes the file descriptor, tells nobody any more and gives the object back.
  void release() noexcept;

 private:
  friend class reactor;
  using operation = boost::asio::detail::operation;

  /// The scheduler completes these; the first lies in epoll's data, the second is posted.
  struct event_operation : operation {
    explicit event_operation(descriptor& d) noexcept;
    descriptor& self;
  };
  struct again_operation : operation {
    explicit again_operation(descriptor& d) noexcept;
    descriptor& self;
  };
  static void complete_event(void* scheduler, operation* op, const boost::system::error_code&, std::size_t events);
  static void complete_again(void* scheduler, operation* op, const boost::system::error_code&, std::size_t);

  event_operation events_;
  again_operation again_;
  reactor& reactor_;
  descriptor_owner* owner_ = nullptr;
  descriptor* next_free_ = nullptr;
  int fd_ = -1;
  bool again_posted_ = false;  // outlives release(): the operation stands in the scheduler's queue until it is
                               // completed
};

/// Releases a descriptor.
struct descriptor_releaser {
  void operator()(descriptor* d) const noexcept { d->release(); }
};
using descriptor_ptr = std::unique_ptr<descriptor, descriptor_releaser>;

/// An io_context together with the descriptors of its epoll instance and the time of the event being handled.
class reactor {
 public:
  /// `clock` must outlive the reactor; nullptr: the real one.
  explicit reactor(const time_source* clock);
  reactor(const reactor&) = delete;
  reactor& operator=(const reactor&) = delete;
  ~reactor();

  [[nodiscard]] boost::asio::io_context& context() noexcept { return *context_; }
  [[nodiscard]] descriptor_ptr make_descriptor();

  /// Runs `work` on the loop; from any thread.
  void post(std::function<void()> work);

  /// Read at most once an event, and only when asked for. Outside of events, and with a clock of the caller's own,
  /// always fresh.
  [[nodiscard]] steady_time now() const noexcept;
  void read_clock_again() noexcept { steady_known_ = system_known_ = false; }
  [[nodiscard]] system_time system_now() const noexcept;
  [[nodiscard]] bool has_own_clock() const noexcept { return own_clock_; }

  /// Stands around whatever the scheduler calls.
  class event_scope {
   public:
    explicit event_scope(reactor& r) noexcept : reactor_(r) { r.enter(true); }
    event_scope(const event_scope&) = delete;
    event_scope& operator=(const event_scope&) = delete;
    ~event_scope() { reactor_.enter(false); }

   private:
    reactor& reactor_;
  };

 private:
  friend class descriptor;
  void enter(bool inside) noexcept {
    caching_ = inside && !own_clock_;
    steady_known_ = false;
    system_known_ = false;
  }
  void take_back(descriptor& d) noexcept;

  std::deque<descriptor> descriptors_;  // before the context: its last operations may still release some
  descriptor* free_ = nullptr;
  std::unique_ptr<boost::asio::io_context> context_;
  boost::asio::detail::scheduler& scheduler_;
  int epoll_fd_ = -1;
  const real_clock real_clock_{};
  const time_source& clock_;
  bool own_clock_;
  bool caching_ = false;
  mutable bool steady_known_ = false;
  mutable bool system_known_ = false;
  mutable steady_time steady_{};
  mutable system_time system_{};
};

}  // namespace gatehouse::detail::net
