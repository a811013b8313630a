#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gatehouse/base/clock.hpp>
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
  /// The loop's thread. Who asks for a name that is being asked for waits for the same answer; one that is not older
  /// than `resolved_names_hold` is told without asking. When there can be no helper thread the answer is empty.
  [[nodiscard]] std::shared_ptr<const lookup> start(std::string name, lookup_owner& owner);
  /// The loop ends: nobody is told any more.
  void close() noexcept;

 private:
  /// What is known of a name, and who waits for it.
  struct known_name {
    std::vector<ip_address> addresses{};
    steady_time known_until{};
    std::vector<std::weak_ptr<const lookup>> waiting{};
    bool asked = false;
  };
  static void work(const std::shared_ptr<resolver>& self) noexcept;
  [[nodiscard]] bool add_worker();
  /// The next name somebody still waits for, or empty and the worker is counted out.
  [[nodiscard]] std::string next();
  void answer(std::string name, std::vector<ip_address> addresses);
  void learn(const std::string& name, std::vector<ip_address> addresses);
  void tell(const std::string& name);
  void drop_old_names(steady_time now);

  std::mutex mutex_;
  std::map<std::string, known_name> names_;
  std::deque<std::string> asked_;  // in order, those no worker has yet
  std::size_t workers_ = 0;
  reactor* reactor_;
};

}  // namespace gatehouse::detail::net
