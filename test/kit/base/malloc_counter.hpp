#pragma once
// Counts heap allocations, for the tests that say "0 allocations". Including this header puts malloc and its kin of the
// whole executable behind a counter (operator new calls malloc); under a sanitizer, which has a malloc of its own, its
// hooks count (all but realloc under ThreadSanitizer).
//
//   gatehouse::test::malloc_counter here;                       // this thread, from now on
//   work();
//   EXPECT_EQ(here.count(), 0U);
//   gatehouse::test::malloc_counter all(malloc_counter::every_thread);

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GATEHOUSE_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GATEHOUSE_TEST_SANITIZED 1
#endif
#endif

namespace gatehouse::test {
namespace malloc_counts {

inline constinit thread_local std::uint64_t of_this_thread = 0;
inline constinit std::atomic<std::uint64_t> of_all_threads{0};

inline void note() noexcept {
  ++of_this_thread;
  of_all_threads.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace malloc_counts

/// How many allocations were made since it was made. Freeing is not counted: it needs an allocation first.
class malloc_counter {
 public:
  enum class scope : std::uint8_t { this_thread, every_thread };
  static constexpr scope this_thread = scope::this_thread;
  static constexpr scope every_thread = scope::every_thread;

  explicit malloc_counter(scope s = this_thread) noexcept : scope_(s), before_(total()) {}
  [[nodiscard]] std::uint64_t count() const noexcept { return total() - before_; }

 private:
  [[nodiscard]] std::uint64_t total() const noexcept {
    return scope_ == this_thread ? malloc_counts::of_this_thread
                                 : malloc_counts::of_all_threads.load(std::memory_order_relaxed);
  }
  scope scope_;
  std::uint64_t before_;
};

}  // namespace gatehouse::test

#ifdef GATEHOUSE_TEST_SANITIZED

extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, std::size_t),
                                                         void (*)(const volatile void*));

namespace gatehouse::test::malloc_counts {
// At most five hooks fit; an inline variable is made once however many files include this.
inline const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { note(); }, [](const volatile void*) {});
}  // namespace gatehouse::test::malloc_counts

#else

// Weak, so that several files of one executable may include this. The dynamic loader looks for malloc in the executable
// first, so the libraries' allocations are counted too. __libc_* are glibc's own functions under their stable names.
extern "C" {
void* __libc_malloc(std::size_t) noexcept;
void* __libc_calloc(std::size_t, std::size_t) noexcept;
void* __libc_realloc(void*, std::size_t) noexcept;
void* __libc_memalign(std::size_t, std::size_t) noexcept;

__attribute__((weak)) void* malloc(std::size_t size) noexcept {
  gatehouse::test::malloc_counts::note();
  return __libc_malloc(size);
}
__attribute__((weak)) void* calloc(std::size_t count, std::size_t size) noexcept {
  gatehouse::test::malloc_counts::note();
  return __libc_calloc(count, size);
}
__attribute__((weak)) void* realloc(void* old, std::size_t size) noexcept {
  gatehouse::test::malloc_counts::note();
  return __libc_realloc(old, size);
}
__attribute__((weak)) void* memalign(std::size_t alignment, std::size_t size) noexcept {
  gatehouse::test::malloc_counts::note();
  return __libc_memalign(alignment, size);
}
__attribute__((weak)) void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  gatehouse::test::malloc_counts::note();
  return __libc_memalign(alignment, size);
}
__attribute__((weak)) int posix_memalign(void** out, std::size_t alignment, std::size_t size) noexcept {
  gatehouse::test::malloc_counts::note();
  if (alignment % sizeof(void*) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  void* const made = __libc_memalign(alignment, size);
  if (made == nullptr) return ENOMEM;
  *out = made;
  return 0;
}
}

#endif
