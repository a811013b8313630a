#include <gatehouse/http/byte_range.hpp>

#include <algorithm>
#include <optional>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>

namespace gatehouse {
namespace {

/// Digits; a number too large for us is larger than every representation.
std::optional<std::uint64_t> number_of(std::string_view digits) noexcept {
  if (digits.empty()) return std::nullopt;
  constexpr std::uint64_t most = 999'999'999'999'999'999;
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (!ascii::is_digit(c)) return std::nullopt;
    if (value <= most / 10) {
      value = value * 10 + static_cast<std::uint64_t>(c - '0');
    } else {
      value = most;
    }
  }
  return value;
}

enum class read { invalid, unsatisfiable, satisfiable };

// RFC 9110 section 14.1.2.
read read_spec(std::string_view spec, std::uint64_t size, byte_range& out) noexcept {
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos) return read::invalid;
  if (dash == 0) {
    const auto suffix = number_of(spec.substr(1));
    if (!suffix) return read::invalid;
    if (*suffix == 0 || size == 0) return read::unsatisfiable;
    out = {.first = size - std::min(*suffix, size), .last = size - 1};
    return read::satisfiable;
  }
  const auto first = number_of(spec.substr(0, dash));
  const std::string_view end = spec.substr(dash + 1);
  const auto last = end.empty() ? std::optional<std::uint64_t>{~std::uint64_t{0}} : number_of(end);
  if (!first || !last || *first > *last) return read::invalid;
  if (*first >= size) return read::unsatisfiable;
  out = {.first = *first, .last = std::min(*last, size - 1)};
  return read::satisfiable;
}

void join(byte_ranges& r) noexcept {
  const auto begin = r.all.begin();
  std::sort(begin, begin + static_cast<std::ptrdiff_t>(r.count),
            [](const byte_range& a, const byte_range& b) { return a.first < b.first; });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < r.count; ++i) {
    if (r.all[i].first <= r.all[kept].last + 1) {
      r.all[kept].last = std::max(r.all[kept].last, r.all[i].last);
    } else {
      r.all[++kept] = r.all[i];
    }
  }
  r.count = kept + 1;
}

}  // namespace

byte_ranges parse_byte_ranges(std::string_view value, std::uint64_t size) noexcept {
  constexpr std::string_view unit = "bytes=";
  if (value.size() < unit.size() || !ascii::equal_ignoring_case(value.substr(0, unit.size()), unit)) return {};
  byte_ranges r;
  std::size_t seen = 0;
  const bool valid = grammar::for_each_element(value.substr(unit.size()), [&](std::string_view spec) {
    if (++seen > max_byte_ranges) return false;
    const read got = read_spec(spec, size, r.all[r.count]);
    if (got == read::satisfiable) ++r.count;
    return got != read::invalid;
  });
  if (!valid || seen == 0) return {};
  if (r.count == 0) {
    r.what = byte_ranges::kind::unsatisfiable;
    return r;
  }
  join(r);
  r.what = byte_ranges::kind::some;
  return r;
}

}  // namespace gatehouse
