#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse {

/// SipHash-2-4 (Aumasson and Bernstein, 2012) under a secret key: for every table whose keys a peer can choose.
class keyed_hash {
 public:
  using key = std::array<std::uint64_t, 2>;
  explicit constexpr keyed_hash(key k) noexcept : key_(k) {}
  [[nodiscard]] std::uint64_t operator()(std::span<const std::uint8_t> bytes) const noexcept;
  [[nodiscard]] std::uint64_t operator()(std::string_view text) const noexcept;

 private:
  key key_;
};

}  // namespace gatehouse
