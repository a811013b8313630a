#include "resolver.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include <gatehouse/base/internal_limits.hpp>
#include <gatehouse/net/loop.hpp>

#include "socket.hpp"

namespace gatehouse::detail::net {
namespace {

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
  const steady_time now = reactor_->now();
  drop_old_names(now);
  known_name& known = names_[made->name];
  known.waiting.push_back(made);
  if (known.asked) return made;
  const bool is_known = !known.addresses.empty() && now < known.known_until;
  if (is_known || (workers_ < max_resolver_threads && !add_worker() && workers_ == 0)) {
    reactor_->post([self = shared_from_this(), name = made->name] { self->tell(name); });
    return made;
  }
  known.asked = true;
  asked_.push_back(made->name);
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
  for (;;) {
    std::string name = self->next();
    if (name.empty()) return;
    std::vector<ip_address> addresses = ask_system(name);
    self->answer(std::move(name), std::move(addresses));
  }
}

std::string resolver::next() {
  const std::scoped_lock lock(mutex_);
  while (!asked_.empty()) {
    std::string first = std::move(asked_.front());
    asked_.pop_front();
    known_name& known = names_[first];
    std::erase_if(known.waiting, [](const auto& w) { return w.expired(); });
    if (!known.waiting.empty()) return first;
    known.asked = false;  // all were cancelled while it waited
  }
  --workers_;
  return {};
}

void resolver::answer(std::string name, std::vector<ip_address> addresses) {
  const std::scoped_lock lock(mutex_);
  if (reactor_ == nullptr) return;
  reactor_->post([self = shared_from_this(), name = std::move(name), addresses = std::move(addresses)] {
    self->learn(name, addresses);
    self->tell(name);
  });
}

/// On the loop: the only thread that may ask it for the time.
void resolver::learn(const std::string& name, std::vector<ip_address> addresses) {
  const std::scoped_lock lock(mutex_);
  if (reactor_ == nullptr) return;
  known_name& known = names_[name];
  known.asked = false;
  known.addresses = std::move(addresses);
  known.known_until = reactor_->now() + resolved_names_hold;
}

/// On the loop. Only its thread cancels, so whom it finds here stays until it is told.
void resolver::tell(const std::string& name) {
  known_name told;
  {
    const std::scoped_lock lock(mutex_);
    const auto at = names_.find(name);
    if (at == names_.end()) return;
    told.waiting.swap(at->second.waiting);
    told.addresses = at->second.addresses;
  }
  for (const auto& one : told.waiting) {
    if (const auto alive = one.lock()) alive->owner.on_addresses(told.addresses);
  }
}

void resolver::drop_old_names(steady_time now) {
  if (names_.size() < max_known_names) return;
  std::erase_if(names_, [now](const auto& n) {
    return !n.second.asked && n.second.waiting.empty() && n.second.known_until <= now;
  });
}

void resolver::close() noexcept {
  const std::scoped_lock lock(mutex_);
  reactor_ = nullptr;
  asked_.clear();
}

}  // namespace gatehouse::detail::net
