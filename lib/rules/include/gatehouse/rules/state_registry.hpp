#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <typeinfo>
#include <utility>

namespace gatehouse {

/// What outlives a policy: counters, limiter tables, bans, by rule name. A reload makes new policies with the same
/// registry, so their state survives. Used while policies are made, never on the request path. Thread-safe.
class state_registry {
 public:
  /// The state of this name and type, made by `make()` (a shared_ptr<T>) the first time. The same name with another
  /// type is a different state.
  template <typename T, typename Make>
  [[nodiscard]] std::shared_ptr<T> get(const std::string& rule_name, Make make) {
    const std::scoped_lock lock(mutex_);
    auto& place = states_[{rule_name, typeid(T).name()}];
    if (place == nullptr) place = std::shared_ptr<T>(make());
    return std::static_pointer_cast<T>(place);
  }

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<void>> states_;
};

}  // namespace gatehouse
