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

/// Reads a text from its front; once something was not as expected, everything after fails.
class date_reader {
 public:
  explicit date_reader(std::string_view text) noexcept : text_(text) {}

  void literal(std::string_view expected) noexcept {
    if (!skip(expected)) fail();
  }
  /// Exactly `digits` digits.
  unsigned number(std::size_t digits) noexcept {
    unsigned value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = i < text_.size() ? text_[i] : '\0';
      if (c < '0' || c > '9') return fail();
      value = value * 10 + static_cast<unsigned>(c - '0');
    }
    text_.remove_prefix(digits);
    return value;
  }
  /// The position of a name of three letters.
  unsigned name(std::string_view names) noexcept {
    for (std::size_t at = 0; at < names.size(); at += 3) {
      if (!text_.starts_with(names.substr(at, 3))) continue;
      text_.remove_prefix(3);
      return static_cast<unsigned>(at / 3);
    }
    return fail();
  }
  /// Whether `expected` is next; skips it then.
  bool skip(std::string_view expected) noexcept {
    if (!text_.starts_with(expected)) return false;
    text_.remove_prefix(expected.size());
    return true;
  }
  [[nodiscard]] bool ended() const noexcept { return !failed_ && text_.empty(); }

 private:
  unsigned fail() noexcept {
    failed_ = true;
    text_ = {};
    return 0;
  }
  std::string_view text_;
  bool failed_ = false;
};

// What fits into system_time: 64 bits of nanoseconds.
constexpr unsigned first_year = 1678;
constexpr unsigned last_year = 2261;

struct date_parts {
  unsigned year = 0;
  unsigned month = 0;  // from 0
  unsigned day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
};

void read_time(date_reader& from, date_parts& to) noexcept {
  to.hour = from.number(2);
  from.literal(":");
  to.minute = from.number(2);
  from.literal(":");
  to.second = from.number(2);
}

std::optional<system_time> time_of(const date_parts& p) noexcept {
  using namespace std::chrono;
  const year_month_day date{year{static_cast<int>(p.year)}, month{p.month + 1}, day{p.day}};
  // RFC 9110 section 5.6.7 has second 60, for a leap second, which is the next second for us.
  if (!date.ok() || p.hour > 23 || p.minute > 59 || p.second > 60) return std::nullopt;
  if (p.year < first_year || p.year > last_year) return std::nullopt;
  return system_time{sys_days{date}} + hours{p.hour} + minutes{p.minute} + seconds{p.second};
}

unsigned year_of(system_time t) noexcept {
  return static_cast<unsigned>(
      static_cast<int>(std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(t)}.year()));
}

constexpr std::string_view long_day_ends[] = {"day", "day", "sday", "nesday", "rsday", "day", "urday"};

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

// https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
std::optional<system_time> parse_http_date(std::string_view text, system_time now) noexcept {
  date_reader from{text};
  date_parts p;
  const unsigned weekday = from.name(days);
  if (from.skip(", ")) {  // IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
    p.day = from.number(2);
    from.literal(" ");
    p.month = from.name(months);
    from.literal(" ");
    p.year = from.number(4);
    from.literal(" ");
    read_time(from, p);
    from.literal(" GMT");
  } else if (from.skip(" ")) {  // asctime: Sun Nov  6 08:49:37 1994
    p.month = from.name(months);
    from.literal(" ");
    p.day = from.skip(" ") ? from.number(1) : from.number(2);
    from.literal(" ");
    read_time(from, p);
    from.literal(" ");
    p.year = from.number(4);
  } else {  // RFC 850: Sunday, 06-Nov-94 08:49:37 GMT
    from.literal(long_day_ends[weekday]);
    from.literal(", ");
    p.day = from.number(2);
    from.literal("-");
    p.month = from.name(months);
    from.literal("-");
    const unsigned this_year = year_of(now);
    p.year = this_year - this_year % 100 + from.number(2);
    if (p.year > this_year + 50) p.year -= 100;
    from.literal(" ");
    read_time(from, p);
    from.literal(" GMT");
  }
  return from.ended() ? time_of(p) : std::nullopt;
}

}  // namespace gatehouse
