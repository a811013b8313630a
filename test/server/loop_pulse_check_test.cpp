#include "loop_pulse_check.hpp"

#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse::detail::server {
namespace {

TEST(loop_pulse_check, tells_a_loop_that_turns_from_one_that_hangs) {
  const std::unique_ptr<loop> one = loop::make();
  const std::unique_ptr<loop> hangs = loop::make();
  const std::vector<loop*> both{one.get(), hangs.get()};
  loop_pulse_check check;
  std::thread turning([&] { one->run(); });
  EXPECT_FALSE(check.all_answer(both, milliseconds{1}));
  EXPECT_FALSE(check.all_answer(both, milliseconds{1}));
  std::thread again([&] { hangs->run(); });
  EXPECT_TRUE(check.all_answer(both, milliseconds{60'000}));
  EXPECT_TRUE(check.all_answer(both, milliseconds{60'000}));
  one->stop();
  hangs->stop();
  turning.join();
  again.join();
}

}  // namespace
}  // namespace gatehouse::detail::server
