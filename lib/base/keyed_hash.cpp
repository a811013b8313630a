#include <gatehouse/base/keyed_hash.hpp>

#include <bit>
#include <cstddef>
#include <cstring>

namespace gatehouse {
namespace {

static_assert(std::endian::native == std::endian::little, "load() below reads little-endian words");

std::uint64_t load(const unsigned char* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

struct state {
  std::uint64_t v0, v1, v2, v3;

  void round() noexcept {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void compress(std::uint64_t word) noexcept {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

// https://www.aumasson.jp/siphash/siphash.pdf section 2.2, with c = 2 and d = 4.
std::uint64_t siphash_2_4(const keyed_hash::key& key, const unsigned char* bytes, std::size_t size) noexcept {
  // 1. Initialization.
  state s{.v0 = key[0] ^ 0x736f6d6570736575U,
          .v1 = key[1] ^ 0x646f72616e646f6dU,
          .v2 = key[0] ^ 0x6c7967656e657261U,
          .v3 = key[1] ^ 0x7465646279746573U};
  // 2. Compression: whole words, then the rest with the length in the last byte.
  const std::size_t whole = size / 8 * 8;
  for (std::size_t i = 0; i < whole; i += 8) s.compress(load(bytes + i));
  std::uint64_t last = static_cast<std::uint64_t>(size) << 56;
  for (std::size_t i = whole; i < size; ++i) last |= static_cast<std::uint64_t>(bytes[i]) << (8 * (i - whole));
  s.compress(last);
  // 3. Finalization.
  s.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) s.round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

}  // namespace

std::uint64_t keyed_hash::operator()(std::span<const std::uint8_t> bytes) const noexcept {
  return siphash_2_4(key_, bytes.data(), bytes.size());
}

std::uint64_t keyed_hash::operator()(std::string_view text) const noexcept {
  return siphash_2_4(key_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

}  // namespace gatehouse
