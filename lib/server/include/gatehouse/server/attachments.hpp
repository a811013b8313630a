#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace gatehouse::detail::server {

/// One address a type.
template <typename T>
inline char type_tag = 0;  // not const: constants of the same value may be merged

/// What middleware attached to a request for what comes after it: at most one value of each type. Values are immutable
/// and shared, because a handler may use them on another thread.
class attachments {
 public:
  /// Replaces the one of this type.
  template <typename T>
  void set(std::shared_ptr<const T> value) {
    for (auto& [tag, held] : all_) {
      if (tag == &type_tag<T>) return void(held = std::move(value));
    }
    all_.emplace_back(&type_tag<T>, std::move(value));
  }
  /// Null when nothing of this type was attached.
  template <typename T>
  [[nodiscard]] std::shared_ptr<const T> get() const noexcept {
    for (const auto& [tag, held] : all_) {
      if (tag == &type_tag<T>) return std::static_pointer_cast<const T>(held);
    }
    return nullptr;
  }
  void clear() noexcept { all_.clear(); }

 private:
  std::vector<std::pair<const char*, std::shared_ptr<const void>>> all_;
};

}  // namespace gatehouse::detail::server
