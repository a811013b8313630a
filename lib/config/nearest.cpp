#include <gatehouse/config/nearest.hpp>

#include <algorithm>
#include <vector>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse {
namespace {

constexpr std::size_t longest_compared = 64;  // no key is longer; what a file says may be

/// Optimal string alignment: Levenshtein plus swaps of neighbours, in three rows.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

}  // namespace

std::string snake_case(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool upper = c >= 'A' && c <= 'Z';
    const bool after_lower = i > 0 && (ascii::is_digit(text[i - 1]) || (text[i - 1] >= 'a' && text[i - 1] <= 'z'));
    if (upper && after_lower) out += '_';
    out += c == '-' || c == ' ' ? '_' : ascii::to_lower(c);
  }
  return out;
}

std::string_view nearest_name(std::string_view text, std::span<const std::string_view> candidates) {
  if (text.empty() || text.size() > longest_compared) return {};
  const std::string wanted = snake_case(text);
  std::string_view best{};
  std::size_t best_distance = std::max<std::size_t>(1, wanted.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t d = distance(wanted, snake_case(candidate));
    if (d < best_distance) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

}  // namespace gatehouse
