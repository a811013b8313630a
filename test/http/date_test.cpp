#include <gatehouse/http/date.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace gatehouse {
namespace {

std::string date(long long seconds_since_1970) {
  std::string out(http_date_size, '?');
  write_http_date(system_time{seconds{seconds_since_1970}}, out.data());
  return out;
}

TEST(date, is_an_imf_fixdate) {
  EXPECT_EQ(date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110's own example
  EXPECT_EQ(date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(date(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
  EXPECT_EQ(date(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(date(4107542399), "Sun, 28 Feb 2100 23:59:59 GMT");
  EXPECT_EQ(date(4107542400), "Mon, 01 Mar 2100 00:00:00 GMT");  // 2100 is no leap year
}

TEST(date, fractions_are_cut) {
  std::string out(http_date_size, '?');
  write_http_date(system_time{std::chrono::milliseconds{1999}}, out.data());
  EXPECT_EQ(out, "Thu, 01 Jan 1970 00:00:01 GMT");
}

TEST(date, is_read_in_all_three_forms_and_no_other) {
  constexpr long long rfc_example = 784111777;
  struct {
    const char* text;
    std::optional<long long> want;
  } const rows[] = {
      {"Sun, 06 Nov 1994 08:49:37 GMT", rfc_example},
      {"Sunday, 06-Nov-94 08:49:37 GMT", rfc_example},
      {"Sun Nov  6 08:49:37 1994", rfc_example},
      {"Wed, 16 Nov 1994 08:49:37 GMT", rfc_example + 864000},
      {"Sun Nov 16 08:49:37 1994", rfc_example + 864000},
      {"Mon, 06 Nov 1994 08:49:37 GMT", rfc_example},  // the weekday is not compared
      {"Monday, 06-Nov-23 00:00:00 GMT", 1699228800},
      {"Friday, 06-Nov-73 00:00:00 GMT", 3277152000},  // 50 years ahead of 2023: still the future
      {"Tuesday, 06-Nov-74 00:00:00 GMT", 152928000},  // 51: 1974
      {"Tue, 29 Feb 2000 23:59:60 GMT", 951868800},
      {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
      {"", std::nullopt},
      {"Sun, 06 Nov 1994 08:49:37", std::nullopt},
      {"Sun, 06 Nov 1994 08:49:37 UTC", std::nullopt},
      {"Sun, 06 Nov 1994 08:49:37 GMT ", std::nullopt},
      {" Sun, 06 Nov 1994 08:49:37 GMT", std::nullopt},
      {"sun, 06 Nov 1994 08:49:37 GMT", std::nullopt},
      {"Sun, 6 Nov 1994 08:49:37 GMT", std::nullopt},
      {"Sun, 31 Nov 1994 08:49:37 GMT", std::nullopt},
      {"Sun, 29 Feb 2100 08:49:37 GMT", std::nullopt},
      {"Sun, 06 Nov 1994 24:00:00 GMT", std::nullopt},
      {"Sun, 06 Nov 1994 08:60:37 GMT", std::nullopt},
      {"Sun, 06 Nov 1994 08:49:61 GMT", std::nullopt},
      {"Sun, 06 Nov 94 08:49:37 GMT", std::nullopt},
      {"Sun, 06 Nov 1994 -8:49:37 GMT", std::nullopt},
      {"Wednesday, 06-Nov-1994 08:49:37 GMT", std::nullopt},
      {"Sundaynight, 06-Nov-94 08:49:37 GMT", std::nullopt},
      {"Sun Nov 06 08:49:37 94", std::nullopt},
      {"Sun Nov  6 08:49:\n 1994", std::nullopt},
      {"Sun, 06 \n 1994 08:49:37 GMT", std::nullopt},
      {"0", std::nullopt},
      {"Fri, 31 Dec 2261 23:59:59 GMT", 9214646399},
      {"Sat, 01 Jan 2262 00:00:00 GMT", std::nullopt},
      {"Sun, 06 Nov 9999 08:49:37 GMT", std::nullopt},
      {"Sun, 06 Nov 0000 08:49:37 GMT", std::nullopt},
  };
  const system_time in_2023{seconds{1'700'000'000}};
  for (const auto& r : rows) {
    SCOPED_TRACE(r.text);
    const auto got = parse_http_date(r.text, in_2023);
    ASSERT_EQ(got.has_value(), r.want.has_value());
    if (got) {
      EXPECT_EQ(std::chrono::duration_cast<seconds>(got->time_since_epoch()).count(), *r.want);
    }
  }
}

}  // namespace
}  // namespace gatehouse
