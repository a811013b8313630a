#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace gatehouse::detail::server {

/// A `T` for each thread that uses this object, made at the thread's first use; all of them stay as long as this does.
template <typename T>
class thread_own {
 public:
  /// The calling thread's own; made of these arguments if there is none yet.
  template <typename... Arguments>
  T& mine(Arguments&&... arguments) {
    struct cached {
      std::uint64_t number = 0;
      T* own = nullptr;
    };
    static thread_local cached last;  // of the object that the thread used last: nearly always this one
    T* own = last.number == number_ ? last.own : nullptr;
    if (own == nullptr) {
      own = &find_or_make(std::forward<Arguments>(arguments)...);
      last = {.number = number_, .own = own};
    }
    return *own;
  }

  /// Any thread: those there are, in the order of their first use.
  template <typename Look>
  void each(const Look& look) const {
    for (const T* const one : list()) look(*one);
  }

 private:
  struct owned {
    std::thread::id thread;
    std::unique_ptr<T> own;
  };

  /// What is looked at is not locked: a thread waits only before its first use, and only for this.
  [[nodiscard]] std::vector<const T*> list() const {
    const std::scoped_lock lock(mutex_);
    std::vector<const T*> out;
    out.reserve(all_.size());
    for (const owned& o : all_) out.push_back(o.own.get());
    return out;
  }

  template <typename... Arguments>
  T& find_or_make(Arguments&&... arguments) {
    const std::scoped_lock lock(mutex_);
    const auto me = std::this_thread::get_id();
    const auto found = std::ranges::find(all_, me, &owned::thread);
    if (found != all_.end()) return *found->own;
    return *all_.emplace_back(owned{.thread = me, .own = std::make_unique<T>(std::forward<Arguments>(arguments)...)})
                .own;
  }

  static inline std::atomic<std::uint64_t> made{0};
  const std::uint64_t number_ = ++made;  // an address may be another object's later
  mutable std::mutex mutex_;
  std::vector<owned> all_;
};

}  // namespace gatehouse::detail::server
