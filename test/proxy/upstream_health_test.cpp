#include "upstream_health.hpp"

#include <gtest/gtest.h>

namespace gatehouse::detail::proxy {
namespace {

using admission = upstream_health::admission;
constexpr passive_health_options options{};  // 3 failures, 1 s, 30 s

class health : public ::testing::Test {
 protected:
  bool fail(bool was_probe = false) { return upstream.failed(was_probe, now, options); }
  bool answer(bool was_probe = false) { return upstream.answered(was_probe, now); }
  admission admit(bool nothing_else = false) { return upstream.admit(now, nothing_else); }
  void take_out() {
    while (upstream.in_use()) (void)fail();
  }
  void pass(milliseconds time) { now += time; }

  upstream_health upstream;
  steady_time now{std::chrono::hours{1}};
};

TEST_F(health, failures_in_a_row_take_it_out_and_only_the_last_one_says_so) {
  EXPECT_FALSE(fail());
  EXPECT_FALSE(fail());
  EXPECT_EQ(admit(), admission::in);
  EXPECT_TRUE(fail());
  EXPECT_EQ(admit(), admission::out);
  EXPECT_FALSE(fail()) << "requests that were under way say nothing new";
  EXPECT_EQ(upstream.out_for(), seconds{1});
}

TEST_F(health, an_answer_between_failures_begins_the_count_anew) {
  for (int i = 0; i < 10; ++i) {
    (void)fail();
    (void)fail();
    EXPECT_FALSE(answer());
  }
  EXPECT_TRUE(upstream.in_use());
}

TEST_F(health, when_its_time_is_over_one_request_probes) {
  take_out();
  pass(milliseconds{999});
  EXPECT_EQ(admit(), admission::out);
  pass(milliseconds{1});
  EXPECT_TRUE(upstream.might_admit(now, false));
  EXPECT_EQ(admit(), admission::probe);
  EXPECT_EQ(admit(), admission::out) << "one at a time";
  EXPECT_FALSE(answer(false)) << "a request from before is no probe";
  EXPECT_FALSE(upstream.in_use());
  EXPECT_TRUE(answer(true));
  EXPECT_EQ(admit(), admission::in);
}

TEST_F(health, a_probe_that_nobody_waited_for_decides_nothing) {
  take_out();
  pass(seconds{1});
  ASSERT_EQ(admit(), admission::probe);
  upstream.abandoned();
  EXPECT_EQ(admit(), admission::probe);
}

TEST_F(health, each_failed_probe_doubles_the_time_up_to_its_bound) {
  take_out();
  for (const int wait : {1, 2, 4, 8, 16, 30, 30}) {
    EXPECT_EQ(upstream.out_for(), seconds{wait});
    pass(milliseconds{wait * 1'000 - 1});
    EXPECT_EQ(admit(), admission::out);
    pass(milliseconds{1});
    ASSERT_EQ(admit(), admission::probe);
    EXPECT_FALSE(fail(true));
  }
}

TEST_F(health, one_that_flaps_stays_out_longer_each_time_and_one_that_was_well_starts_anew) {
  for (const int wait : {1, 2, 4, 8}) {
    take_out();
    EXPECT_EQ(upstream.out_for(), seconds{wait});
    pass(seconds{wait});
    ASSERT_EQ(admit(), admission::probe);
    ASSERT_TRUE(answer(true));
  }
  pass(options.out_at_most);
  take_out();
  EXPECT_EQ(upstream.out_for(), seconds{1});
}

TEST_F(health, its_time_is_not_waited_for_when_nothing_else_is_left) {
  take_out();
  EXPECT_FALSE(upstream.might_admit(now, false));
  EXPECT_TRUE(upstream.might_admit(now, true));
  EXPECT_EQ(admit(true), admission::probe);
  EXPECT_EQ(admit(true), admission::out) << "still one at a time";
}

TEST_F(health, questions_take_it_out_and_bring_it_back) {
  const active_health_options asked{.path = "/health"};  // out after 3, in after 2
  EXPECT_FALSE(upstream.checked(false, asked));
  EXPECT_FALSE(upstream.checked(false, asked));
  EXPECT_FALSE(upstream.checked(true, asked));
  EXPECT_FALSE(upstream.checked(false, asked));
  EXPECT_FALSE(upstream.checked(false, asked));
  EXPECT_TRUE(upstream.checked(false, asked));
  EXPECT_EQ(admit(true), admission::out) << "not even when nothing else is left";
  EXPECT_FALSE(upstream.checked(true, asked));
  EXPECT_TRUE(upstream.checked(true, asked));
  EXPECT_EQ(admit(), admission::in);
}

TEST_F(health, good_answers_to_questions_do_not_end_what_requests_began) {
  take_out();
  EXPECT_FALSE(upstream.checked(true, {.path = "/health"}));
  EXPECT_EQ(admit(), admission::out);
}

}  // namespace
}  // namespace gatehouse::detail::proxy
