#include <gatehouse/http/date.hpp>

#include <algorithm>
#include <chrono>

namespace gatehouse {
namespace {

constexpr char days[] = "SunMonTueWedThuFriSat";
constexpr char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

char* put_two(char* out, unsigned value) noexcept {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
  return out + 2;
}

char* put_text(char* out, const char* text, std::size_t size) noexcept { return std::copy_n(text, size, out); }

}  // namespace

// https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 : day-name "," SP day SP month SP year SP time-of-day SP GMT.
// Not strftime: the names are English whatever the locale.
void write_http_date(system_time t, char* out) noexcept {
  using std::chrono::floor;
  const auto day = floor<std::chrono::days>(t);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{floor<std::chrono::seconds>(t - day)};
  // Four digits are all the grammar has; a clock outside of them is broken, and a wrong date better than a longer one.
  const auto year = static_cast<unsigned>(std::clamp(static_cast<int>(date.year()), 0, 9999));

  out = put_text(out, days + 3 * std::chrono::weekday{day}.c_encoding(), 3);
  out = put_text(out, ", ", 2);
  out = put_two(out, static_cast<unsigned>(date.day()));
  *out++ = ' ';
  out = put_text(out, months + 3 * (static_cast<unsigned>(date.month()) - 1), 3);
  *out++ = ' ';
  out = put_two(put_two(out, year / 100), year % 100);
  *out++ = ' ';
  out = put_two(out, static_cast<unsigned>(time.hours().count()));
  *out++ = ':';
  out = put_two(out, static_cast<unsigned>(time.minutes().count()));
  *out++ = ':';
  out = put_two(out, static_cast<unsigned>(time.seconds().count()));
  put_text(out, " GMT", 4);
}

}  // namespace gatehouse
