#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gatehouse/base/ip_address.hpp>

#include "reactor.hpp"

namespace gatehouse::detail::net {

/// What a look-up ends in: on the loop, never from inside the call that started it.
class lookup_owner {
 public:
  /// Empty when the name has no address, or nobody could be asked.
  virtual void on_addresses(std::vector<ip_address> addresses) noexcept = 0;

 protected:
  ~lookup_owner() = default;
};

/// A look-up under way. Dropping it cancels: nobody is told then.
struct lookup {
  std::string name;
  lookup_owner& owner;
};

/// Asks the system's resolver (hosts file, DNS: getaddrinfo) on helper threads, never on the loop.
///
/// CHOICE: threads of our own and not Asio's, because Asio joins its one when the loop ends: a name server that is down
/// would keep the process from stopping for half a minute, and one slow name would hold up all others. Ours are few,
/// come when there is work, go when there is none, and are left behind when the loop ends.
class resolver : public std::enable_shared_from_this<resolver> {
 public:
  explicit resolver(reactor& r) noexcept : reactor_(&r) {}
  /// The loop's thread. Null when there can be no helper thread.
  [[nodiscard]] std::shared_ptr<const lookup> start(std::string name, lookup_owner& owner);
  /// The loop ends: nobody is told any more.
  void close() noexcept;

 private:
  static void work(const std::shared_ptr<resolver>& self) noexcept;
  [[nodiscard]] bool add_worker();
  /// The next name somebody still waits for, or null and the worker is counted out.
  [[nodiscard]] std::weak_ptr<const lookup> next(std::string& name);
  void deliver(std::weak_ptr<const lookup> to, std::vector<ip_address> addresses);

  std::mutex mutex_;
  std::deque<std::weak_ptr<const lookup>> waiting_;
  int workers_ = 0;
  reactor* reactor_;
};

}  // namespace gatehouse::detail::net
