#include "resolver.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include "socket.hpp"

namespace gatehouse::detail::net {
namespace {

constexpr int max_workers = 4;  // of one loop; more look-ups wait

std::vector<ip_address> ask_system(const std::string& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return {};
  std::vector<ip_address> out;
  for (const addrinfo* i = found; i != nullptr; i = i->ai_next) {
    const ip_address address = socket_address(*i->ai_addr, i->ai_addrlen).to_endpoint().address;
    if (std::find(out.begin(), out.end(), address) == out.end()) out.push_back(address);
  }
  ::freeaddrinfo(found);
  return out;
}

/// Signals are for the threads that the program made itself.
class signals_blocked {
 public:
  signals_blocked() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;
  ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

std::shared_ptr<const lookup> resolver::start(std::string name, lookup_owner& owner) {
  auto made = std::make_shared<const lookup>(lookup{.name = std::move(name), .owner = owner});
  const std::scoped_lock lock(mutex_);
  if (workers_ < max_workers && !add_worker() && workers_ == 0) return nullptr;
  waiting_.push_back(made);
  return made;
}

bool resolver::add_worker() {
  const signals_blocked inherited;
  try {
    std::thread([self = shared_from_this()] { work(self); }).detach();
  } catch (const std::system_error&) {
    return false;
  }
  ++workers_;
  return true;
}

void resolver::work(const std::shared_ptr<resolver>& self) noexcept {
  std::string name;
  for (;;) {
    std::weak_ptr<const lookup> wanted = self->next(name);
    if (name.empty()) return;
    self->deliver(std::move(wanted), ask_system(name));
  }
}

std::weak_ptr<const lookup> resolver::next(std::string& name) {
  const std::scoped_lock lock(mutex_);
  name.clear();
  while (!waiting_.empty()) {
    std::weak_ptr<const lookup> first = std::move(waiting_.front());
    waiting_.pop_front();
    const auto alive = first.lock();
    if (alive == nullptr) continue;  // cancelled while it waited
    name = alive->name;
    return first;
  }
  --workers_;
  return {};
}

void resolver::deliver(std::weak_ptr<const lookup> to, std::vector<ip_address> addresses) {
  const std::scoped_lock lock(mutex_);
  if (reactor_ == nullptr) return;
  // Only the loop's thread cancels, so whom it finds there stays until it is told.
  reactor_->post([to = std::move(to), addresses = std::move(addresses)] {
    if (const auto alive = to.lock()) alive->owner.on_addresses(addresses);
  });
}

void resolver::close() noexcept {
  const std::scoped_lock lock(mutex_);
  reactor_ = nullptr;
  waiting_.clear();
}

}  // namespace gatehouse::detail::net
