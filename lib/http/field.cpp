#include <gatehouse/http/field.hpp>

#include <array>
#include <bit>
#include <cstring>
#include <type_traits>

#include <gatehouse/base/ascii.hpp>

// A perfect hash over the known names, made at compile time: one multiplication, one table read, one comparison.

namespace gatehouse {
namespace {

constexpr std::size_t longest_name = [] {
  std::size_t longest = 0;
  for (const auto text : detail::http::field_texts) longest = longest < text.size() ? text.size() : longest;
  return longest;
}();

/// A known name in lower case. OPTIMIZATION: as small as it can be; the kernel leaves little of ours in the first
/// cache.
struct folded_name {
  std::array<char, longest_name> lower{};
  std::uint8_t size = 0;
};

constexpr auto folded_names = [] {
  std::array<folded_name, known_field_count> all{};
  for (std::size_t i = 0; i < known_field_count; ++i) {
    const std::string_view text = detail::http::field_texts[i];
    all[i].size = static_cast<std::uint8_t>(text.size());
    for (std::size_t k = 0; k < text.size(); ++k) {
      all[i].lower[k] = ascii::to_lower(text[k]);
    }
  }
  return all;
}();

/// Little-endian on every machine at compile time; at run time in the machine's order, which only has to be the same
/// for both tables. The static_assert below ties the two together.
template <typename Word>
constexpr Word load(const char* from) noexcept {
  if (std::is_constant_evaluated()) {
    Word word = 0;
    for (std::size_t i = 0; i < sizeof(Word); ++i) {
      word = static_cast<Word>(word |
                               static_cast<Word>(static_cast<Word>(static_cast<unsigned char>(from[i])) << (8 * i)));
    }
    return word;
  }
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}
static_assert(std::endian::native == std::endian::little, "the table is made for little-endian loads");

constexpr std::size_t slot_bits = 11;
constexpr std::uint64_t all_lower = 0x2020202020202020;

/// First and last eight bytes (of a shorter name: first and last four, or its bytes), without case. Differences in
/// between do not reach the hash; the known names need none, and the comparison sees every byte.
constexpr std::uint64_t summary(std::string_view name) noexcept {
  const std::size_t size = name.size();
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  if (size >= 8) {
    head = load<std::uint64_t>(name.data());
    tail = load<std::uint64_t>(name.data() + size - 8);
  } else if (size >= 4) {
    head = load<std::uint32_t>(name.data());
    tail = load<std::uint32_t>(name.data() + size - 4);
  } else {  // 2 or 3: who calls has checked
    head = load<std::uint16_t>(name.data());
    tail = load<std::uint16_t>(name.data() + size - 2);
  }
  return (head | all_lower) ^ std::rotl(tail | all_lower, 29) ^ size;
}

constexpr std::size_t slot_of(std::uint64_t summed, std::uint64_t factor) noexcept {
  return static_cast<std::size_t>((summed * factor) >> (64 - slot_bits));
}

/// The first factor of a fixed sequence under which no two known names share a slot. A name that could not be told
/// apart would never find one, and the build would stop here.
constexpr std::uint64_t factor = [] {
  std::array<std::uint64_t, known_field_count> summed{};
  for (std::size_t i = 0; i < known_field_count; ++i) summed[i] = summary(detail::http::field_texts[i]);
  for (std::uint64_t candidate = 0x9e3779b97f4a7c15;;
       candidate = candidate * 6364136223846793005U + 1442695040888963407U) {
    std::array<bool, std::size_t{1} << slot_bits> taken{};
    bool perfect = true;
    for (std::size_t i = 0; i < known_field_count && perfect; ++i) {
      bool& slot = taken[slot_of(summed[i], candidate | 1U)];
      perfect = !slot;
      slot = true;
    }
    if (perfect) return candidate | 1U;
  }
}();

constexpr auto slots = [] {
  std::array<field, std::size_t{1} << slot_bits> table{};
  table.fill(field::other);
  for (std::size_t i = 0; i < known_field_count; ++i) {
    table[slot_of(summary(detail::http::field_texts[i]), factor)] = static_cast<field>(i);
  }
  return table;
}();

/// A received byte b is right when (b | fold) == lower. fold is 0x20 for letters and 0 for the rest, so only the two
/// cases of a letter fold together: '@' never passes for '`', nor '\r' for '-'.
template <typename Word>
constexpr bool same_at(const char* text, const folded_name& known, std::size_t at) noexcept {
  const Word lower = load<Word>(known.lower.data() + at);
  // In these names only letters have the bit 0x40 (see the static_assert): moved right by one it is their fold.
  const auto fold = static_cast<Word>(static_cast<Word>(lower >> 1) & static_cast<Word>(all_lower));
  return (load<Word>(text + at) | fold) == lower;
}
static_assert([] {
  for (const std::string_view text : detail::http::field_texts) {
    for (const char c : text) {
      if (ascii::is_alpha(c) != ((ascii::to_lower(c) & 0x40) != 0)) return false;
    }
  }
  return true;
}());

/// Whole words, the last one overlapping the one before it.
template <typename Word>
constexpr bool same_in_words(const char* text, const folded_name& known) noexcept {
  const std::size_t last = known.size - sizeof(Word);
  for (std::size_t at = 0; at < last; at += sizeof(Word)) {
    if (!same_at<Word>(text, known, at)) return false;
  }
  return same_at<Word>(text, known, last);
}

constexpr bool is_name(const folded_name& known, std::string_view text) noexcept {
  if (text.size() != known.size) return false;
  if (known.size >= 8) return same_in_words<std::uint64_t>(text.data(), known);
  if (known.size >= 4) return same_in_words<std::uint32_t>(text.data(), known);
  return same_in_words<std::uint16_t>(text.data(), known);
}

constexpr field find(std::string_view text) noexcept {
  if (text.size() < 2 || text.size() > longest_name) return field::other;
  const field candidate = slots[slot_of(summary(text), factor)];
  if (candidate == field::other) return field::other;
  return is_name(folded_names[static_cast<std::size_t>(candidate)], text) ? candidate : field::other;
}

constexpr bool every_name_finds_itself() noexcept {
  for (std::size_t i = 0; i < known_field_count; ++i) {
    if (find(detail::http::field_texts[i]) != static_cast<field>(i)) return false;
  }
  return true;
}
static_assert(every_name_finds_itself());
static_assert(find("hOST") == field::host && find("te") == field::te && find("X_Forwarded_For") == field::other);
static_assert(find("") == field::other && find("x") == field::other && find("Hos") == field::other);

}  // namespace

field find_field(std::string_view name) noexcept { return find(name); }

}  // namespace gatehouse
