#pragma once
// A value or an error. Member names follow std::expected, which needs C++23 with g++ 12; never aliased to it by a
// feature test, or a library and its user could compile different types into one signature.

#include <memory>
#include <type_traits>
#include <utility>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/base/error.hpp>

namespace gatehouse {

/// Wraps an error so that it converts to any `result<T, E>`.
template <typename E>
struct failure {
  E value;
};
template <typename E>
failure(E) -> failure<E>;

/// Either a `T` or an `E`; never empty. Reading the wrong side is a programming error and ends the process.
template <typename T, typename E = error>
class [[nodiscard]] result {
 public:
  using value_type = T;
  using error_type = E;

  // Implicit on purpose: a function returns a value or an error as it is.
  constexpr result(const T& value) : has_(true) { std::construct_at(&value_, value); }
  constexpr result(T&& value) : has_(true) { std::construct_at(&value_, std::move(value)); }
  constexpr result(failure<E> e) : has_(false) { std::construct_at(&error_, std::move(e.value)); }
  constexpr result(E e)
    requires(std::is_same_v<E, gatehouse::error> && !std::is_same_v<T, E>)
      : has_(false) {
    std::construct_at(&error_, e);
  }

  constexpr result(const result& other) : has_(other.has_) { construct_from(other); }
  constexpr result(result&& other) noexcept(std::is_nothrow_move_constructible_v<T> &&
                                            std::is_nothrow_move_constructible_v<E>)
      : has_(other.has_) {
    construct_from(std::move(other));
  }
  constexpr result& operator=(result other) noexcept {
    destroy();
    has_ = other.has_;
    construct_from(std::move(other));
    return *this;
  }
  constexpr ~result() { destroy(); }

  [[nodiscard]] constexpr bool has_value() const noexcept { return has_; }
  constexpr explicit operator bool() const noexcept { return has_; }

  constexpr T& value() & noexcept { return GATEHOUSE_ASSERT(has_), value_; }
  constexpr const T& value() const& noexcept { return GATEHOUSE_ASSERT(has_), value_; }
  constexpr T&& value() && noexcept { return GATEHOUSE_ASSERT(has_), std::move(value_); }
  constexpr T& operator*() & noexcept { return value(); }
  constexpr const T& operator*() const& noexcept { return value(); }
  constexpr T&& operator*() && noexcept { return std::move(*this).value(); }
  constexpr T* operator->() noexcept { return &value(); }
  constexpr const T* operator->() const noexcept { return &value(); }

  constexpr E& error() & noexcept { return GATEHOUSE_ASSERT(!has_), error_; }
  constexpr const E& error() const& noexcept { return GATEHOUSE_ASSERT(!has_), error_; }
  constexpr E&& error() && noexcept { return GATEHOUSE_ASSERT(!has_), std::move(error_); }

  template <typename U>
  [[nodiscard]] constexpr T value_or(U&& fallback) const& {
    return has_ ? value_ : static_cast<T>(std::forward<U>(fallback));
  }
  template <typename F>
  constexpr auto and_then(F&& f) const& -> std::invoke_result_t<F, const T&> {
    if (has_) return std::forward<F>(f)(value_);
    return failure<E>{error_};
  }
  template <typename F>
  constexpr auto transform(F&& f) const& -> result<std::invoke_result_t<F, const T&>, E> {
    if (has_) return std::forward<F>(f)(value_);
    return failure<E>{error_};
  }

 private:
  template <typename R>
  constexpr void construct_from(R&& other) {
    if (has_) {
      std::construct_at(&value_, std::forward<R>(other).value_);
    } else {
      std::construct_at(&error_, std::forward<R>(other).error_);
    }
  }
  constexpr void destroy() noexcept {
    if (has_) {
      std::destroy_at(&value_);
    } else {
      std::destroy_at(&error_);
    }
  }

  union {
    T value_;
    E error_;
  };
  bool has_;
};

/// Success without a value, or an `E`.
template <typename E>
class [[nodiscard]] result<void, E> {
 public:
  using value_type = void;
  using error_type = E;

  constexpr result() noexcept = default;
  constexpr result(failure<E> e) : error_(std::move(e.value)), has_(false) {}
  constexpr result(E e)
    requires std::is_same_v<E, gatehouse::error>
      : error_(e), has_(false) {}

  [[nodiscard]] constexpr bool has_value() const noexcept { return has_; }
  constexpr explicit operator bool() const noexcept { return has_; }
  constexpr const E& error() const noexcept { return GATEHOUSE_ASSERT(!has_), error_; }

 private:
  E error_{};
  bool has_ = true;
};

}  // namespace gatehouse
