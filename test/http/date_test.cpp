#include <gatehouse/http/date.hpp>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace gatehouse
