#include "access_log_repeats.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse {
namespace {

using detail::server::log_record;
using detail::server::log_repeats;
using detail::server::repeat_counter;

log_record refused(reason why, std::string_view route) {
  log_record r;
  r.numbers.why = why;
  r.numbers.status = 404;
  r.route = route;
  return r;
}

struct told_repeats {
  std::uint64_t count = 0;
  std::string lines{};
  void operator()(const log_repeats& r) {
    count += r.count;
    lines += std::string{code(r.why)} + ' ' + std::string{r.route} + ' ' + std::to_string(r.count) + '\n';
  }
};

TEST(access_log_repeats, so_many_a_second_pass_of_each_kind) {
  repeat_counter counter(2);
  told_repeats told;
  const auto tell = [&told](const log_repeats& r) { told(r); };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(counter.passes(refused(reason::http_not_found, "/a"), i), i < 2);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(counter.passes(refused(reason::http_not_found, "/b"), i), i < 2);
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(counter.passes(refused(reason::none, "/a"), i));
  EXPECT_TRUE(counter.waiting());
  counter.settle(999'999, false, tell);
  EXPECT_EQ(told.count, 0U);
  counter.settle(1'000'000, false, tell);
  EXPECT_EQ(told.lines, "http.not-found /a 3\nhttp.not-found /b 1\n");
  EXPECT_FALSE(counter.waiting());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(counter.passes(refused(reason::http_not_found, "/a"), 1'000'001), i < 2);
  counter.settle(1'000'002, true, tell);
  EXPECT_FALSE(counter.passes(refused(reason::http_not_found, "/a"), 1'000'003)) << "the second goes on";
  counter.settle(1'000'004, true, tell);
  EXPECT_EQ(told.count, 6U);
}

TEST(access_log_repeats, counts_are_exact_whatever_comes_when) {
  repeat_counter counter(1);
  told_repeats told;
  const auto tell = [&told](const log_repeats& r) { told(r); };
  std::uint64_t passed = 0;
  std::uint64_t all = 0;
  std::int64_t now = 0;
  for (int i = 0; i < 20'000; ++i) {
    now += i % 977 == 0 ? 1'100'000 : 37;
    if (i == 10'000) now -= 5'000'000;                        // the clock is set back
    const std::string route = "/" + std::to_string(i % 300);  // more than are counted apart
    const reason why = i % 3 == 0 ? reason::http_not_found : reason::upstream_timeout;
    if (counter.passes(refused(why, route), now)) ++passed;
    ++all;
    if (i % 101 == 0) counter.settle(now, false, tell);
  }
  counter.settle(now, true, tell);
  EXPECT_EQ(passed + told.count, all);
  EXPECT_GT(told.count, all / 2);
}

TEST(access_log_repeats, none_is_counted_without_a_bound) {
  repeat_counter counter(0);
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(counter.passes(refused(reason::http_not_found, "/a"), 0));
  EXPECT_FALSE(counter.waiting());
}

}  // namespace
}  // namespace gatehouse
