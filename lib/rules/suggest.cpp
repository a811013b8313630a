#include "suggest.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse::detail::rules {
namespace {

constexpr std::size_t max_compared = 64;  // of a written value; the distance costs the product of both lengths

/// Levenshtein distance without case.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (ascii::to_lower(a[i - 1]) == ascii::to_lower(b[j - 1]) ? 0U : 1U);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
    }
  }
  return row.back();
}

}  // namespace

std::string_view nearest(std::string_view written, std::span<const std::string_view> options) {
  std::string_view best{};
  std::size_t best_distance = written.size() / 3 + 1;  // further than that it is another word
  if (written.size() > max_compared) return best;
  for (const std::string_view option : options) {
    const std::size_t d = distance(written, option);
    if (d >= option.size() || d > best_distance || (d == best_distance && !best.empty())) continue;
    best = option;
    best_distance = d;
  }
  return best;
}

std::string one_of(std::span<const std::string_view> options) {
  std::string out;
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (i != 0) out += i + 1 == options.size() ? " or " : ", ";
    out += options[i];
  }
  return out;
}

std::string suggest(std::string_view written, std::span<const std::string_view> options) {
  const std::string_view near = nearest(written, options);
  return near.empty() ? one_of(options) : std::string(near);
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), ascii::to_lower);
  return out;
}

}  // namespace gatehouse::detail::rules
