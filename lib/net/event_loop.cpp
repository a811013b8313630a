#include "event_loop.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "connect_attempt.hpp"
#include "socket_listener.hpp"

namespace gatehouse {

std::unique_ptr<loop> loop::make(const time_source* clock) { return std::make_unique<detail::net::event_loop>(clock); }

}  // namespace gatehouse

namespace gatehouse::detail::net {

/// A look-up of its own, without a connection.
class name_lookup final : public resolving, private lookup_owner {
 public:
  name_lookup(resolver& names, std::string_view host, resolve_owner& owner)
      : owner_(owner), lookup_(names.start(std::string{host}, *this)) {}

 private:
  void on_addresses(std::vector<ip_address> addresses) noexcept override {
    lookup_.reset();
    owner_.on_resolved(addresses);  // may destroy this
  }
  resolve_owner& owner_;
  std::shared_ptr<const lookup> lookup_;
};

/// Signals, told on the loop.
class signal_watch : public std::enable_shared_from_this<signal_watch> {
 public:
  signal_watch(reactor& r, std::span<const int> signals, std::function<void(int)> handler)
      : reactor_(r), handler_(std::move(handler)), set_(r.context()) {
    boost::system::error_code ignored;  // of a number that is no signal: it never comes
    for (const int s : signals) set_.add(s, ignored);
  }

  void wait() {
    set_.async_wait([weak = weak_from_this()](const boost::system::error_code& error, int number) noexcept {
      const auto self = weak.lock();  // the handler may put another watch into this one's place
      if (error || self == nullptr) return;
      self->wait();
      const reactor::event_scope scope(self->reactor_);
      self->handler_(number);
    });
  }

 private:
  reactor& reactor_;
  std::function<void(int)> handler_;
  boost::asio::signal_set set_;
};

event_loop::event_loop(const time_source* clock) noexcept
    : reactor_(clock),
      timers_(reactor_.now()),
      ticks_(reactor_, *this),
      resolver_(std::make_shared<resolver>(reactor_)) {
  timers_.observer(*this);
}

event_loop::~event_loop() { resolver_->close(); }

void event_loop::run() {
  running_ = true;
  if (!timers_.empty()) ticks_.start();
  reactor_.context().run();
  reactor_.context().restart();  // at the end, so that a stop() which came before run() is kept
  running_ = false;
}

void event_loop::poll(milliseconds wait) {
  auto& context = reactor_.context();
  advance_timers();
  if (context.poll() == 0 && wait.count() > 0) {
    context.run_one_for(wait);
    context.poll();
  }
  advance_timers();
  context.poll();  // what the timers started
  context.restart();
}

void event_loop::stop() noexcept { reactor_.context().stop(); }

result<std::unique_ptr<listener>, int> event_loop::listen(const endpoint& at, bool share_port) {
  return socket_listener::make(reactor_, timers_, at, share_port);
}

result<std::unique_ptr<listener>, int> event_loop::listen_local(const std::string& path) {
  return socket_listener::make(reactor_, timers_, path);
}

std::unique_ptr<connecting> event_loop::connect(std::string_view host, std::uint16_t port, milliseconds timeout,
                                                connect_owner& owner) {
  return std::make_unique<connect_attempt>(reactor_, timers_, *resolver_, host, port, timeout, owner);
}

std::unique_ptr<connecting> event_loop::connect_local(std::string_view path, milliseconds timeout,
                                                      connect_owner& owner) {
  return std::make_unique<connect_attempt>(reactor_, timers_, path, timeout, owner);
}

std::unique_ptr<resolving> event_loop::resolve(std::string_view host, resolve_owner& owner) {
  return std::make_unique<name_lookup>(*resolver_, host, owner);
}

void event_loop::on_signals(std::span<const int> signals, std::function<void(int)> handler) noexcept {
  signals_.reset();  // first: a signal belongs to one set of the process
  signals_ = std::make_shared<signal_watch>(reactor_, signals, std::move(handler));
  signals_->wait();
}

void event_loop::on_tick() noexcept {
  timers_.advance(reactor_.now());
  if (timers_.empty()) ticks_.stop();
}

void event_loop::on_first_deadline() noexcept {
  // A virtual clock is moved by who polls; a real tick would only end the wait of poll() for nothing.
  if (running_ || !reactor_.has_own_clock()) ticks_.start();
}

void event_loop::advance_timers() noexcept {
  const reactor::event_scope scope(reactor_);
  timers_.advance(reactor_.now());
}

}  // namespace gatehouse::detail::net
