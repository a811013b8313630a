#pragma once
// The two searches that a head's bytes go through. Every implementation is compiled and tested wherever it can be;
// `best` is the one in use. None of them reads outside [from, end).

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gatehouse::detail::wire {

/// A byte that ends a line or may stand nowhere in a head: CTL without TAB (RFC 5234 appendix B.1).
[[nodiscard]] constexpr bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

/// Byte by byte: the definition that the others are tested against, and what they end with.
struct scan_bytes {
  /// The first control byte, or `end`.
  [[nodiscard]] static const char* control(const char* from, const char* end) noexcept {
    while (from != end && !is_control(*from)) ++from;
    return from;
  }
  /// The first ":", or `end`.
  [[nodiscard]] static const char* colon(const char* from, const char* end) noexcept {
    while (from != end && *from != ':') ++from;
    return from;
  }
};

/// Eight bytes at a time, on any machine.
struct scan_words {
  static constexpr std::uint64_t ones = 0x0101010101010101;
  static constexpr std::uint64_t tops = 0x8080808080808080;

  /// Whether any byte is below 0x20 or 0x7f. Says yes for TAB as well; the bytes are then looked at one by one.
  [[nodiscard]] static constexpr bool may_have_control(std::uint64_t word) noexcept {
    const std::uint64_t low = (word - ones * 0x20) & ~word;
    const std::uint64_t not_delete = word ^ (ones * 0x7f);
    return ((low | ((not_delete - ones) & ~not_delete)) & tops) != 0;
  }
  [[nodiscard]] static constexpr bool has_colon(std::uint64_t word) noexcept {
    const std::uint64_t not_colon = word ^ (ones * ':');
    return ((not_colon - ones) & ~not_colon & tops) != 0;
  }

  [[nodiscard]] static const char* control(const char* from, const char* end) noexcept {
    for (; end - from >= 8; from += 8) {
      if (!may_have_control(load(from))) continue;
      const char* const found = scan_bytes::control(from, from + 8);
      if (found != from + 8) return found;
    }
    return scan_bytes::control(from, end);
  }
  [[nodiscard]] static const char* colon(const char* from, const char* end) noexcept {
    for (; end - from >= 8; from += 8) {
      if (has_colon(load(from))) break;
    }
    return scan_bytes::colon(from, end);
  }

 private:
  [[nodiscard]] static std::uint64_t load(const char* from) noexcept {
    std::uint64_t word;
    std::memcpy(&word, from, sizeof word);
    return word;
  }
};

#if defined(__SSE2__)
/// Sixteen bytes at a time: every x86-64 has this, so nothing is chosen at run time.
struct scan_sse2 {
  [[nodiscard]] static const char* control(const char* from, const char* end) noexcept {
    for (; end - from >= 16; from += 16) {
      const __m128i bytes = load(from);
      const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);  // unsigned: byte <= 0x1f
      const __m128i not_tab = _mm_andnot_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')), low);
      const __m128i found = _mm_or_si128(not_tab, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)));
      const auto mask = static_cast<unsigned>(_mm_movemask_epi8(found));
      if (mask != 0) return from + std::countr_zero(mask);
    }
    return scan_words::control(from, end);
  }
  [[nodiscard]] static const char* colon(const char* from, const char* end) noexcept {
    for (; end - from >= 16; from += 16) {
      const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(load(from), _mm_set1_epi8(':'))));
      if (mask != 0) return from + std::countr_zero(mask);
    }
    return scan_words::colon(from, end);
  }

 private:
  [[nodiscard]] static __m128i load(const char* from) noexcept {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  }
};
using scan_best = scan_sse2;
#else
using scan_best = scan_words;
#endif

}  // namespace gatehouse::detail::wire
