#pragma once
// The threads that gh::blocking runs on. Bounded in threads and in what waits for one.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace gatehouse::detail::server {

class blocking_pool {
 public:
  /// No thread is started before the first work.
  blocking_pool(unsigned threads, std::size_t queue) : max_threads_(threads), max_queue_(queue) {}
  blocking_pool(const blocking_pool&) = delete;
  blocking_pool& operator=(const blocking_pool&) = delete;
  ~blocking_pool();

  /// From any thread. False when it is full or stopping.
  [[nodiscard]] bool submit(std::function<void()> work);
  /// Takes no more, drops what waits, and waits for what runs. False when that did not end within `wait`.
  [[nodiscard]] bool stop(std::chrono::milliseconds wait);

 private:
  void work();

  const unsigned max_threads_;
  const std::size_t max_queue_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  std::size_t running_ = 0;  // threads that have not ended
  bool stopping_ = false;
};

}  // namespace gatehouse::detail::server
