#pragma once
// Text that ends exactly where readable memory ends: one byte too far, and the process dies, with or without a
// sanitizer.

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>

namespace gatehouse::test {

/// Room for up to `capacity` bytes before a page that nobody may touch. Reused by every `place`.
class guard_page {
 public:
  explicit guard_page(std::size_t capacity) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    size_ = (capacity + page - 1) / page * page;
    mapped_ = size_ + page;
    void* const at = ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) std::abort();
    begin_ = static_cast<char*>(at);
    if (::mprotect(begin_ + size_, page, PROT_NONE) != 0) std::abort();
  }
  guard_page(const guard_page&) = delete;
  guard_page& operator=(const guard_page&) = delete;
  ~guard_page() { ::munmap(begin_, mapped_); }

  /// A copy of `text` whose last byte is the last readable one. Valid until the next call.
  [[nodiscard]] std::span<char> place(std::string_view text) {
    if (text.size() > size_) std::abort();
    char* const at = begin_ + (size_ - text.size());
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    return {at, text.size()};
  }

 private:
  char* begin_ = nullptr;
  std::size_t size_ = 0;
  std::size_t mapped_ = 0;
};

}  // namespace gatehouse::test
