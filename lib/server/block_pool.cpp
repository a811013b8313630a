#include <gatehouse/server/block_pool.hpp>

#include <array>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/base/internal_limits.hpp>

namespace gatehouse {
namespace {

/// Blocks of one size that wait to be taken again, so many at most: more goes back, so that a burst does not keep its
/// memory for ever.
template <std::size_t Most>
struct kept_blocks {
  std::array<char*, Most> blocks{};
  std::size_t count = 0;

  [[nodiscard]] char* take() noexcept { return count == 0 ? nullptr : blocks[--count]; }
  [[nodiscard]] bool keep(char* block) noexcept {
    if (count == Most) return false;
    blocks[count++] = block;
    return true;
  }
};

struct pool {
  kept_blocks<max_kept_blocks> standard{};
  kept_blocks<max_kept_large_blocks> large{};
  std::size_t in_use = 0;
  std::shared_ptr<block_bytes> bytes = std::make_shared<block_bytes>();

  pool() = default;
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;
  ~pool() {
    while (char* const block = standard.take()) ::operator delete(block);
    while (char* const block = large.take()) ::operator delete(block);
    bytes->allocated.set(0);
  }
  [[nodiscard]] char* take(std::size_t size) noexcept {
    return size == pooled_block::standard ? standard.take() : large.take();
  }
  [[nodiscard]] bool keep(char* block, std::size_t size) noexcept {
    return size == pooled_block::standard ? standard.keep(block) : large.keep(block);
  }
};

pool& this_thread() {
  thread_local pool blocks;
  return blocks;
}

}  // namespace

pooled_block pooled_block::take(std::size_t size) {
  GATEHOUSE_ASSERT(size <= large);
  const std::size_t real = size <= standard ? standard : large;
  pool& blocks = this_thread();
  ++blocks.in_use;
  blocks.bytes->in_use.add(real);
  if (char* const kept = blocks.take(real)) return {kept, real};
  blocks.bytes->allocated.add(real);
  return {static_cast<char*>(::operator new(real)), real};
}

void pooled_block::release() noexcept {
  if (data_ == nullptr) return;
  pool& blocks = this_thread();
  --blocks.in_use;
  blocks.bytes->in_use.subtract(size_);
  if (!blocks.keep(data_, size_)) {
    blocks.bytes->allocated.subtract(size_);
    ::operator delete(data_);
  }
  data_ = nullptr;
  size_ = 0;
}

block_statistics blocks_of_this_thread() noexcept {
  const pool& blocks = this_thread();
  return {.in_use = blocks.in_use, .kept = blocks.standard.count + blocks.large.count};
}

std::shared_ptr<const block_bytes> block_bytes_of_this_thread() { return this_thread().bytes; }

}  // namespace gatehouse
