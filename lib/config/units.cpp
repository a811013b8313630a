#include <gatehouse/config/units.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse {
namespace {

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array size_units{unit{"GiB", 1U << 30U}, unit{"MiB", 1U << 20U}, unit{"KiB", 1U << 10U}, unit{"B", 1}};
constexpr std::array duration_units{unit{"h", 3'600'000}, unit{"m", 60'000}, unit{"s", 1'000}, unit{"ms", 1}};

// What people write who come from elsewhere; compared in lower case, a final "s" dropped.
constexpr std::array foreign_sizes{unit{"", 1},          unit{"b", 1},          unit{"byte", 1},
                                   unit{"k", 1U << 10U}, unit{"kb", 1U << 10U}, unit{"kib", 1U << 10U},
                                   unit{"m", 1U << 20U}, unit{"mb", 1U << 20U}, unit{"mib", 1U << 20U},
                                   unit{"g", 1U << 30U}, unit{"gb", 1U << 30U}, unit{"gib", 1U << 30U}};
constexpr std::array foreign_durations{unit{"msec", 1},       unit{"milli", 1},       unit{"millisecond", 1},
                                       unit{"m", 60'000},     unit{"", 1'000},        unit{"sec", 1'000},
                                       unit{"second", 1'000}, unit{"min", 60'000},    unit{"minute", 60'000},
                                       unit{"h", 3'600'000},  unit{"hr", 3'600'000},  unit{"hour", 3'600'000},
                                       unit{"d", 86'400'000}, unit{"day", 86'400'000}};

constexpr std::size_t max_digits = 15;  // times the largest factor this still fits 64 bits after the check below

std::optional<std::uint64_t> times(std::string_view digits, std::uint64_t factor) noexcept {
  if (digits.size() > max_digits) return std::nullopt;
  const auto number = ascii::parse_decimal(digits);
  if (!number || *number > UINT64_MAX / factor) return std::nullopt;
  return *number * factor;
}

std::optional<std::uint64_t> parse(std::string_view text, std::span<const unit> units) noexcept {
  std::size_t digits = 0;
  while (digits < text.size() && ascii::is_digit(text[digits])) ++digits;
  if (digits == 0) return std::nullopt;
  for (const unit& u : units) {
    if (text.substr(digits) == u.name) return times(text.substr(0, digits), u.factor);
  }
  return std::nullopt;
}

std::string shortest(std::uint64_t value, std::span<const unit> units) {
  for (const unit& u : units) {
    if (value != 0 && value % u.factor == 0) return std::to_string(value / u.factor) + std::string{u.name};
  }
  return "0" + std::string{units.back().name};
}

/// "1.5 MB" with a table of foreign units → 1572864.
std::optional<std::uint64_t> meant(std::string_view text, std::span<const unit> units) {
  text = ascii::trim(text);
  double number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (failed != std::errc{} || !std::isfinite(number) || number < 0) return std::nullopt;
  std::string name;
  for (const char c : ascii::trim(text.substr(static_cast<std::size_t>(end - text.data())))) name += ascii::to_lower(c);
  for (const bool plural : {false, true}) {
    if (plural && name.ends_with('s')) name.pop_back();
    for (const unit& u : units) {
      if (name != u.name) continue;
      const double value = std::round(number * static_cast<double>(u.factor));
      constexpr double most = 9e15;  // exact in a double
      return value <= most ? std::optional{static_cast<std::uint64_t>(value)} : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) noexcept {
  if (const auto bytes = parse(text, size_units)) return bytes;
  return times(text, 1);
}

std::optional<std::uint64_t> parse_duration(std::string_view text) noexcept { return parse(text, duration_units); }

std::string meant_size(std::string_view text) {
  const auto bytes = meant(text, foreign_sizes);
  return bytes ? size_text(*bytes) : std::string{};
}

std::string meant_duration(std::string_view text) {
  const auto time = meant(text, foreign_durations);
  return time ? duration_text(*time) : std::string{};
}

std::string size_text(std::uint64_t bytes) { return shortest(bytes, size_units); }
std::string duration_text(std::uint64_t milliseconds) { return shortest(milliseconds, duration_units); }

}  // namespace gatehouse
