#include <gatehouse/net/loop.hpp>

#include <csignal>

#include <algorithm>
#include <atomic>
#include <thread>

#include "net_fixture.hpp"

namespace gatehouse::net_test {
namespace {

class action final : public deadline {
 public:
  std::function<void()> then;
  int fired = 0;

 private:
  void expired() noexcept override {
    ++fired;
    if (then) then();
  }
};

TEST(net_loop, work_posted_from_other_threads_runs_on_the_loop_in_order) {
  const auto events = loop::make();
  constexpr int threads = 4, each = 500;
  std::vector<std::vector<int>> seen(threads);
  int left = threads * each;
  const auto here = std::this_thread::get_id();
  std::vector<std::jthread> posting;
  for (int t = 0; t < threads; ++t) {
    posting.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) {
        events->post([&, t, i] {
          EXPECT_EQ(std::this_thread::get_id(), here);
          seen[static_cast<std::size_t>(t)].push_back(i);
          if (--left == 0) events->stop();
        });
      }
    });
  }
  events->run();
  for (const auto& numbers : seen) {
    EXPECT_EQ(numbers.size(), each);
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
  }
}

TEST(net_loop, post_wakes_a_loop_that_waits) {
  const auto events = loop::make();
  std::jthread running([&] { events->run(); });
  for (int i = 0; i < 100; ++i) {
    std::atomic<bool> done = false;
    events->post([&] {
      done = true;
      done.notify_one();
    });
    done.wait(false);
  }
  events->stop();
}

TEST(net_loop, a_stop_that_comes_before_run_is_kept) {
  const auto events = loop::make();
  events->stop();
  events->run();
}

TEST(net_loop, it_runs_again_after_stop) {
  const auto events = loop::make();
  int times = 0;
  for (int i = 0; i < 2; ++i) {
    events->post([&] {
      ++times;
      events->stop();
    });
    events->run();
  }
  EXPECT_EQ(times, 2);
}

TEST(net_loop, poll_returns_when_nothing_happens) {
  const auto events = loop::make();
  const auto before = std::chrono::steady_clock::now();
  events->poll(milliseconds{20});
  EXPECT_GE(std::chrono::steady_clock::now() - before, milliseconds{20});
}

TEST(net_loop, poll_runs_what_the_timers_post) {
  virtual_clock clock;
  const auto events = loop::make(&clock);
  bool done = false;
  action a;
  a.then = [&] { events->post([&] { done = true; }); };
  events->timers().set(a, events->now() + seconds{1});
  clock.advance(seconds{1});
  events->poll(milliseconds{0});
  EXPECT_TRUE(done);
}

TEST(net_loop, a_virtual_clock_moves_the_timers) {
  virtual_clock clock;
  const auto events = loop::make(&clock);
  action a;
  events->timers().set(a, events->now() + seconds{75});
  clock.advance(seconds{74});
  events->poll(milliseconds{0});
  EXPECT_EQ(a.fired, 0);
  clock.advance(seconds{1});
  events->poll(milliseconds{0});
  EXPECT_EQ(a.fired, 1);
}

TEST(net_loop, the_real_clock_moves_the_timers) {
  const auto events = loop::make();
  action a;
  a.then = [&] { events->stop(); };
  for (int i = 0; i < 2; ++i) {  // the second time the ticks had stopped
    const steady_time due = events->now() + milliseconds{120};
    events->timers().set(a, due);
    events->run();
    const auto late = std::chrono::steady_clock::now() - due;
    EXPECT_GE(late, milliseconds{0});
    EXPECT_LE(late, seconds{2});  // far more than a tick: what a busy machine may add
  }
  EXPECT_EQ(a.fired, 2);
}

TEST(net_loop, now_stands_still_during_an_event_and_moves_between_them) {
  const auto events = loop::make();
  std::vector<steady_time> seen;
  const auto look = [&] {
    seen.push_back(events->now());
    std::this_thread::sleep_for(milliseconds{2});
    seen.push_back(events->now());
  };
  events->post(look);
  events->post(look);
  events->poll(milliseconds{0});
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_LT(seen[1], seen[2]);
  EXPECT_EQ(seen[2], seen[3]);
  look();  // outside of events it is never old
  EXPECT_LT(seen[4], seen[5]);
}

TEST(net_loop, signals_are_told_on_the_loop_each_time) {
  const auto events = loop::make();
  std::vector<int> seen;
  const std::array signals{SIGUSR1, SIGUSR2};
  events->on_signals(signals, [&](int number) { seen.push_back(number); });
  for (const int number : {SIGUSR1, SIGUSR2, SIGUSR1}) {
    const std::size_t before = seen.size();
    ASSERT_EQ(::kill(::getpid(), number), 0);
    ASSERT_TRUE(run_until(*events, [&] { return seen.size() > before; }));
  }
  EXPECT_EQ(seen, (std::vector{SIGUSR1, SIGUSR2, SIGUSR1}));
}

TEST(net_loop, a_signal_handler_may_replace_itself) {
  const auto events = loop::make();
  int first = 0, second = 0;
  const std::array signals{SIGUSR1};
  events->on_signals(signals, [&](int) {
    ++first;
    events->on_signals(signals, [&](int) { ++second; });
  });
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(::kill(::getpid(), SIGUSR1), 0);
    ASSERT_TRUE(run_until(*events, [&] { return first + second == i + 1; }));
  }
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 1);
}

TEST(net_loop, a_loop_leaves_no_descriptor) {
  const std::size_t before = open_descriptors();
  {
    const auto events = loop::make();
    auto door = events->listen(at("127.0.0.1:0"), false);
    ASSERT_TRUE(door.has_value());
    connect_recorder owner;
    const auto attempt = events->connect("127.0.0.1", (*door)->local().port, seconds{5}, owner);
    events->poll(milliseconds{5});
  }
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace gatehouse::net_test
