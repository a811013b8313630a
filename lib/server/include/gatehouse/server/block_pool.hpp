#pragma once
// The blocks that bytes are received into and sent from. Each loop's thread has its own pool: no lock, and a block
// never changes thread.

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include <gatehouse/base/internal_limits.hpp>
#include <gatehouse/base/loop_counter.hpp>

namespace gatehouse {

/// A block taken from this thread's pool; goes back when dropped, on the same thread. May be empty.
class pooled_block {
 public:
  pooled_block() noexcept = default;
  pooled_block(pooled_block&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  pooled_block& operator=(pooled_block&& other) noexcept {
    if (this != &other) {
      release();
      data_ = std::exchange(other.data_, nullptr);
      size_ = std::exchange(other.size_, 0);
    }
    return *this;
  }
  pooled_block(const pooled_block&) = delete;
  pooled_block& operator=(const pooled_block&) = delete;
  ~pooled_block() { release(); }

  /// A block of at least `size` bytes (at most `large`), uninitialised.
  [[nodiscard]] static pooled_block take(std::size_t size = standard);

  [[nodiscard]] char* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  explicit operator bool() const noexcept { return data_ != nullptr; }
  void release() noexcept;

  static constexpr std::size_t standard = standard_block_bytes;
  static constexpr std::size_t large = std::size_t{320} * 1024;  ///< holds the largest head that limits allow, four
                                                                 ///< times over

 private:
  pooled_block(char* data, std::size_t size) noexcept : data_(data), size_(size) {}
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

/// How many blocks this thread's pool keeps for later and how many are in use; for tests and metrics.
struct block_statistics {
  std::size_t in_use = 0;
  std::size_t kept = 0;
};
[[nodiscard]] block_statistics blocks_of_this_thread() noexcept;

/// The same in bytes, for other threads; stays when the thread has ended.
struct block_bytes {
  loop_counter allocated{};  ///< those in use, and those kept
  loop_counter in_use{};
};
[[nodiscard]] std::shared_ptr<const block_bytes> block_bytes_of_this_thread();

}  // namespace gatehouse
