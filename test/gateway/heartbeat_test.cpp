#include "heartbeat.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "played_manager.hpp"

namespace gatehouse::program {
namespace {

constexpr milliseconds patience{15'000};

gateway_config two_loops() {
  gateway_config config;
  config.upstream = {"http://127.0.0.1:9"};
  config.listen = {"127.0.0.1:0"};
  config.threads = 2;
  return config;
}

TEST(heartbeat, is_heard_only_while_every_loop_answers) {
  const played_manager systemd(unique("@gatehouse-heartbeat-"));
  service_manager manager(systemd.name(), milliseconds{30});
  front_door door(two_loops());
  door.on_stopping([&manager](milliseconds at_most) { manager.stopping(at_most); });
  ASSERT_TRUE(door.open().empty());
  std::thread serving([&door] { door.run(); });
  {
    const heartbeat beats(door, manager);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(systemd.heard_within(patience), "WATCHDOG=1");

    std::latch hangs(1);
    std::latch goes_on(1);
    door.when_all_loops_answer([&] {
      hangs.count_down();
      goes_on.wait();
    });
    hangs.wait();
    while (systemd.heard()) {  // what was said before
    }
    EXPECT_EQ(systemd.heard_within(milliseconds{150}), std::nullopt) << "a loop hangs";
    goes_on.count_down();
    EXPECT_EQ(systemd.heard_within(patience), "WATCHDOG=1");
  }
  while (systemd.heard()) {
  }
  door.stop();
  serving.join();
  const std::string last = systemd.heard().value_or("");
  EXPECT_TRUE(last.starts_with("STOPPING=1\nEXTEND_TIMEOUT_USEC=15000000\n")) << last;
  EXPECT_EQ(systemd.heard(), std::nullopt) << "said once";
}

TEST(heartbeat, does_nothing_where_nobody_asked) {
  const played_manager systemd(unique("@gatehouse-no-heartbeat-"));
  const service_manager manager(systemd.name());
  front_door door(two_loops());
  ASSERT_TRUE(door.open().empty());
  const heartbeat beats(door, manager);
  EXPECT_EQ(systemd.heard(), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::program
