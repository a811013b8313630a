#pragma once
// Memory that lives exactly as long as one exchange. Bounded: what does not fit is refused, never taken from the heap.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>

namespace gatehouse {

/// Hands out pieces of a block that somebody else owns (a pooled one, or an array in a test). Not thread-safe.
class arena {
 public:
  arena() = default;
  explicit arena(std::span<char> block) noexcept
      : begin_(block.data()), next_(block.data()), end_(block.data() + block.size()) {}

  /// Uninitialised bytes, aligned for `alignment`, or nullptr when the block is used up: the caller refuses the request
  /// with `limit.exchange-memory`.
  [[nodiscard]] char* allocate(std::size_t size, std::size_t alignment = 1) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(next_);
    const std::size_t skip = (alignment - address % alignment) % alignment;
    const auto left = static_cast<std::size_t>(end_ - next_);
    if (skip > left || size > left - skip) return nullptr;
    char* const at = next_ + skip;
    next_ = at + size;
    return at;
  }

  /// A copy of `text` that lives as long as the arena's block; nullptr data and size 0 when it does not fit (and `text`
  /// was not empty).
  [[nodiscard]] std::string_view copy(std::string_view text) noexcept {
    char* const at = allocate(text.size());
    if (at == nullptr) return {};
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    return {at, text.size()};
  }

  /// A default-initialised `T`, never destroyed, or nullptr.
  template <typename T>
  [[nodiscard]] T* make() noexcept {
    static_assert(std::is_trivially_destructible_v<T>);
    char* const at = allocate(sizeof(T), alignof(T));
    return at == nullptr ? nullptr : new (at) T{};
  }

  [[nodiscard]] std::size_t used() const noexcept { return static_cast<std::size_t>(next_ - begin_); }
  [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - next_); }
  /// Forgets everything handed out.
  void reset() noexcept { next_ = begin_; }

 private:
  char* begin_ = nullptr;
  char* next_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace gatehouse
