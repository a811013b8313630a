#include "blocking_pool.hpp"

#include <system_error>
#include <utility>

namespace gatehouse::detail::server {

blocking_pool::~blocking_pool() {
  static_cast<void>(stop(std::chrono::hours{1}));
  for (std::thread& t : threads_) t.join();
}

bool blocking_pool::submit(std::function<void()> work) {
  const std::scoped_lock lock(mutex_);
  if (stopping_) return false;
  if (idle_ <= queue_.size() && threads_.size() < max_threads_) {
    try {
      threads_.emplace_back([this] { this->work(); });
      ++running_;
    } catch (const std::system_error&) {  // the system has no more threads: those that run must do
      if (threads_.empty()) return false;
    }
  } else if (queue_.size() >= idle_ + max_queue_) {
    return false;
  }
  queue_.push_back(std::move(work));
  changed_.notify_one();
  return true;
}

bool blocking_pool::stop(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  queue_.clear();
  changed_.notify_all();
  return changed_.wait_for(lock, wait, [this] { return running_ == 0; });
}

void blocking_pool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) break;
    std::function<void()> next = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    next();
    next = nullptr;  // what it held goes before the lock is taken again
    lock.lock();
  }
  --running_;
  changed_.notify_all();
}

}  // namespace gatehouse::detail::server
