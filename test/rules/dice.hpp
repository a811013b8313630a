#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <gatehouse/base/random.hpp>

namespace gatehouse::test {

/// What is made up at random, and the same again for the same seed.
class dice {
 public:
  explicit dice(std::uint64_t seed) : random_(seed) {}
  std::size_t below(std::size_t n) {
    std::array<std::uint8_t, 4> b{};
    random_.fill(b);
    return (std::size_t{b[0]} << 16 | std::size_t{b[1]} << 8 | b[2]) % n;
  }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <typename T, std::size_t N>
  const T& pick(const T (&from)[N]) {
    return from[below(N)];
  }

 private:
  seeded_random random_;
};

}  // namespace gatehouse::test
