#include "reactor.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include <boost/asio/detail/epoll_reactor.hpp>
#include <boost/asio/detail/scheduler.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/version.hpp>

#include <gatehouse/base/assert.hpp>

static_assert(
    BOOST_VERSION / 100 == 1081,
    "lib/net/reactor.cpp stands in for epoll_reactor::descriptor_state and was verified with Boost 1.81: before "
    "allowing another version, compare epoll_reactor::run and scheduler::do_run_one with what reactor.hpp says of "
    "them");

namespace gatehouse::detail::net {
namespace {

using boost::asio::detail::epoll_reactor;
using boost::asio::detail::scheduler;

// The epoll descriptor is private. An explicit instantiation may name private members ([temp.spec.general]/6).
template <int epoll_reactor::* Member>
struct epoll_fd_access {
  friend int epoll_fd_of(const epoll_reactor& r) { return r.*Member; }
};
int epoll_fd_of(const epoll_reactor& r);
template struct epoll_fd_access<&epoll_reactor::epoll_fd_>;

}  // namespace

descriptor::event_operation::event_operation(descriptor& d) noexcept
    : operation(&descriptor::complete_event), self(d) {}
descriptor::again_operation::again_operation(descriptor& d) noexcept
    : operation(&descriptor::complete_again), self(d) {}

void descriptor::complete_event(void* owner, operation* op, const boost::system::error_code&, std::size_t events) {
  if (owner == nullptr) return;  // the scheduler is being destroyed, and its queue with it
  // An event was never counted as work, but the scheduler is about to count it as finished.
  static_cast<scheduler*>(owner)->compensating_work_started();
  descriptor& self = static_cast<event_operation*>(op)->self;
  const reactor::event_scope scope(self.reactor_);
  if (self.owner_ != nullptr) self.owner_->on_ready(static_cast<std::uint32_t>(events));
}

void descriptor::complete_again(void* owner, operation* op, const boost::system::error_code&, std::size_t) {
  descriptor& self = static_cast<again_operation*>(op)->self;
  self.again_posted_ = false;
  if (owner == nullptr || self.owner_ == nullptr) return;
  const reactor::event_scope scope(self.reactor_);
  self.owner_->on_ready(0);
}

int descriptor::watch(int fd, std::uint32_t events) noexcept {
  GATEHOUSE_ASSERT(fd_ == -1);
  fd_ = fd;
  epoll_event event{};
  event.events = events | EPOLLET;
  event.data.ptr = static_cast<operation*>(&events_);
  return ::epoll_ctl(reactor_.epoll_fd_, EPOLL_CTL_ADD, fd_, &event) == 0 ? 0 : errno;
}

int descriptor::rewatch(std::uint32_t events) noexcept {
  epoll_event event{};
  event.events = events | EPOLLET;
  event.data.ptr = static_cast<operation*>(&events_);
  return ::epoll_ctl(reactor_.epoll_fd_, EPOLL_CTL_MOD, fd_, &event) == 0 ? 0 : errno;
}

void descriptor::again() noexcept {
  if (std::exchange(again_posted_, true)) return;
  reactor_.scheduler_.post_immediate_completion(&again_, true);
}

void descriptor::close() noexcept {
  // Closing takes it out of epoll, too. (Linux frees the number even when close fails, so there is nothing to repeat.)
  if (fd_ != -1) ::close(std::exchange(fd_, -1));
}

void descriptor::release() noexcept {
  close();
  owner_ = nullptr;
  reactor_.take_back(*this);
}

reactor::reactor(const time_source* clock)
    // Everything of a loop but post() is used by one thread: no locks around descriptors, but around the scheduler's
    // queue.
    : context_(std::make_unique<boost::asio::io_context>(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO)),
      scheduler_(boost::asio::use_service<scheduler>(*context_)),
      clock_(clock != nullptr ? *clock : real_clock_),
      own_clock_(clock != nullptr) {
  auto& epoll = boost::asio::use_service<epoll_reactor>(*context_);
  epoll.init_task();
  epoll_fd_ = epoll_fd_of(epoll);
  scheduler_.work_started();  // never finished: only stop() ends the loop, not that it has nothing to do
}

reactor::~reactor() = default;

descriptor_ptr reactor::make_descriptor() {
  if (free_ == nullptr) return descriptor_ptr(&descriptors_.emplace_back(*this));
  return descriptor_ptr(std::exchange(free_, free_->next_free_));
}

void reactor::take_back(descriptor& d) noexcept { d.next_free_ = std::exchange(free_, &d); }

void reactor::post(std::function<void()> work) {
  boost::asio::post(*context_, [this, work = std::move(work)]() noexcept {
    const event_scope scope(*this);
    work();
  });
}

steady_time reactor::now() const noexcept {
  if (!caching_) return clock_.steady();
  if (!std::exchange(steady_known_, true)) steady_ = clock_.steady();
  return steady_;
}

system_time reactor::system_now() const noexcept {
  if (!caching_) return clock_.system();
  if (!std::exchange(system_known_, true)) system_ = clock_.system();
  return system_;
}

}  // namespace gatehouse::detail::net
