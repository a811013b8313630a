#include "upstream_counts.hpp"

#include <memory>

#include <gtest/gtest.h>

namespace gatehouse::detail::proxy {
namespace {

TEST(upstream_counts, sums_what_each_loop_asked_and_has_open) {
  upstream_counts c;
  const int loops[2] = {};
  const auto first_pool = std::make_shared<pool_counts>();
  const auto second_pool = std::make_shared<pool_counts>();
  upstream_tally& first = c.of(&loops[0], first_pool);
  upstream_tally& second = c.of(&loops[1], second_pool);
  ASSERT_NE(&first, &second);
  first.requests.add(3);
  second.requests.add();
  second.failures.add();
  first_pool->open.add(2);
  first_pool->idle.add();
  second_pool->open.add();
  const upstream_counts::sums s = c.all();
  EXPECT_EQ(s.requests, 4U);
  EXPECT_EQ(s.failures, 1U);
  EXPECT_EQ(s.open, 3U);
  EXPECT_EQ(s.idle, 1U);
}

TEST(upstream_counts, a_loop_keeps_its_tally_with_the_pool_it_has_now) {
  upstream_counts c;
  const int loop = 0;
  const auto before = std::make_shared<pool_counts>();
  before->open.add(5);
  upstream_tally& tally = c.of(&loop, before);
  tally.requests.add();
  const auto now = std::make_shared<pool_counts>();
  now->idle.add(9);  // read at another moment than `open`: never more than that
  EXPECT_EQ(&c.of(&loop, now), &tally);
  EXPECT_EQ(c.all().requests, 1U);
  EXPECT_EQ(c.all().open, 0U);
  EXPECT_EQ(c.all().idle, 0U);
}

}  // namespace
}  // namespace gatehouse::detail::proxy
