#include "parse_time.hpp"

#include <array>
#include <chrono>

namespace gatehouse::program {
namespace {

constexpr std::string_view shape = "0000-00-00T00:00:00";

/// The numbers of a text of this shape: year, month, day, hour, minute, second.
std::optional<std::array<unsigned, 6>> numbers_of(std::string_view text) noexcept {
  std::array<unsigned, 6> out{};
  std::size_t field = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] != '0') {
      if (text[i] != shape[i]) return std::nullopt;
      ++field;
      continue;
    }
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    out[field] = out[field] * 10 + static_cast<unsigned>(text[i] - '0');
  }
  return out;
}

/// ".123", or nothing at all.
std::optional<unsigned> thousandths_of(std::string_view fraction) noexcept {
  if (fraction.empty()) return 0;
  if (fraction.size() != 4 || fraction.front() != '.') return std::nullopt;
  unsigned out = 0;
  for (const char c : fraction.substr(1)) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + static_cast<unsigned>(c - '0');
  }
  return out;
}

}  // namespace

std::optional<system_time> parse_time(std::string_view text) noexcept {
  using namespace std::chrono;
  if (text.size() <= shape.size() || !text.ends_with('Z')) return std::nullopt;
  const auto numbers = numbers_of(text);
  const auto thousandths = thousandths_of(text.substr(shape.size(), text.size() - shape.size() - 1));
  if (!numbers || !thousandths) return std::nullopt;
  const auto [y, m, d, hour, minute, second] = *numbers;
  const year_month_day date{year{static_cast<int>(y)}, month{m}, day{d}};
  // The years that the clock has.
  const bool is_time = date.ok() && y >= 1970 && y < 2262 && hour < 24 && minute < 60 && second < 60;
  if (!is_time) return std::nullopt;
  return sys_days{date} + hours{hour} + minutes{minute} + seconds{second} + milliseconds{*thousandths};
}

}  // namespace gatehouse::program
