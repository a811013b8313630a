#pragma once

#include <cstdint>
#include <span>

namespace gatehouse {

/// Unpredictable bytes, passed in wherever they are needed so that tests can repeat themselves.
class random_source {
 public:
  random_source() = default;
  random_source(const random_source&) = delete;
  random_source& operator=(const random_source&) = delete;
  virtual ~random_source() = default;
  virtual void fill(std::span<std::uint8_t> out) noexcept = 0;
};

/// The kernel's generator (getrandom), read 4 KiB at a time: a system call for some 200 request ids. Each byte is
/// handed out once. Ends the process if the kernel has none to give. Not thread-safe: one a loop.
class system_random final : public random_source {
 public:
  void fill(std::span<std::uint8_t> out) noexcept override;

 private:
  std::uint8_t* take(std::size_t size) noexcept;
  [[gnu::noinline]] void fill_any(std::span<std::uint8_t> out) noexcept;

  std::uint8_t buffer_[4096]{};
  std::size_t left_ = 0;
};

/// For tests: the same bytes for the same seed.
class seeded_random final : public random_source {
 public:
  explicit seeded_random(std::uint64_t seed) noexcept : state_(seed) {}
  void fill(std::span<std::uint8_t> out) noexcept override;

 private:
  std::uint64_t state_;
};

}  // namespace gatehouse
