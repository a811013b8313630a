#pragma once
// The two searches that a head's bytes go through. Every implementation is compiled and tested wherever it can be;
// `scan_best` is the one in use. None of them reads outside [from, end).

#include <bit>
#include <cstddef>

#include <gatehouse/base/byte_words.hpp>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gatehouse::detail::wire {

/// A byte that ends a line or may stand nowhere in a head: CTL without TAB (RFC 5234 appendix B.1).
[[nodiscard]] constexpr bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

/// What of a block's bytes is a control byte, and which of those are CR and LF: bit i is byte i.
struct block_marks {
  unsigned controls = 0;
  unsigned cr = 0;
  unsigned lf = 0;
};

/// Byte by byte: the definition that the others are tested against, and what they end with.
struct scan_bytes {
  static constexpr std::size_t block = 1;
  /// Bit i: whether byte i of a block is a control byte.
  [[nodiscard]] static unsigned controls(const char* from) noexcept { return is_control(*from) ? 1 : 0; }
  /// The first ":", or `end`.
  [[nodiscard]] static const char* colon(const char* from, const char* end) noexcept {
    while (from != end && *from != ':') ++from;
    return from;
  }
};

/// Eight bytes at a time, on any machine.
struct scan_words {
  static constexpr std::size_t block = 8;
  [[nodiscard]] static unsigned controls(const char* from) noexcept {
    if (!byte_words::may_have_control(byte_words::load(from))) return 0;
    unsigned found = 0;
    for (std::size_t i = 0; i < block; ++i) found |= scan_bytes::controls(from + i) << i;
    return found;
  }
  [[nodiscard]] static const char* colon(const char* from, const char* end) noexcept {
    for (; end - from >= 8; from += 8) {
      if (byte_words::has(byte_words::load(from), ':')) break;
    }
    return scan_bytes::colon(from, end);
  }
};

#if defined(__SSE2__)
/// Two times sixteen bytes at a time: every x86-64 has this, so nothing is chosen at run time.
struct scan_sse2 {
  static constexpr std::size_t block = 32;
  [[nodiscard]] static unsigned controls(const char* from) noexcept {
    return both(controls_of(load(from)), controls_of(load(from + 16)));
  }
  [[nodiscard]] static block_marks marks(const char* from) noexcept {
    const __m128i first = load(from);
    const __m128i second = load(from + 16);
    const unsigned found = both(controls_of(first), controls_of(second));
    if (found == 0) return {};
    return {.controls = found,
            .cr = both(equal(first, '\r'), equal(second, '\r')),
            .lf = both(equal(first, '\n'), equal(second, '\n'))};
  }
  [[nodiscard]] static const char* colon(const char* from, const char* end) noexcept {
    for (; end - from >= 16; from += 16) {
      if (const unsigned mask = bits(equal(load(from), ':')); mask != 0) return from + std::countr_zero(mask);
    }
    return scan_words::colon(from, end);
  }

 private:
  [[nodiscard]] static unsigned bits(__m128i found) noexcept { return static_cast<unsigned>(_mm_movemask_epi8(found)); }
  [[nodiscard]] static unsigned both(__m128i first, __m128i second) noexcept {
    return bits(first) | bits(second) << 16U;
  }
  [[nodiscard]] static __m128i equal(__m128i bytes, char c) noexcept { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); }
  [[nodiscard]] static __m128i controls_of(__m128i bytes) noexcept {
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);  // unsigned: byte <= 0x1f
    return _mm_or_si128(_mm_andnot_si128(equal(bytes, '\t'), low), equal(bytes, 0x7f));
  }
  [[nodiscard]] static __m128i load(const char* from) noexcept {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  }
};
using scan_best = scan_sse2;
#else
using scan_best = scan_words;
#endif

/// Whether an implementation tells CR and LF apart.
template <typename Scan>
concept marks_line_endings = requires(const char* from) { Scan::marks(from); };

/// Calls `visit(at)` for the control bytes in order until it returns false; returns that one's place, or `end`.
template <typename Scan, typename Visit>
const char* for_each_control(const char* from, const char* end, Visit visit) noexcept {
  for (; end - from >= static_cast<std::ptrdiff_t>(Scan::block); from += Scan::block) {
    for (unsigned mask = Scan::controls(from); mask != 0; mask &= mask - 1) {
      const char* const at = from + std::countr_zero(mask);
      if (!visit(at)) return at;
    }
  }
  for (; from != end; ++from) {
    if (is_control(*from) && !visit(from)) return from;
  }
  return end;
}

}  // namespace gatehouse::detail::wire
