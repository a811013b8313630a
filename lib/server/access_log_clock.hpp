#pragma once
// Digits and times of log lines.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

namespace gatehouse::detail::server {

/// "000" to "999", each in four bytes, so that one is a load and a store.
inline constexpr auto three_digits = [] {
  std::array<std::array<char, 4>, 1000> all{};
  for (std::size_t n = 0; n < all.size(); ++n) {
    all[n] = {static_cast<char>('0' + n / 100), static_cast<char>('0' + n / 10 % 10), static_cast<char>('0' + n % 10)};
  }
  return all;
}();

/// "0" to "999", each with its size in the last byte.
inline constexpr auto small_numbers = [] {
  std::array<std::array<char, 4>, 1000> all{};
  for (std::size_t n = 0; n < all.size(); ++n) {
    const std::size_t skipped = n < 10 ? 2 : (n < 100 ? 1 : 0);
    for (std::size_t i = skipped; i < 3; ++i) all[n][i - skipped] = three_digits[n][i];
    all[n][3] = static_cast<char>(3 - skipped);
  }
  return all;
}();

/// "007". `value` is below 1000; `to` has room for one byte more.
[[nodiscard]] inline char* write_three_digits(char* to, unsigned value) noexcept {
  std::memcpy(to, three_digits[value].data(), three_digits[value].size());
  return to + 3;
}

/// "7". `value` is below 1000; `to` has room for four bytes.
[[nodiscard]] inline char* write_small_number(char* to, unsigned value) noexcept {
  std::memcpy(to, small_numbers[value].data(), small_numbers[value].size());
  return to + small_numbers[value][3];
}

/// The times of lines. Keeps the text of the last second: most lines are of the same one.
class line_clock {
 public:
  enum class zone : std::uint8_t {
    utc,    ///< "2026-01-31T12:00:00.123Z"
    local,  ///< "12:00:00.123"
  };
  explicit line_clock(zone z) noexcept : zone_(z) {}
  static constexpr std::size_t max_text = 24;
  /// `to` has room for max_text. Returns behind what was written.
  [[nodiscard]] char* write(char* to, std::int64_t microseconds) noexcept {
    constexpr std::int64_t per_second = 1'000'000;
    if (microseconds < begins_ || microseconds >= begins_ + per_second) render(microseconds / per_second);
    std::memcpy(to, text_.data(), text_.size());  // all of it: a copy of known size costs nothing
    to = write_three_digits(to + size_, static_cast<unsigned>(microseconds - begins_) / 1000);
    if (zone_ == zone::utc) *to++ = 'Z';
    return to;
  }
  void append(std::string& out, std::int64_t microseconds);

 private:
  void render(std::int64_t second) noexcept;
  zone zone_;
  std::int64_t begins_ = std::numeric_limits<std::int64_t>::min();  // microseconds: the second that `text_` is of
  std::array<char, 20> text_{};
  std::size_t size_ = 0;
};

}  // namespace gatehouse::detail::server
