#include <gatehouse/server/block_pool.hpp>

#include <vector>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/base/internal_limits.hpp>

namespace gatehouse {
namespace {

struct pool {
  std::vector<char*> standard{};
  std::vector<char*> large{};
  std::size_t in_use = 0;
  std::shared_ptr<block_bytes> bytes = std::make_shared<block_bytes>();

  // What is kept has room here from the start; more goes back, so that a burst does not keep its memory for ever.
  pool() { standard.reserve(max_kept_blocks), large.reserve(max_kept_large_blocks); }
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;
  ~pool() {
    for (char* const block : standard) ::operator delete(block);
    for (char* const block : large) ::operator delete(block);
    bytes->allocated.set(0);
  }
  std::vector<char*>& of(std::size_t size) { return size == pooled_block::standard ? standard : large; }
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
  auto& kept = blocks.of(real);
  if (kept.empty()) {
    blocks.bytes->allocated.add(real);
    return {static_cast<char*>(::operator new(real)), real};
  }
  char* const data = kept.back();
  kept.pop_back();
  return {data, real};
}

void pooled_block::release() noexcept {
  if (data_ == nullptr) return;
  pool& blocks = this_thread();
  --blocks.in_use;
  blocks.bytes->in_use.subtract(size_);
  auto& kept = blocks.of(size_);
  if (kept.size() < kept.capacity()) {
    kept.push_back(data_);
  } else {
    blocks.bytes->allocated.subtract(size_);
    ::operator delete(data_);
  }
  data_ = nullptr;
  size_ = 0;
}

block_statistics blocks_of_this_thread() noexcept {
  const pool& blocks = this_thread();
  return {.in_use = blocks.in_use, .kept = blocks.standard.size() + blocks.large.size()};
}

std::shared_ptr<const block_bytes> block_bytes_of_this_thread() { return this_thread().bytes; }

}  // namespace gatehouse
